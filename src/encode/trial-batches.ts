// Which trials are made together: for several of one size, one program reads and scales the film once and another scores them
// against one reading of it. How they are divided changes no figure.
import type { Size } from "./size.ts";
import type { GridPoint } from "./trial-grid.ts";

export interface BatchFacts {
  /** How many batches are worked on at once. */
  readonly workers: number;
  /** What trials are scored at, and no trial is larger. */
  readonly display: Size;
  /** Of the film. */
  readonly frames: number;
}

/**
 * Pixels of the pictures that one program has in hand side by side, three of 1080 lines. Each of those takes up to 480 MiB of
 * address space more, encoded by x264 "medium" or scored by libvmaf, beside 800 MiB for the first: 1.7 of the 4 GiB inside
 * the walls. Two of 2160 lines take 3.4, and three are refused. Another default of `MILLRACE_SANDBOX_MEMORY_MIB` would change this.
 */
const mostPixels = 3 * 1920 * 1080;

/**
 * Pixels × frames of one batch, at display size: whoever is killed has lost what was not finished. Encoding by x264 "veryfast" and
 * scoring by VMAF take 17 s of a processor for 10⁹ of them, so this is five minutes: three trials of 540 lines and eight minutes.
 */
const mostWork = 1.8e10;

/**
 * Somebody's own grid may have many CRFs of a tiny picture. Inside the walls 64 files may be open, and more than this saves
 * next to nothing: the one reading is shared by eight already.
 */
const mostPoints = 8;

/** So that nobody is left with the last batch while the others have nothing to do. */
const batchesPerWorker = 2;

/** All points, those of one size together as far as it is worth it; larger pictures first, so that the workers end together. */
export function trialBatches(
  points: readonly GridPoint[],
  facts: BatchFacts,
): readonly (readonly GridPoint[])[] {
  const most = mostTogether(points.length, facts);
  const sizes = Map.groupBy(points, ({ width, height }) => `${width}×${height}`);
  const batches = [...sizes.values()].flatMap((same) => evenly(same, most));
  return batches.sort((a, b) => pixelsOf(b) - pixelsOf(a));
}

function mostTogether(points: number, { workers, display, frames }: BatchFacts): number {
  const pixels = display.width * display.height;
  const most = Math.min(
    mostPoints,
    points / (batchesPerWorker * workers),
    mostPixels / pixels,
    mostWork / (pixels * frames),
  );
  return Math.max(1, Math.floor(most));
}

/** As few lists as hold at most `most` each, the longest first and at most one longer than the last. */
function evenly<T>(items: readonly T[], most: number): readonly (readonly T[])[] {
  const lists = Math.ceil(items.length / most);
  const starts = Array.from({ length: lists }, (_, n) => Math.ceil((n * items.length) / lists));
  return starts.map((start, n) => items.slice(start, starts[n + 1]));
}

function pixelsOf([point]: readonly GridPoint[]): number {
  return point === undefined ? 0 : point.width * point.height;
}
