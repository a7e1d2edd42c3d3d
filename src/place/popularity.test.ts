import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  believable,
  type CountedDays,
  evidenceOf,
  expectation,
  measuredShare,
  playsOfBytes,
  priorShares,
} from "./popularity.ts";

const settings = { halfLifeDays: 3, priorWeightDays: 1 };

function expected(row: CountedDays, prior = 2): number {
  const evidence = evidenceOf(row, row.length, settings.halfLifeDays, () => 1);
  return expectation(evidence, prior, 1, settings).playsPerDay;
}

test("[PL23] the prior without history, the rate itself after a long steady one", () => {
  assert.equal(expected([]), 2);
  assert.ok(Math.abs(expected(new Array<number>(60).fill(100)) - 100) < 1e-3);
});

test("[PL23] a day that was not counted is not a day without plays", () => {
  const gap = expected([50, undefined, 50]);
  assert.ok(gap > expected([50, 0, 50]));
  assert.ok(gap > 30);
});

test("[PL23] expectation is never negative and grows with any day's plays", () => {
  const days = fc.array(fc.option(fc.nat(1000), { nil: undefined }), { maxLength: 30 });
  fc.assert(
    fc.property(days, fc.nat(1000), (history, today) => {
      const plain = expected([...history, today]);
      assert.ok(plain >= 0);
      assert.ok(expected([...history, today + 10]) > plain);
    }),
    { seed: 21 },
  );
});

test("[PL84] the prior gives way: after a half-life of counted days it weighs half, after thirty days next to nothing", () => {
  const weightOfPrior = (days: number): number => {
    const evidence = evidenceOf(new Array<number>(days).fill(0), days, settings.halfLifeDays, () => 1);
    return (expectation(evidence, 1, 1, settings).playsPerDay / 1) * (evidence.weight + 2 ** (-days / 3));
  };
  assert.ok(Math.abs(weightOfPrior(3) - 0.5) < 1e-12);
  assert.ok(expected(new Array<number>(30).fill(0), 1000) < 0.25);
});

test("[PL85] what cannot be believed is no evidence, and a history from long ago is none either", () => {
  assert.deepEqual([-1, Number.NaN, Number.POSITIVE_INFINITY, 1e13].map(believable), [
    false,
    false,
    false,
    false,
  ]);
  assert.equal(expected([Number.NaN, -5, 1e300]), 2);
  const evidence = evidenceOf([7], 5000, 0.5, () => 1);
  assert.deepEqual(expectation(evidence, 3, 2, { halfLifeDays: 0.5, priorWeightDays: 1e-300 }), {
    playsPerDay: 6,
    variance: 24,
  });
});

test("[PL90] a rendition's share is the assumed one until plays are counted, then what they say", () => {
  const order = { target: 30, assumed: 0.5, priorPlays: 20, halfLifeDays: 3 };
  assert.equal(measuredShare({ ...order, file: [], title: [] }), 0.5);
  const [file, title] = [new Array<number>(30).fill(100), new Array<number>(30).fill(1000)];
  const measured = measuredShare({ ...order, file, title });
  assert.ok(measured > 0.1 && measured < 0.102);
  const gaps = measuredShare({ ...order, file: file.map(() => undefined), title });
  assert.equal(gaps, 0.5);
});

test("[PL90] shares drawn from counts that sum to the title's sum to what was assumed", () => {
  const days = fc.array(fc.tuple(fc.nat(50), fc.nat(50)), { maxLength: 20 });
  fc.assert(
    fc.property(days, fc.double({ min: 0, max: 1, noNaN: true }), (counts, assumed) => {
      const title = counts.map(([a, b]) => a + b);
      const shared = { title, target: counts.length, priorPlays: 20, halfLifeDays: 3 };
      const one = measuredShare({ ...shared, file: counts.map(([a]) => a), assumed });
      const other = measuredShare({ ...shared, file: counts.map(([, b]) => b), assumed: 1 - assumed });
      assert.ok(Math.abs(one + other - 1) < 1e-9);
    }),
    { seed: 90 },
  );
});

test("[PL90] popularity is bytes sent ÷ bytes stored", () => {
  assert.equal(playsOfBytes(150, 100), 1.5);
  assert.ok(Number.isNaN(playsOfBytes(1, 0)));
});

test("[PL24] index and audio are read by every play, and the videos share the plays", () => {
  const renditions = [
    { id: "index", kind: "index" as const, height: 0, bitrate: 0 },
    { id: "audio", kind: "audio" as const, height: 0, bitrate: 96_000 },
    { id: "v240", kind: "video" as const, height: 240, bitrate: 300_000 },
    { id: "v720", kind: "video" as const, height: 720, bitrate: 2_000_000 },
    { id: "v360", kind: "video" as const, height: 360, bitrate: 600_000 },
  ];
  const shares = priorShares(renditions);
  const part = (id: string): number => shares.get(id) ?? Number.NaN;
  assert.deepEqual([part("index"), part("audio")], [1, 1]);
  assert.ok(Math.abs(part("v240") + part("v360") + part("v720") - 1) < 1e-12);
  assert.ok(part("v720") > part("v360") && part("v360") > part("v240"));
});
