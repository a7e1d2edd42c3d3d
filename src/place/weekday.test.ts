import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { seededRandom } from "#units/random.ts";
import { weekdayFactors, weekStarts } from "./weekday.ts";

test("[PL82] a pattern that repeats is its own factors, whatever weekday the weeks begin on", () => {
  const pattern = fc.array(fc.integer({ min: 60, max: 140 }), { minLength: 7, maxLength: 7 });
  const growth = fc.double({ min: 0.5, max: 2, noNaN: true });
  fc.assert(
    fc.property(pattern, fc.nat(6), growth, (week, first, grown) => {
      const mean = week.reduce((sum, plays) => sum + plays, 0) / 7;
      const weeks = [week, week.map((plays) => plays * grown), week];
      const { factors } = weekdayFactors(weeks, first);
      week.forEach((plays, at) => {
        assert.ok(Math.abs((factors[(first + at) % 7] ?? 0) - plays / mean) < 1e-9);
      });
    }),
    { seed: 82 },
  );
});

test("[PL83] fewer than two whole weeks say nothing, and a week without plays is none", () => {
  const week = [1, 2, 3, 4, 5, 6, 7];
  const none = [0, 0, 0, 0, 0, 0, 0];
  assert.deepEqual(weekdayFactors([], 0).factors, [1, 1, 1, 1, 1, 1, 1]);
  assert.deepEqual(weekdayFactors([week], 0).factors, [1, 1, 1, 1, 1, 1, 1]);
  assert.deepEqual(weekdayFactors([week, none], 0), {
    factors: [1, 1, 1, 1, 1, 1, 1],
    weeks: 1,
    believed: 0,
  });
  assert.deepEqual(weekStarts(20, 8), [13, 6]);
  assert.deepEqual(weekStarts(6, 8), []);
  assert.deepEqual(weekStarts(30, 2), [23, 16]);
});

test("[PL83] chance is not taken for a pattern, and a pattern is seen through chance", () => {
  const random = seededRandom(83);
  const noisy = (shape: readonly number[]): number[] =>
    shape.map((mean) => mean * (0.8 + 0.4 * random.next()));
  const flat = [100, 100, 100, 100, 100, 100, 100];
  const weekend = [150, 80, 80, 80, 80, 80, 150];
  const believed = (shape: readonly number[]): number[] =>
    Array.from(
      { length: 40 },
      () =>
        weekdayFactors(
          Array.from({ length: 4 }, () => noisy(shape)),
          0,
        ).believed,
    );
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, one) => sum + one, 0) / values.length;
  assert.ok(mean(believed(flat)) < 0.35, `${mean(believed(flat))}`);
  assert.ok(mean(believed(weekend)) > 0.95);
});

test("[PL83] no factor is below 0.5 or above 2", () => {
  const { factors } = weekdayFactors(Array(3).fill([700, 0, 0, 0, 0, 0, 0]), 1);
  assert.deepEqual(factors, [0.5, 2, 0.5, 0.5, 0.5, 0.5, 0.5]);
});
