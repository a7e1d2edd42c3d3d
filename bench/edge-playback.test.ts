import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { megabitsPerSecond, percentile, playback } from "./edge-playback.ts";

const mega = 1e6;
/** Segments of 2 MB: 4 s at 4 Mbit/s. */
const took = (...seconds: number[]) => seconds.map((one) => ({ ms: one * 1000, bytes: 2 * mega }));

test("[ED138] a playback stands still for as long as a segment comes after the one before has ended", () => {
  assert.deepEqual(playback(took(1, 1, 1), 4 * mega), { stallMs: 0, playedMs: 12_000 });
  assert.deepEqual(playback(took(1, 6, 4), 4 * mega), { stallMs: 2000, playedMs: 12_000 });
  assert.deepEqual(playback(took(9), 4 * mega), { stallMs: 0, playedMs: 4000 }, "the start is no stall");
  assert.deepEqual(
    playback(took(1, 1, 9), 4 * mega),
    { stallMs: 2000, playedMs: 12_000 },
    "what was held is used up first",
  );
});

test("[ED138] fetching all takes at least as long as playing until the last segment, less what was held", () => {
  const times = fc.array(fc.integer({ min: 1, max: 20_000 }), { minLength: 1, maxLength: 50 });
  fc.assert(
    fc.property(times, (list) => {
      const fetched = list.map((ms) => ({ ms, bytes: 2 * mega }));
      const { stallMs, playedMs } = playback(fetched, 4 * mega);
      const total = list.reduce((sum, ms) => sum + ms, 0);
      const first = list[0] ?? 0;
      assert.ok(stallMs >= 0 && stallMs <= total - first);
      assert.ok(first + stallMs + playedMs >= total, "nothing is shown before it is there");
      const slower = fetched.map(({ ms, bytes }) => ({ ms: ms * 2, bytes }));
      assert.ok(playback(slower, 4 * mega).stallMs >= stallMs);
    }),
    { seed: 138 },
  );
});

test("[ED138] percentiles are values that were seen, and a rate counts bodies alone", () => {
  assert.deepEqual(
    [0.5, 0.95, 0.99].map((share) => percentile([5, 1, 4, 2, 3], share)),
    [3, 5, 5],
  );
  assert.equal(
    percentile(
      Array.from({ length: 100 }, (_, i) => i + 1),
      0.95,
    ),
    95,
  );
  assert.equal(megabitsPerSecond(took(1, 3)), 8);
});
