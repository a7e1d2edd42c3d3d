// How many bytes cross a depth of the catalogue from one day to the next: what a cutoff at that depth would make move.
import type { FileColumns } from "./columns.ts";
import { densityOrder } from "./density.ts";

/** X(D) at rising depths in [0, 1]. */
export interface Crossings {
  readonly depth: Float64Array;
  readonly bytesPerDay: Float64Array;
}

/** Even steps of depth at which crossings are counted: half a percent, finer than a cutoff is held. */
const steps = 200;

/**
 * Mean bytes a day whose depth changes from one side of D to the other, in a replay of daily plays. At least seven
 * days should be given; fewer than two give nothing.
 *
 * A file's depth is the middle of its bytes in the order of that day. Source: placement research §1.3 (derived).
 */
export function crossingsOf(files: FileColumns, daily: readonly Float64Array[]): Crossings | undefined {
  if (daily.length < 2) return undefined;
  const change = new Float64Array(steps + 2);
  let before = depths(files, daily[0] ?? new Float64Array(files.count));
  for (const plays of daily.slice(1)) {
    const now = depths(files, plays);
    for (let i = 0; i < files.count; i++) {
      const [a, b] = [before[i] ?? 0, now[i] ?? 0];
      const first = Math.ceil(Math.min(a, b) * steps);
      const past = Math.ceil(Math.max(a, b) * steps);
      change[first] = (change[first] ?? 0) + (files.sizeBytes[i] ?? 0);
      change[past] = (change[past] ?? 0) - (files.sizeBytes[i] ?? 0);
    }
    before = now;
  }
  const depth = Float64Array.from({ length: steps + 1 }, (_, i) => i / steps);
  let sum = 0;
  const bytesPerDay = depth.map((_, i) => {
    sum += change[i] ?? 0;
    return Math.max(0, sum) / (daily.length - 1);
  });
  return { depth, bytesPerDay };
}

function depths(files: FileColumns, plays: Float64Array): Float64Array {
  const { sizeBytes, count } = files;
  const order = densityOrder(plays, files);
  const depth = new Float64Array(count);
  let total = 0;
  for (const file of order) total += sizeBytes[file] ?? 0;
  let above = 0;
  for (const file of order) {
    const size = sizeBytes[file] ?? 0;
    depth[file] = total > 0 ? (above + size / 2) / total : 0;
    above += size;
  }
  return depth;
}

/** X(D), straight between the depths that were counted; 0 outside of them. */
export function crossingAt(crossings: Crossings, x: number): number {
  const { depth, bytesPerDay } = crossings;
  for (let i = 1; i < depth.length; i++) {
    const [a, b] = [depth[i - 1] ?? 0, depth[i] ?? 0];
    if (x < a || x > b) continue;
    const [low, high] = [bytesPerDay[i - 1] ?? 0, bytesPerDay[i] ?? 0];
    return b > a ? low + ((high - low) * (x - a)) / (b - a) : low;
  }
  return 0;
}
