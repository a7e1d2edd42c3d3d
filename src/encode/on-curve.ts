// Reads a rate–distortion curve between its points: what the laws of hull and allocation are stated with.
import { type HullPoint, slopeBetween } from "./hull.ts";

/** Distortion of a falling curve at this many bits, straight between its points; below its first point, infinite. */
export function onCurve(points: readonly HullPoint[], bits: number): number {
  const index = points.findLastIndex((point) => point.bits <= bits * (1 + 1e-9));
  const [last, next] = [points[index], points[index + 1]];
  if (last === undefined) return Number.POSITIVE_INFINITY;
  if (next === undefined) return last.distortion;
  return last.distortion - (bits - last.bits) * slopeBetween(last, next);
}
