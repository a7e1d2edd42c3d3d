// How alike frames are that need not be neighbours, from their tiny pictures.
import type { FrameFacts } from "./shots-facts.ts";

/** Mean absolute difference of two pictures, 0–255; 0 where one of the frames is outside the film. */
export function difference(frames: readonly FrameFacts[], one: number, other: number): number {
  const a = frames[one]?.picture;
  const b = frames[other]?.picture;
  if (a === undefined || b === undefined) return 0;
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += Math.abs((a[i] ?? 0) - (b[i] ?? 0));
  return sum / a.length;
}

export interface Pair {
  readonly before: Uint8Array;
  readonly after: Uint8Array;
}

/** Standard deviation of brightness below which a picture shows nothing: black, or any one colour, with coding noise. */
const blankSpread = 2;

/** Coding noise moves a brightness of the tiny picture by no more. */
const stillSteps = 2;

export function isBlank(picture: Uint8Array): boolean {
  return spread(picture) < blankSpread;
}

/**
 * Pearson's correlation of brightness over the picture: 1 for the same picture in whatever light. A blank picture is like
 * another blank one (1) and like nothing else (0).
 */
export function correlation({ before, after }: Pair): number {
  const spreads = [spread(before), spread(after)] as const;
  if (Math.max(...spreads) < blankSpread) return 1;
  if (Math.min(...spreads) < blankSpread) return 0;
  const means = [mean(before), mean(after)] as const;
  let product = 0;
  for (let i = 0; i < before.length; i++)
    product += ((before[i] ?? 0) - means[0]) * ((after[i] ?? 0) - means[1]);
  return product / (spreads[0] * spreads[1] * before.length);
}

/** The same, of the part that changed only: half of a picture may be an overlay that stays. */
export function correlationOfChange({ before, after }: Pair): number {
  const hasChanged = (value: number, at: number, other: Uint8Array): boolean =>
    Math.abs(value - (other[at] ?? 0)) > stillSteps;
  return correlation({
    before: before.filter((value, at) => hasChanged(value, at, after)),
    after: after.filter((value, at) => hasChanged(value, at, before)),
  });
}

function mean(picture: Uint8Array): number {
  return picture.reduce((sum, value) => sum + value, 0) / Math.max(1, picture.length);
}

function spread(picture: Uint8Array): number {
  const middle = mean(picture);
  const squares = picture.reduce((sum, value) => sum + (value - middle) ** 2, 0);
  return Math.sqrt(squares / Math.max(1, picture.length));
}

/**
 * Median difference of frames on two sides of a border, over the mean difference within the sides. At a cut it is far
 * above 1; in movement, flicker and strobe light frames differ as much from their own side as from the other.
 */
export function separation(frames: readonly FrameFacts[], border: number, reach: number): number {
  const before = range(Math.max(0, border - reach), border);
  const after = range(border, Math.min(frames.length, border + reach));
  const across = before.flatMap((one) => after.map((other) => difference(frames, one, other)));
  const within = (meanWithin(frames, before) + meanWithin(frames, after)) / 2;
  return median(across) / Math.max(within, Number.EPSILON);
}

function meanWithin(frames: readonly FrameFacts[], side: readonly number[]): number {
  let sum = 0;
  let pairs = 0;
  for (const [index, one] of side.entries()) {
    for (const other of side.slice(index + 1)) {
      sum += difference(frames, one, other);
      pairs++;
    }
  }
  return sum / Math.max(1, pairs);
}

function median(values: number[]): number {
  values.sort((a, b) => a - b);
  return values[Math.floor(values.length / 2)] ?? 0;
}

function range(from: number, to: number): readonly number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, index) => from + index);
}
