// No segment of a rung may cost much more than the rung does on average: a player that planned with the average would
// run dry there. Where one does, its dearest shot steps down its own hull until it does not.
import type { SegmentPlan, Shot } from "#model/encoded.ts";
import type { FrameRate } from "#units/quantity.ts";
import { chosen, type RungChoice } from "./ladder.ts";
import type { OperatingPoint } from "./operating-points.ts";

export interface FilmCut {
  readonly shots: readonly Shot[];
  readonly plan: SegmentPlan;
  readonly frames: number;
  readonly rate: FrameRate;
}

/** bits/s of each segment, a shot's bits being spread evenly over its frames. `bits[shot]`. */
export function segmentRates(bits: readonly number[], film: FilmCut): readonly number[] {
  return partsOf(film).map((parts) => rateOf(parts, bits));
}

/**
 * The rung with shots made cheaper until no segment's rate exceeds `ratio` times the rung's mean, or nothing that is
 * left to lower lies in such a segment. With one or two segments there is nothing to even out.
 */
export function withoutPeaks(rung: RungChoice, film: FilmCut, ratio: number): RungChoice {
  const points = [...rung.points];
  const bits = points.map((point) => point.bits);
  const segments = partsOf(film);
  const segmentsOf = segmentsByShot(segments, points.length);
  const rates = segments.map((parts) => rateOf(parts, bits));
  // A segment whose shots are all at their coarsest stays as it is.
  const isStuck = segments.map(() => false);
  let total = bits.reduce((sum, value) => sum + value, 0);
  for (;;) {
    const segment = dearestSegment(
      rates,
      isStuck,
      (ratio * total * film.rate.num) / (film.frames * film.rate.den),
    );
    if (segment === undefined) return chosen(rung, points, film.frames);
    const shot = dearestShot(segments[segment] ?? [], rung, points, film.shots);
    const next = shot === undefined ? undefined : cheaper(rung.hulls[shot], points[shot]);
    if (shot === undefined || next === undefined) {
      isStuck[segment] = true;
      continue;
    }
    total += next.bits - (bits[shot] ?? 0);
    [points[shot], bits[shot]] = [next, next.bits];
    for (const touched of segmentsOf[shot] ?? []) rates[touched] = rateOf(segments[touched] ?? [], bits);
  }
}

/** A shot's part of a segment. */
interface Part {
  readonly shot: number;
  /** Multiplied by the shot's bits: what it adds to the segment's rate. */
  readonly perBit: number;
}

/** `parts[segment]`. Shots and segments both follow each other without a gap, so one walk finds them all. */
function partsOf({ plan, shots, frames, rate }: FilmCut): readonly (readonly Part[])[] {
  let first = 0;
  return plan.boundaries.map((start, index) => {
    const end = plan.boundaries[index + 1] ?? frames;
    while ((shots[first]?.endFrame ?? frames) <= start) first++;
    const parts: Part[] = [];
    for (let n = first; (shots[n]?.startFrame ?? frames) < end; n++) {
      const shot = shots[n];
      if (shot === undefined) break;
      const shared = Math.min(end, shot.endFrame) - Math.max(start, shot.startFrame);
      const share = shared / (shot.endFrame - shot.startFrame);
      parts.push({ shot: shot.id, perBit: (share * rate.num) / ((end - start) * rate.den) });
    }
    return parts;
  });
}

function segmentsByShot(
  segments: readonly (readonly Part[])[],
  shots: number,
): readonly (readonly number[])[] {
  const found: number[][] = Array.from({ length: shots }, () => []);
  for (const [segment, parts] of segments.entries()) for (const { shot } of parts) found[shot]?.push(segment);
  return found;
}

function rateOf(parts: readonly Part[], bits: readonly number[]): number {
  return parts.reduce((sum, { shot, perBit }) => sum + perBit * (bits[shot] ?? 0), 0);
}

function dearestSegment(
  rates: readonly number[],
  isStuck: readonly boolean[],
  limit: number,
): number | undefined {
  let dearest: number | undefined;
  for (const [segment, rate] of rates.entries()) {
    if (rate <= limit || isStuck[segment] === true) continue;
    if (dearest === undefined || rate > (rates[dearest] ?? 0)) dearest = segment;
  }
  return dearest;
}

/** Of the segment's shots that can still be cheaper, the one with most bits per frame. */
function dearestShot(
  parts: readonly Part[],
  rung: RungChoice,
  points: readonly OperatingPoint[],
  shots: readonly Shot[],
): number | undefined {
  let dearest: { readonly shot: number; readonly perFrame: number } | undefined;
  for (const { shot } of parts) {
    const [point, span] = [points[shot], shots[shot]];
    if (point === undefined || span === undefined || cheaper(rung.hulls[shot], point) === undefined) continue;
    const perFrame = point.bits / (span.endFrame - span.startFrame);
    if (dearest === undefined || perFrame > dearest.perFrame) dearest = { shot, perFrame };
  }
  return dearest?.shot;
}

function cheaper(
  hull: readonly OperatingPoint[] | undefined,
  point: OperatingPoint | undefined,
): OperatingPoint | undefined {
  return hull?.findLast((other) => point !== undefined && other.bits < point.bits);
}
