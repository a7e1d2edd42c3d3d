// The final encode: one fragmented MP4 piece per shot and rung, kept by what went into it, verified frame by frame.
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Reference } from "#encode/argv.ts";
import { type PieceOrder, pieceArgs } from "#encode/argv-video.ts";
import { readFragments } from "#encode/boxes.ts";
import { encodeFaults } from "#encode/faults.ts";
import { groupsComplaint } from "#encode/scores.ts";
import { Fault } from "#units/fault.ts";
import type { Bench } from "./bench.ts";
import { isKept, keepFile, keyOf } from "./vault.ts";
import { withScratch } from "./workshop.ts";

export interface MadePiece {
  readonly path: string;
  readonly bytes: number;
  readonly initSha256: string;
}

const fresh = "piece.mp4";

/** Where the piece lies once it is made. Two rungs that want the same shot at the same size and CRF share it. */
export function piecePath(
  order: PieceOrder,
  reference: Reference,
  referenceKey: string,
  bench: Bench,
): string {
  const args = pieceArgs(reference, order, fresh).map((arg) => arg.replaceAll(reference.path, "REFERENCE"));
  return join(bench.workDir, "pieces", `${keyOf({ referenceKey, args, by: bench.ffmpeg.version })}.mp4`);
}

/** The piece of an earlier run, or undefined when there is none or it is not whole. */
export async function keptPiece(
  path: string,
  order: PieceOrder,
  bench: Bench,
): Promise<MadePiece | undefined> {
  if (!(await isKept(path, bench.signal))) return undefined;
  const looked = await inspect(path, order);
  return looked.kind === "sound" ? looked.piece : undefined;
}

/** @throws Fault encode-piece-mismatch when the encoder did not make the frames that were ordered */
export async function makePiece(
  path: string,
  order: PieceOrder,
  reference: Reference,
  bench: Bench,
  signal: AbortSignal,
): Promise<MadePiece> {
  const filmSeconds = (order.frames * reference.rate.den) / reference.rate.num;
  return withScratch(bench.workDir, async (scratch) => {
    const args = pieceArgs(reference, order, fresh);
    await bench.workshop.run({
      tool: bench.ffmpeg,
      args,
      reads: [reference.path],
      scratch,
      filmSeconds,
      signal,
    });
    const looked = await inspect(join(scratch, fresh), order);
    if (looked.kind === "unsound") {
      const end = order.startFrame + order.frames;
      const rung = `${order.width}×${order.height}`;
      throw new Fault(encodeFaults.pieceMismatch, {
        rung,
        start: order.startFrame,
        end,
        reason: looked.because,
      });
    }
    await keepFile(join(scratch, fresh), path, signal);
    return { ...looked.piece, path };
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
  return { kind: "sound", piece: { path, bytes: file.length, initSha256 } };
}
