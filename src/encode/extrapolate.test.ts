import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { extended } from "./extrapolate.ts";

const reach = { steps: 2, least: 18, greatest: 42 };
const figure = (crf: number, bits: number, quality: number) => ({ crf, bits, quality });
const seed = 77;

test("[EN111] beyond the trials ln(bits) and quality go on as the outer three bend", () => {
  const on = (crf: number) => figure(crf, 2 ** (20 - crf / 6), 100 - (crf - 10) ** 2 / 20);
  const [below, , , , above] = extended([22, 26, 34].map(on), reach);
  for (const guess of [below, above]) {
    assert.ok(guess !== undefined);
    const truth = on(guess.crf);
    assert.ok(Math.abs(guess.bits / truth.bits - 1) < 1e-9, `${guess.bits} for ${truth.bits}`);
    assert.ok(Math.abs(guess.quality - truth.quality) < 1e-9, `${guess.quality} for ${truth.quality}`);
  }
});

test("[EN111] nothing is added to fewer than three trials, or outside the least and greatest CRF", () => {
  const two = [figure(22, 900, 90), figure(30, 400, 80)];
  assert.equal(extended(two, reach), two);
  const wide = [figure(18, 900, 90), figure(30, 400, 80), figure(42, 100, 40)];
  assert.deepEqual(extended(wide, reach), wide);
});

test("[EN111] law: a guess is never past its neighbour in the wrong direction, nor off the scale", () => {
  const falling = fc
    .tuple(
      fc.array(fc.double({ min: 0.1, max: 30, noNaN: true }), { minLength: 3, maxLength: 3 }),
      fc.double({ min: 1.02, max: 4, noNaN: true }),
    )
    .map(([drops, ratio]) => {
      let [quality, bits] = [100, 1e6];
      return [22, 26, 34].map((crf, n) => {
        quality -= drops[n] ?? 0;
        bits /= ratio;
        return figure(crf, bits, quality);
      });
    });
  fc.assert(
    fc.property(falling, (trials) => {
      const [below, first, , last, above] = extended(trials, reach);
      assert.ok(below && first && last && above);
      assert.ok(below.bits >= first.bits && below.quality >= first.quality && below.quality <= 100);
      assert.ok(above.bits <= last.bits && above.quality <= last.quality && above.quality >= 0);
    }),
    { seed, numRuns: 500 },
  );
});
