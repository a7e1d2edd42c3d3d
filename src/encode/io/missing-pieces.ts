// The pieces of many encodes that are not on disk yet, small ones of an encode together, each job done by whoever claims it.
import type { Reference } from "#encode/argv.ts";
import type { Bench } from "./bench.ts";
import { doTogether } from "./claims.ts";
import { keptPiece, type MadePiece, makePieces, type WantedPiece } from "./pieces.ts";
import { type Progress, paceOver } from "./progress.ts";

/**
 * Makes of each encode's pieces those that are not there yet, side by side, and notes all in `made`. A piece is kept as soon
 * as it is finished: whoever is stopped has lost only what was being made.
 *
 * @throws Fault encode-piece-mismatch
 */
export async function makeMissing(
  wanted: readonly (readonly WantedPiece[])[],
  made: Map<string, MadePiece>,
  reference: Reference,
  bench: Bench,
  onProgress: (progress: Progress) => void,
): Promise<{ readonly run: number; readonly reused: number }> {
  const known = new Set(made.keys());
  const missing: (readonly WantedPiece[])[] = [];
  // By the whole batch's first piece: whoever looks while another is half through lacks the second half alone, and must find
  // it claimed.
  const claims = new Map<readonly WantedPiece[], string>();
  let reused = 0;
  for (const batch of wanted.flatMap(batchesOf)) {
    const lacking: WantedPiece[] = [];
    for (const piece of batch) {
      if (known.has(piece.path)) continue;
      known.add(piece.path);
      const kept = await keptPiece(piece, bench);
      if (kept === undefined) lacking.push(piece);
      else {
        made.set(piece.path, kept);
        reused++;
      }
    }
    if (lacking.length === 0) continue;
    missing.push(lacking);
    claims.set(lacking, batch[0]?.path ?? "");
  }
  if (missing.length > 0) bench.elsewhere?.offer({ kind: "pieces", reference, batches: missing });
  const workOf = (batch: readonly WantedPiece[]): number =>
    batch.reduce((sum, { order }) => sum + order.width * order.height * order.frames, 0);
  let run = 0;
  const pace = paceOver(missing, workOf, reused);
  onProgress(pace.now());
  await doTogether(missing, bench.workshop, bench.signal, {
    path: (batch) => claims.get(batch) ?? "",
    kept: async (batch) => {
      const kept = await Promise.all(batch.map((piece) => keptPiece(piece, bench)));
      return kept.every((piece) => piece !== undefined) ? noteAll(batch, kept, made) : undefined;
    },
    make: async (batch, signal) => {
      const fresh = await makePieces(batch, reference, bench, signal);
      run += batch.length;
      onProgress(pace.finished(batch));
      return noteAll(batch, fresh, made);
    },
  });
  const wantedNow = missing.reduce((sum, batch) => sum + batch.length, reused);
  return { run, reused: wantedNow - run };
}

/**
 * Frames that one program encodes at the least, and pieces at the most: starting one costs as much as ten frames. SVT-AV1
 * takes half a gigabyte of address space per encoder, whatever the picture's size, and where it gets none it waits for
 * ever: four leave room within the walls.
 */
const batchFrames = 150;
const batchPieces = 4;
/** Pixels of the pictures that encoders side by side in one program work on: their memory grows with them. */
const batchPixels = 2_000_000;

/**
 * Small pieces of one rung together, in film order. The same pieces always make the same batches, whatever is there
 * already, so that two processes claim the same ones.
 */
function batchesOf(pieces: readonly WantedPiece[]): readonly (readonly WantedPiece[])[] {
  const batches: WantedPiece[][] = [];
  let [frames, last]: [number, WantedPiece[] | undefined] = [0, undefined];
  for (const piece of pieces) {
    const { width, height } = piece.order;
    const most = Math.min(batchPieces, Math.floor(batchPixels / (width * height)));
    if (last === undefined || frames >= batchFrames || last.length >= most) {
      last = [];
      frames = 0;
      batches.push(last);
    }
    last.push(piece);
    frames += piece.order.frames;
  }
  return batches;
}

function noteAll(
  batch: readonly WantedPiece[],
  pieces: readonly MadePiece[],
  made: Map<string, MadePiece>,
): true {
  for (const [index, piece] of pieces.entries()) made.set(batch[index]?.path ?? "", piece);
  return true;
}
