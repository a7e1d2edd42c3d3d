import assert from "node:assert/strict";
import { test } from "node:test";
import { seededRandom } from "#units/random.ts";
import { predictors, replayCache } from "./churn-cache.ts";
import { poisson, replay } from "./churn-replay.ts";

const order = { files: 500, newPerDay: 5, days: 20, playsPerFile: 10, seed: 97 };
const made = replay(order);

test("[PL97] the same seed is the same replay, another seed another", () => {
  assert.deepEqual(replay(order), made);
  assert.notDeepEqual(replay({ ...order, seed: 98 }).plays[0], made.plays[0]);
});

test("[PL97] counts have the asked mean, and a file has none before it is there", () => {
  const first = made.plays[0]?.subarray(0, order.files) ?? new Float32Array(0);
  assert.ok(Math.abs(first.reduce((sum, plays) => sum + plays, 0) / 5000 - 1) < 0.05);
  assert.equal(made.sizes.length, 500 + 5 * 19);
  made.plays.forEach((plays, day) => {
    for (const [file, count] of plays.entries()) {
      assert.equal(Number.isNaN(count), (made.since[file] ?? 0) > day);
    }
  });
});

test("[PL97] counts vary as chance does, for few plays and for many", () => {
  const random = seededRandom(97);
  for (const mean of [0.3, 5, 200]) {
    const draws = Array.from({ length: 4000 }, () => poisson(mean, random));
    const average = draws.reduce((sum, one) => sum + one, 0) / draws.length;
    const variance = draws.reduce((sum, one) => sum + (one - average) ** 2, 0) / draws.length;
    assert.ok(Math.abs(average / mean - 1) < 0.08 && Math.abs(variance / mean - 1) < 0.1, `${mean}`);
  }
});

test("[PL97] who knows the day serves most, and a cache that keeps what it holds fetches least", () => {
  const outcome = (predictor: string, bonus: number): ReturnType<typeof replayCache> => {
    const forecasts = Array.from(
      { length: 6 },
      (_, night) => predictors[predictor]?.(made, 14 + night) ?? new Float64Array(0),
    );
    return replayCache(made, forecasts, 14, bonus);
  };
  assert.ok(outcome("oracle", 0).byteHitPercent > outcome("Millrace", 0).byteHitPercent);
  assert.ok(outcome("Millrace", 1).fillPercentPerDay < outcome("Millrace", 0).fillPercentPerDay);
});
