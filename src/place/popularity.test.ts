import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { expectedDemand, expectedPlays, priorShares } from "./popularity.ts";

const settings = { halfLifeDays: 3, priorPlaysPerDay: 2, priorWeightDays: 1 };

test("[PL23] the prior without history, nearly the rate after a long steady one", () => {
  assert.equal(expectedPlays([], settings), 2);
  const long = expectedPlays(new Array<number>(60).fill(100), settings);
  assert.ok(long > 80 && long < 100);
});

test("[PL23] a day that was not counted is not a day without plays", () => {
  const gap = expectedPlays([50, undefined, 50], settings);
  assert.ok(gap > expectedPlays([50, 0, 50], settings));
  assert.ok(gap > 30);
});

test("[PL23] expectation is never negative and grows with any day's plays", () => {
  const days = fc.array(fc.option(fc.nat(1000), { nil: undefined }), { maxLength: 30 });
  fc.assert(
    fc.property(days, fc.nat(1000), (history, today) => {
      const plain = expectedPlays([...history, today], settings);
      assert.ok(plain >= 0);
      assert.ok(expectedPlays([...history, today + 10], settings) > plain);
    }),
    { seed: 21 },
  );
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

  const [demand] = expectedDemand(
    [{ titleId: "t", dailyPlays: [], renditions: [{ id: "v720", sizeBytes: 5, share: 0.5 }] }],
    settings,
  );
  assert.deepEqual(demand, { id: "t/v720", titleId: "t", sizeBytes: 5, playsPerDay: 1 });
});
