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
  const { boundaries } = film.plan;
  return boundaries.map((start, index) => {
    const end = boundaries[index + 1] ?? film.frames;
    const total = film.shots.reduce((sum, shot) => {
      const shared = Math.min(end, shot.endFrame) - Math.max(start, shot.startFrame);
      return sum + ((bits[shot.id] ?? 0) * Math.max(0, shared)) / (shot.endFrame - shot.startFrame);
    }, 0);
    return (total * film.rate.num) / ((end - start) * film.rate.den);
  });
}

/**
 * The rung with shots made cheaper until no segment's rate exceeds `ratio` times the rung's mean, or nothing that is
 * left to lower lies in such a segment. With one or two segments there is nothing to even out.
 */
export function withoutPeaks(rung: RungChoice, film: FilmCut, ratio: number): RungChoice {
  const points = [...rung.points];
  for (;;) {
    const bits = points.map((point) => point.bits);
    const rates = segmentRates(bits, film);
    const mean = meanRate(bits, film);
    const tooDear = [...rates.entries()]
      .filter(([, rate]) => rate > ratio * mean)
      .sort((a, b) => b[1] - a[1]);
    const found = tooDear.map(([segment]) => dearestShot(points, segment, rung, film));
    const shot = found.find((each) => each !== undefined);
    const next = shot === undefined ? undefined : cheaper(rung.hulls[shot], points[shot]);
    if (shot === undefined || next === undefined) return chosen(rung, points, film.frames);
    points[shot] = next;
  }
}

function meanRate(bits: readonly number[], { frames, rate }: FilmCut): number {
  return (bits.reduce((sum, value) => sum + value, 0) * rate.num) / (frames * rate.den);
}

/** Of the segment's shots that can still be cheaper, the one with most bits per frame. */
function dearestShot(
  points: readonly OperatingPoint[],
  segment: number,
  rung: RungChoice,
  { shots, plan, frames }: FilmCut,
): number | undefined {
  const start = plan.boundaries[segment] ?? 0;
  const end = plan.boundaries[segment + 1] ?? frames;
  let dearest: { readonly shot: number; readonly perFrame: number } | undefined;
  for (const { id, startFrame, endFrame } of shots) {
    const point = points[id];
    if (endFrame <= start || startFrame >= end || cheaper(rung.hulls[id], point) === undefined) continue;
    const perFrame = (point?.bits ?? 0) / (endFrame - startFrame);
    if (dearest === undefined || perFrame > dearest.perFrame) dearest = { shot: id, perFrame };
  }
  return dearest?.shot;
}

function cheaper(
  hull: readonly OperatingPoint[] | undefined,
  point: OperatingPoint | undefined,
): OperatingPoint | undefined {
  return hull?.findLast((other) => point !== undefined && other.bits < point.bits);
}
