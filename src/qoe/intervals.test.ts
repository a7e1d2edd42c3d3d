// Published figures, and how often the truth lies inside.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Random, seededRandom } from "#units/random.ts";
import {
  type Interval,
  meanDifference,
  meanInterval,
  normalQuantile,
  sampleOf,
  shareDifference,
  studentQuantile,
  wilson,
} from "./intervals.ts";

const seed = 20_260_401;

function ends(interval: Interval | undefined): readonly string[] {
  assert.ok(interval !== undefined);
  return [interval.low.toFixed(4), interval.high.toFixed(4)];
}

function gauss(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
}

// Source: R. G. Newcombe, Statistics in Medicine 17 (1998), 857–872 and 873–890, the tables of both papers.
test("[QO14] Wilson's interval and Newcombe's difference have the published figures", () => {
  for (const [hits, of, low, high] of [
    [81, 263, "0.2553", "0.3662"],
    [15, 148, "0.0624", "0.1605"],
    [0, 20, "0.0000", "0.1611"],
    [1, 29, "0.0061", "0.1718"],
  ] as const)
    assert.deepEqual(ends(wilson({ hits, of }, 0.95)), [low, high], `${hits}/${of}`);
  for (const [a, b, low, high] of [
    [[56, 70], [48, 80], "0.0524", "0.3339"],
    [[9, 10], [3, 10], "0.1705", "0.8090"],
    [[10, 10], [0, 10], "0.6075", "1.0000"],
  ] as const) {
    const [one, other] = [
      { hits: a[0], of: a[1] },
      { hits: b[0], of: b[1] },
    ];
    assert.deepEqual(ends(shareDifference(one, other, 0.95)), [low, high], `${a} ${b}`);
  }
  assert.equal(wilson({ hits: 0, of: 0 }, 0.95), undefined);
});

test("[QO14] quantiles of the normal and of Student's distribution have the published figures", () => {
  assert.equal(normalQuantile(0.975).toFixed(6), "1.959964");
  assert.equal(normalQuantile(0.001).toFixed(6), "-3.090232");
  for (const [freedom, wanted] of [
    [1, "12.7062"],
    [2, "4.3027"],
    [10, "2.2281"],
    [100, "1.9840"],
    [1000, "1.9623"],
  ] as const)
    assert.equal(studentQuantile(0.975, freedom).toFixed(4), wanted, `${freedom}`);
  const [below, above] = [studentQuantile(0.99, 199.9), studentQuantile(0.99, 200.1)];
  assert.ok(Math.abs(below - above) < 1e-4, "both ways to Student's quantile meet");
});

test(`[QO14] with two equal variances and sizes Welch's degrees of freedom are Student's; seed ${seed}`, () => {
  const [a, b] = [sampleOf([1, 2, 3, 4]), sampleOf([2, 3, 4, 5])];
  const interval = meanDifference(a, b, 0.95);
  const reach = studentQuantile(0.975, 6) * Math.sqrt((2 * (5 / 3)) / 4);
  assert.deepEqual(ends(interval), [(-1 - reach).toFixed(4), (-1 + reach).toFixed(4)]);
  assert.equal(meanDifference(sampleOf([1]), b, 0.95), undefined);
  assert.equal(meanInterval(sampleOf([1]), 0.95), undefined);
});

test(`[QO14] the true value lies inside as often as promised; seed ${seed}`, () => {
  const random = seededRandom(seed);
  const rounds = 800;
  const inside = (interval: Interval | undefined, truth: number): number =>
    interval !== undefined && interval.low <= truth && truth <= interval.high ? 1 : 0;
  const draw = (count: number, mean: number, spread: number): readonly number[] =>
    Array.from({ length: count }, () => mean + spread * gauss(random));
  const hits = (of: number, p: number): number =>
    Array.from({ length: of }, () => random.next()).filter((one) => one < p).length;
  const held = { welch: 0, student: 0, newcombe: 0 };
  for (let round = 0; round < rounds; round++) {
    const few = sampleOf(draw(8, 3, 4));
    held.student += inside(meanInterval(few, 0.9), 3);
    held.welch += inside(meanDifference(few, sampleOf(draw(30, 1, 1)), 0.9), 2);
    const [a, b] = [
      { hits: hits(60, 0.9), of: 60 },
      { hits: hits(80, 0.8), of: 80 },
    ];
    held.newcombe += inside(shareDifference(a, b, 0.9), 0.1);
  }
  // Four standard errors of 800 rounds are 4.3 %.
  for (const [name, count] of Object.entries(held))
    assert.ok(Math.abs(count / rounds - 0.9) < 0.043, `${name} held ${count} of ${rounds}`);
});
