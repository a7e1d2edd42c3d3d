// Puts the pieces of one encode behind each other in one file, so that it can be measured as a whole.
import { open, readFile } from "node:fs/promises";
import { laterFragments, readFragments } from "#encode/boxes.ts";
import { encodeFaults } from "#encode/faults.ts";
import { Fault } from "#units/fault.ts";

export interface PlacedPiece {
  readonly path: string;
  readonly startFrame: number;
}

/**
 * The first piece's init and everybody's fragments, each later by its start.
 *
 * @throws Fault encode-piece-mismatch when a piece is not a whole fragmented file
 */
export async function joinPieces(
  pieces: readonly PlacedPiece[],
  ticksPerFrame: number,
  output: string,
): Promise<void> {
  const file = await open(output, "w");
  try {
    for (const [index, { path, startFrame }] of pieces.entries()) {
      const bytes = await readFile(path);
      const structure = readFragments(bytes);
      const later = laterFragments(bytes, startFrame * ticksPerFrame);
      if (structure === undefined || later === undefined) {
        const reason = "it is not a whole fragmented MP4";
        throw new Fault(encodeFaults.pieceMismatch, { rung: "", start: startFrame, end: startFrame, reason });
      }
      if (index === 0) await file.write(bytes.subarray(0, structure.initEnd));
      await file.write(later);
    }
  } finally {
    await file.close();
  }
}
