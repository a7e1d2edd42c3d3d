// The final encode: fragmented MP4 pieces, kept by what went into them, verified frame by frame.
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Reference } from "#encode/argv.ts";
import { type PieceOrder, pieceArgs, piecesArgs } from "#encode/argv-video.ts";
import { readFragments } from "#encode/boxes.ts";
import { encodeFaults } from "#encode/faults.ts";
import { groupsComplaint } from "#encode/scores.ts";
import { Fault } from "#units/fault.ts";
import type { Bench } from "./bench.ts";
import { isKept, keepFile, keyOf } from "./vault.ts";
import { withScratch } from "./workshop.ts";

export interface MadePiece {
  readonly path: string;
  /** Of its coded frames: what a trial counts too. Boxes come on top. */
  readonly bytes: number;
  readonly initSha256: string;
}

/** A piece that is wanted, and where it lies once it is made. */
export interface WantedPiece {
  readonly order: PieceOrder;
  readonly path: string;
}

/** Where the piece lies once it is made. Two rungs that want the same shot at the same size and CRF share it. */
export function piecePath(
  order: PieceOrder,
  reference: Reference,
  referenceKey: string,
  bench: Bench,
): string {
  const args = pieceArgs(reference, order, "piece.mp4");
  const nameless = args.map((arg) => arg.replaceAll(reference.path, "REFERENCE"));
  const key = keyOf({ referenceKey, args: nameless, by: bench.ffmpeg.build });
  return join(bench.workDir, "pieces", `${key}.mp4`);
}

/** The piece of an earlier run, or undefined when there is none or it is not whole. */
export async function keptPiece({ path, order }: WantedPiece, bench: Bench): Promise<MadePiece | undefined> {
  if (!(await isKept(path, bench.signal))) return undefined;
  const looked = await inspect(path, order);
  return looked.kind === "sound" ? looked.piece : undefined;
}

/**
 * Makes pieces of one rung by one program: each is what it would be alone, only the program starts once.
 *
 * @throws Fault encode-piece-mismatch when the encoder did not make the frames that were ordered
 */
export async function makePieces(
  wanted: readonly WantedPiece[],
  reference: Reference,
  bench: Bench,
  signal: AbortSignal,
): Promise<readonly MadePiece[]> {
  const frames = wanted.reduce((sum, { order }) => sum + order.frames, 0);
  const filmSeconds = (frames * reference.rate.den) / reference.rate.num;
  return withScratch(bench.workDir, async (scratch) => {
    const outputs = wanted.map(({ order }, index) => ({ order, output: `${index}.mp4` }));
    const args = piecesArgs(reference, outputs);
    const work = { tool: bench.ffmpeg, reads: [reference.path], scratch, filmSeconds, signal };
    await bench.workshop.run({ ...work, args });
    const made: MadePiece[] = [];
    for (const [index, { order, path }] of wanted.entries()) {
      const fresh = join(scratch, `${index}.mp4`);
      const looked = await inspect(fresh, order);
      if (looked.kind === "unsound") throw unsound(order, looked.because);
      await keepFile(fresh, path, signal);
      made.push({ ...looked.piece, path });
    }
    return made;
  });
}

type Looked =
  | { readonly kind: "sound"; readonly piece: MadePiece }
  | { readonly kind: "unsound"; readonly because: string };

async function inspect(path: string, order: PieceOrder): Promise<Looked> {
  const file = await readFile(path);
  const structure = readFragments(file);
  if (structure === undefined) return { kind: "unsound", because: "it is not a whole fragmented MP4" };
  const groups = structure.fragments.map((fragment) => fragment.frameBytes);
  const complaint = groupsComplaint(groups, order.keyframes, order.startFrame + order.frames);
  if (complaint !== undefined) return { kind: "unsound", because: complaint };
  const initSha256 = createHash("sha256").update(file.subarray(0, structure.initEnd)).digest("hex");
  const bytes = groups.flat().reduce((sum, size) => sum + size, 0);
  return { kind: "sound", piece: { path, bytes, initSha256 } };
}

function unsound({ codec, width, height, startFrame, frames }: PieceOrder, reason: string): Fault {
  const rung = `${codec} ${width}×${height}`;
  return new Fault(encodeFaults.pieceMismatch, { rung, start: startFrame, end: startFrame + frames, reason });
}
