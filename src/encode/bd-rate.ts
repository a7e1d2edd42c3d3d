// Bjøntegaard delta rate: how many per cent more bits one curve needs than another for the same quality, on average
// over the qualities both reach. Source: Bjøntegaard, VCEG-M33 (2001), with monotone cubics instead of one polynomial.
import { integrate, type Knot, pchip } from "./pchip.ts";

export interface RatePoint {
  readonly bitrate: number;
  readonly quality: number;
}

/** Fewer points than this do not make a curve. */
const leastPoints = 3;
/** Less common quality than this is not a comparison. */
const leastOverlap = 1e-6;

/**
 * BD-rate of `tested` against `baseline` in per cent; negative means fewer bits. Null when they cannot be compared.
 *
 * 10^(mean over q of (log₁₀R_tested − log₁₀R_baseline)) − 1
 */
export function bdRatePercent(tested: readonly RatePoint[], baseline: readonly RatePoint[]): number | null {
  const [a, b] = [rising(tested), rising(baseline)];
  if (a.length < leastPoints || b.length < leastPoints) return null;
  const low = Math.max(a[0]?.x ?? 0, b[0]?.x ?? 0);
  const high = Math.min(a.at(-1)?.x ?? 0, b.at(-1)?.x ?? 0);
  if (high - low < leastOverlap) return null;
  const mean = (integrate(pchip(a), low, high) - integrate(pchip(b), low, high)) / (high - low);
  return (10 ** mean - 1) * 100;
}

/** Only points that are worth their bits, by rising quality. */
export function rising(points: readonly RatePoint[]): readonly Knot[] {
  const knots: Knot[] = [];
  const order = [...points].sort((a, b) => a.bitrate - b.bitrate || b.quality - a.quality);
  for (const point of order) {
    if (point.bitrate <= 0 || point.quality <= (knots.at(-1)?.x ?? Number.NEGATIVE_INFINITY) + 1e-9) continue;
    knots.push({ x: point.quality, y: Math.log10(point.bitrate) });
  }
  return knots;
}
