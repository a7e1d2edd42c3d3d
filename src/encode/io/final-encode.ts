// All pieces of all rungs, side by side; then the proof that each rung's pieces can be joined.
import type { PieceOrder } from "#encode/argv-video.ts";
import { encodeFaults } from "#encode/faults.ts";
import { timescaleOf } from "#encode/frame-rate.ts";
import type { RungChoice } from "#encode/ladder.ts";
import { nameRungs, pieceOrders } from "#encode/rungs.ts";
import type { EncodedRung, Piece, Rung } from "#model/encoded.ts";
import { assert } from "#units/assert.ts";
import { Fault } from "#units/fault.ts";
import { framesToSeconds } from "#units/quantity.ts";
import type { Bench } from "./bench.ts";
import { keptPiece, type MadePiece, makePiece, piecePath } from "./pieces.ts";
import { type Progress, paceOver } from "./progress.ts";
import type { TrialOrder } from "./trials.ts";
import { sideBySide } from "./workshop.ts";

export interface FinalEncode {
  readonly rungs: readonly { readonly encoded: EncodedRung; readonly bits: number }[];
  readonly run: number;
  readonly reused: number;
}

interface Wanted {
  readonly rung: Rung;
  readonly choice: RungChoice;
  readonly pieces: readonly { readonly order: PieceOrder; readonly path: string }[];
}

/** @throws Fault encode-piece-mismatch, encode-init-mismatch */
export async function encodeRungs(
  ladder: readonly RungChoice[],
  order: TrialOrder,
  bench: Bench,
  onProgress: (progress: Progress) => void,
): Promise<FinalEncode> {
  const wanted = wantedPieces(ladder, order, bench);
  const unique = new Map(wanted.flatMap(({ pieces }) => pieces).map((piece) => [piece.path, piece.order]));
  const made = new Map<string, MadePiece>();
  for (const [path, piece] of unique) {
    const kept = await keptPiece(path, piece, bench);
    if (kept !== undefined) made.set(path, kept);
  }
  const reused = made.size;
  const missing = [...unique].filter(([path]) => !made.has(path));
  const pace = paceOver(missing, ([, piece]) => piece.width * piece.height * piece.frames, reused);
  onProgress(pace.now());
  await sideBySide(missing, bench.workshop.jobs, bench.signal, async (item, signal) => {
    const [path, piece] = item;
    made.set(path, await makePiece(path, piece, order.reference, bench, signal));
    onProgress(pace.finished(item));
  });
  return { rungs: wanted.map((rung) => joined(rung, made, order)), run: missing.length, reused };
}

function wantedPieces(ladder: readonly RungChoice[], order: TrialOrder, bench: Bench): readonly Wanted[] {
  const { reference, referenceKey, frames, shots, plan, preset } = order;
  const rungs = nameRungs(ladder, framesToSeconds(frames, reference.rate));
  return ladder.flatMap((choice, index) => {
    const rung = rungs[index];
    if (rung === undefined) return [];
    const orders = pieceOrders(rung, shots, plan, reference.rate, preset);
    const pieces = orders.map((piece) => ({
      order: piece,
      path: piecePath(piece, reference, referenceKey, bench),
    }));
    return [{ rung, choice, pieces }];
  });
}

/** A rung has one init segment, so every piece must need the very same one. */
function joined(
  { rung, choice, pieces }: Wanted,
  made: ReadonlyMap<string, MadePiece>,
  order: TrialOrder,
): FinalEncode["rungs"][number] {
  const inits = new Set<string>();
  let bits = 0;
  const joinedPieces = pieces.map(({ order: { startFrame, frames }, path }, shot): Piece => {
    const piece = made.get(path);
    assert(piece !== undefined, "every piece was made");
    if (inits.add(piece.initSha256).size > 1) {
      throw new Fault(encodeFaults.initMismatch, { rung: rung.id, start: startFrame });
    }
    bits += piece.bytes * 8;
    return { startFrame, frames, path, quality: choice.points[shot]?.quality ?? rung.quality };
  });
  return { encoded: { rung, ...timescaleOf(order.reference.rate), pieces: joinedPieces }, bits };
}
