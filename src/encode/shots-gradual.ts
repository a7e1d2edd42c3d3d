// Where one picture turns into another little by little. Such a transition is never cut inside; one border is set at its
// edge, so that the two scenes do not have to share one quality. What is not surely a transition is left in one shot.
import type { FrameFacts } from "./shots-facts.ts";
import { correlation, difference, isBlank, type Pair } from "./shots-likeness.ts";
import { minShotFrames } from "./shots-rules.ts";

/** A mixture from the frame after `from`, the last of the old picture, to the frame before `to`, the first of the new. */
export interface Transition {
  readonly from: number;
  readonly to: number;
}

export interface GradualLimits {
  /** The two pictures differ by this much, of 255: as much as two shots of one scene do. */
  readonly leastDifference: number;
  /** And in their structure: correlation of brightness below this. A lamp that is turned up keeps it near 1. */
  readonly mostCorrelation: number;
  /** Each of three frames between is the mixture it should be, but for this share of the difference. */
  readonly mostRemainder: number;
  /** No step within is more than this share of the difference: else it is a cut. */
  readonly mostStep: number;
  /** The pictures stay: a shot's least length before and after, they differ by at most this share. */
  readonly mostDrift: number;
  /** Going on at the transition's own pace is 1, standing still 0: so far from the old and the new picture it stands still. */
  readonly mostPace: number;
}

export const gradualLimits: GradualLimits = {
  leastDifference: 25,
  mostCorrelation: 0.5,
  mostRemainder: 0.2,
  mostStep: 0.4,
  mostDrift: 0.35,
  mostPace: 0.5,
};

/** A quarter of a second to two seconds, at film rates. */
const lengths = [6, 8, 12, 16, 20, 24, 30, 36, 42, 48] as const;
const quarters = [0.25, 0.5, 0.75] as const;

interface Fit extends Transition {
  readonly size: number;
  readonly remainder: number;
}

/** Dissolves, surest first chosen, none overlapping another. */
export function findDissolves(frames: readonly FrameFacts[], limits: GradualLimits): readonly Transition[] {
  const fits: Fit[] = [];
  for (let from = minShotFrames; from < frames.length; from++) {
    for (const length of lengths) {
      const fit = fitOf(frames, { from, to: from + length }, limits);
      if (fit !== undefined) fits.push(fit);
    }
  }
  const worth = (fit: Fit): number => fit.size * (1 - fit.remainder);
  fits.sort((a, b) => worth(b) - worth(a) || a.from - b.from || a.to - b.to);
  const taken: Transition[] = [];
  const covered = new Set<number>();
  for (const { from, to } of fits) {
    const mixed = Array.from({ length: to - from }, (_, index) => from + 1 + index);
    if (mixed.some((frame) => covered.has(frame))) continue;
    for (const frame of mixed) covered.add(frame);
    taken.push({ from, to });
  }
  return taken.sort((a, b) => a.from - b.from);
}

/**
 * Frames where a picture comes out of black, or of any one colour, into which a different one went before. A flash to
 * white is no such thing: the same picture comes back.
 */
export function findFadeIns(frames: readonly FrameFacts[], limits: GradualLimits): readonly number[] {
  const blank = frames.map(({ picture }) => isBlank(picture));
  const found: number[] = [];
  let end = -1;
  for (let frame = 1; frame < frames.length; frame++) {
    if (blank[frame] === true) {
      if (blank[frame - 1] === false) end = frame;
    } else if (blank[frame - 1] === true && end >= 0) {
      const before = frames[end - minShotFrames]?.picture;
      const after = frames[frame + minShotFrames - 1]?.picture;
      if (before === undefined || after === undefined) continue;
      if (isBlank(before) || isBlank(after)) continue;
      if (correlation({ before, after }) <= limits.mostCorrelation) found.push(frame);
    }
  }
  return found;
}

function fitOf(frames: readonly FrameFacts[], range: Transition, limits: GradualLimits): Fit | undefined {
  const { from, to } = range;
  if (to + minShotFrames > frames.length) return undefined;
  const size = difference(frames, from, to);
  if (size < limits.leastDifference) return undefined;
  const before = frames[from]?.picture;
  const after = frames[to]?.picture;
  if (before === undefined || after === undefined) return undefined;
  const pair = { before, after };
  let remainder = 0;
  for (const quarter of quarters) {
    const middle = frames[Math.round(from + quarter * (to - from))]?.picture;
    if (middle !== undefined) remainder = Math.max(remainder, remainderOf(pair, middle, quarter));
    if (remainder > limits.mostRemainder) return undefined;
  }
  if (isBlank(before) || isBlank(after)) return undefined;
  if (correlation(pair) > limits.mostCorrelation || !standsStill(frames, range, pair, limits))
    return undefined;
  for (let frame = from + 1; frame <= to; frame++) {
    if (difference(frames, frame - 1, frame) > limits.mostStep * size) return undefined;
  }
  return { from, to, size, remainder };
}

/** Part of a longer dissolve goes on before and after; movement in a shot leads elsewhere than to the other picture. */
function standsStill(
  frames: readonly FrameFacts[],
  { from, to }: Transition,
  pair: Pair,
  limits: GradualLimits,
): boolean {
  const early = from - minShotFrames;
  const late = Math.min(frames.length - 1, to + minShotFrames);
  const size = difference(frames, from, to);
  const drift = Math.max(difference(frames, early, from), difference(frames, to, late));
  const gone = Math.max(-shareOf(pair, frames[early]), shareOf(pair, frames[late]) - 1);
  const pace = (gone * (to - from)) / minShotFrames;
  return drift <= limits.mostDrift * size && pace <= limits.mostPace;
}

/** How far a frame is on the way from one picture to the other: 0 … 1, beyond it when it goes on. */
function shareOf({ before, after }: Pair, frame: FrameFacts | undefined): number {
  let along = 0;
  let whole = 0;
  for (let i = 0; i < before.length; i++) {
    const a = before[i] ?? 0;
    const way = (after[i] ?? 0) - a;
    along += way * ((frame?.picture[i] ?? 0) - a);
    whole += way ** 2;
  }
  return along / Math.max(whole, 1);
}

/** ‖middle − ((1−share)·before + share·after)‖ ÷ ‖after − before‖ */
function remainderOf({ before, after }: Pair, middle: Uint8Array, share: number): number {
  let left = 0;
  let whole = 0;
  for (let i = 0; i < before.length; i++) {
    const a = before[i] ?? 0;
    const way = (after[i] ?? 0) - a;
    left += ((middle[i] ?? 0) - a - share * way) ** 2;
    whole += way ** 2;
  }
  return Math.sqrt(left / Math.max(whole, 1));
}
