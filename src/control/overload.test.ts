import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type InWork, type Limiter, mayBegin, newLimiter, sampled, shares, totalOf } from "./limiter.ts";
import {
  admittedScore,
  calm,
  isAdmitted,
  type LoadSignals,
  loadClasses,
  observed,
  retryAfterSeconds,
} from "./shedding.ts";

const seed = 280;
const bounds = { least: 20, most: 400 };

/** Windows of a second, with 50 requests each that take so long while the limit is fully used. */
function afterWindows(limiter: Limiter, fromSecond: number, tookMs: readonly number[]): Limiter {
  let now = limiter;
  for (const [second, took] of tookMs.entries()) {
    for (let nth = 0; nth < 50; nth++) {
      const sample = { tookMs: took, inWork: Math.floor(now.limit) };
      now = sampled(now, sample, (fromSecond + second) * 1000 + nth * 20 + 1);
    }
  }
  return now;
}

const steady = (count: number, tookMs: number): number[] => Array.from({ length: count }, () => tookMs);

test("[CO280] when requests take ten times as long the limit falls within five windows, and recovers within thirty", () => {
  const before = afterWindows(newLimiter(bounds, 0), 0, steady(40, 10));
  const slow = afterWindows(before, 40, steady(6, 100));
  assert.ok(slow.limit < 0.7 * before.limit, `${before.limit} → ${slow.limit}`);
  const again = afterWindows(slow, 46, steady(30, 10));
  assert.ok(again.limit > 0.9 * before.limit, `${slow.limit} → ${again.limit}`);
});

test("[CO280] the limit stays in its bounds, and does not grow for whoever does not use it", () => {
  const idle = { tookMs: 5, inWork: 3 };
  let limiter = newLimiter(bounds, 0);
  for (let at = 0; at < 60_000; at += 20) limiter = sampled(limiter, idle, at);
  assert.equal(limiter.limit, 100);
  const property = fc.property(
    fc.array(fc.double({ min: 0, max: 1e4, noNaN: true }), { maxLength: 60 }),
    (times) => {
      const { limit } = afterWindows(newLimiter(bounds, 0), 0, times);
      return limit >= bounds.least && limit <= bounds.most;
    },
  );
  fc.assert(property, { seed, numRuns: 200 });
});

test("[CO281] shares bind only at the limit, and then nobody starves", () => {
  const limiter = { limit: 50 };
  assert.ok(
    mayBegin(limiter, { critical: 0, user: 0, bulk: 49 }, "bulk"),
    "all of it is anybody's below the limit",
  );
  const full: InWork = { critical: 0, user: 0, bulk: 50 };
  assert.ok(!mayBegin(limiter, full, "bulk"));
  assert.ok(mayBegin(limiter, full, "user"));
  assert.ok(mayBegin(limiter, full, "critical"));
  const counts = fc.record({ critical: fc.nat(200), user: fc.nat(200), bulk: fc.nat(200) });
  const law = fc.property(counts, fc.integer({ min: 1, max: 200 }), (inWork, limit) => {
    for (const partition of ["critical", "user", "bulk"] as const) {
      const may = mayBegin({ limit }, inWork, partition);
      if (totalOf(inWork) < limit) assert.ok(may);
      else assert.equal(may, inWork[partition] < Math.max(1, Math.floor(limit * shares[partition])));
    }
  });
  fc.assert(law, { seed, numRuns: 300 });
});

test("[CO282] what is admitted follows 100·(1 − x³)", () => {
  assert.deepEqual(
    [0, 0.35, 0.8, 0.95, 1].map((x) => Math.round(admittedScore({ x }) * 10) / 10),
    [100, 95.7, 48.8, 14.3, 0],
  );
  const order = Object.values(loadClasses).toSorted((a, b) => a.score - b.score);
  const law = fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (x) => {
    const admitted = order.map(({ score }) => isAdmitted(score, { x }));
    assert.deepEqual(
      admitted,
      [...admitted].sort((a, b) => Number(b) - Number(a)),
      "the less important go first",
    );
    assert.ok(isAdmitted(loadClasses.health.score, { x }));
  });
  fc.assert(law, { seed, numRuns: 300 });
  const { renew, licence, play, browse, search, prefetch, telemetry, metrics } = loadClasses;
  const scores = [renew, licence, play, browse, search, prefetch, telemetry, metrics].map(
    ({ score }) => score,
  );
  assert.deepEqual(
    scores,
    scores.toSorted((a, b) => a - b),
  );
});

const quiet: LoadSignals = { utilisation: 0.2, loopDelayMs: 5, inWork: 0.1 };

function underLoad(signals: Partial<LoadSignals>, seconds: number): number {
  let overload = calm(0);
  for (let at = 100; at <= seconds * 1000; at += 100)
    overload = observed(overload, { ...quiet, ...signals }, at);
  return overload.x;
}

test("[CO283] the worst signal counts, smoothed over a second, and goes when it is over", () => {
  assert.equal(underLoad({}, 10), 0);
  assert.ok(underLoad({ loopDelayMs: 250 }, 10) > 0.99);
  assert.ok(underLoad({ inWork: 2.5 }, 10) > 0.99);
  assert.ok(Math.abs(underLoad({ loopDelayMs: 250 }, 1) - (1 - Math.exp(-1))) < 1e-9);
  let overload = { x: 1, atMs: 0 };
  for (let at = 100; at <= 5000; at += 100) overload = observed(overload, quiet, at);
  assert.ok(overload.x < 0.01);
});

test("[CO284] a busy core alone sends nobody away whose film would not begin or go on", () => {
  const x = underLoad({ utilisation: 1 }, 60);
  assert.ok(isAdmitted(loadClasses.manifest.score, { x }));
  assert.ok(!isAdmitted(loadClasses.signIn.score, { x }));
});

test("[CO285] whoever is sent away is told to wait a while that differs from the next one's", () => {
  const law = fc.property(
    fc.double({ min: 0, max: 1, noNaN: true }),
    fc.double({ min: 0, max: 1, noNaN: true }),
    (x, chance) => {
      const seconds = retryAfterSeconds({ x }, chance);
      assert.ok(Number.isInteger(seconds) && seconds >= 1 && seconds <= 15);
    },
  );
  fc.assert(law, { seed, numRuns: 300 });
  const waits = new Set(Array.from({ length: 100 }, (_, nth) => retryAfterSeconds({ x: 1 }, nth / 100)));
  assert.ok(waits.size >= 10);
});
