// Monotone cubic interpolation: between two knots it never leaves their range, so no rate or score is invented.
// Source: Fritsch & Butland, A method for constructing local monotone piecewise cubic interpolants (1984),
// with the three-point end slopes of Moler, Numerical Computing with MATLAB §3.6.
import { assert } from "#units/assert.ts";

export interface Knot {
  readonly x: number;
  readonly y: number;
}

export interface Pchip {
  readonly knots: readonly Knot[];
  readonly slopes: readonly number[];
}

/** Knots must rise strictly in x; at least one. */
export function pchip(knots: readonly Knot[]): Pchip {
  assert(knots.length > 0, "interpolation over no knots");
  const widths: number[] = [];
  const deltas: number[] = [];
  for (let i = 0; i + 1 < knots.length; i++) {
    const width = at(knots, i + 1).x - at(knots, i).x;
    assert(width > 0, "knots must rise");
    widths.push(width);
    deltas.push((at(knots, i + 1).y - at(knots, i).y) / width);
  }
  const slopes = knots.map((_, i) => slopeAt(i, widths, deltas));
  return { knots, slopes };
}

/** The value at x; outside the knots, the nearest knot's. */
export function evaluate(curve: Pchip, x: number): number {
  const { knots } = curve;
  const last = knots.length - 1;
  if (x <= at(knots, 0).x) return at(knots, 0).y;
  if (x >= at(knots, last).x) return at(knots, last).y;
  return within(curve, intervalOf(knots, x), x);
}

/** The i with knot i < x ≤ knot i + 1, by halving: a film of many shots has a curve of a hundred thousand knots. */
function intervalOf(knots: readonly Knot[], x: number): number {
  let [low, high] = [0, knots.length - 1];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (at(knots, middle).x < x) low = middle;
    else high = middle;
  }
  return low;
}

function within({ knots, slopes }: Pchip, i: number, x: number): number {
  const [left, right] = [at(knots, i), at(knots, i + 1)];
  const width = right.x - left.x;
  const t = (x - left.x) / width;
  const [t2, t3] = [t * t, t * t * t];
  return (
    (2 * t3 - 3 * t2 + 1) * left.y +
    (t3 - 2 * t2 + t) * width * at(slopes, i) +
    (3 * t2 - 2 * t3) * right.y +
    (t3 - t2) * width * at(slopes, i + 1)
  );
}

/** ∫ from `low` to `high`, inside the knots. Simpson's rule is exact for each cubic. */
export function integrate(curve: Pchip, low: number, high: number): number {
  let sum = 0;
  for (let i = 0; i + 1 < curve.knots.length; i++) {
    const from = Math.max(low, at(curve.knots, i).x);
    const to = Math.min(high, at(curve.knots, i + 1).x);
    if (to <= from) continue;
    const middle = within(curve, i, (from + to) / 2);
    sum += ((to - from) / 6) * (within(curve, i, from) + 4 * middle + within(curve, i, to));
  }
  return sum;
}

function slopeAt(i: number, widths: readonly number[], deltas: readonly number[]): number {
  if (deltas.length === 0) return 0;
  if (deltas.length === 1) return at(deltas, 0);
  if (i === 0) return endSlope(at(widths, 0), at(widths, 1), at(deltas, 0), at(deltas, 1));
  const n = deltas.length;
  if (i === n) return endSlope(at(widths, n - 1), at(widths, n - 2), at(deltas, n - 1), at(deltas, n - 2));
  const [before, after] = [at(deltas, i - 1), at(deltas, i)];
  if (before * after <= 0) return 0;
  const [h0, h1] = [at(widths, i - 1), at(widths, i)];
  const [w0, w1] = [2 * h1 + h0, h1 + 2 * h0];
  return (w0 + w1) / (w0 / before + w1 / after);
}

function endSlope(h0: number, h1: number, d0: number, d1: number): number {
  const slope = ((2 * h0 + h1) * d0 - h0 * d1) / (h0 + h1);
  if (Math.sign(slope) !== Math.sign(d0)) return 0;
  if (Math.sign(d0) !== Math.sign(d1) && Math.abs(slope) > 3 * Math.abs(d0)) return 3 * d0;
  return slope;
}

function at<T>(list: readonly T[], index: number): T {
  const item = list[index];
  assert(item !== undefined, "index inside the list");
  return item;
}
