import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { bitsPerSecond, bytesPerSecond } from "#units/quantity.ts";
import { atRate, draw, emptyBucket, giveBack, laneRate, lowerCap } from "./fill-rate.ts";

const rates = fc
  .oneof(fc.integer({ min: 1, max: 1000 }), fc.integer({ min: 1000, max: 2e8 }))
  .map(bytesPerSecond);

/** Everything that passes, each drawer asking again as soon as it may and now and then later. */
function passed(rate: number, drawers: number, pauses: readonly number[]): { at: number; bytes: number }[] {
  let bucket = emptyBucket(bytesPerSecond(rate), 0);
  let now = 0;
  const found: { at: number; bytes: number }[] = [];
  for (const pause of pauses) {
    now += pause;
    const drawn = draw(bucket, 65_536, drawers, now);
    bucket = drawn.bucket;
    if (drawn.granted > 0) found.push({ at: now, bytes: drawn.granted });
    else now += drawn.waitMs;
  }
  return found;
}

/** The most in any second. */
function mostInASecond(found: readonly { at: number; bytes: number }[]): number {
  return found.reduce((most, first, i) => {
    const inside = found.slice(i).filter(({ at }) => at < first.at + 1000);
    return Math.max(
      most,
      inside.reduce((sum, { bytes }) => sum + bytes, 0),
    );
  }, 0);
}

test("[ED193] law: over any second no more than the rate and 5 % passes, and a byte", () => {
  const pauses = fc.array(
    fc.oneof(
      { weight: 6, arbitrary: fc.constant(0) },
      fc.double({ min: 0, max: 40, noNaN: true }),
      fc.nat(900),
    ),
    { minLength: 50, maxLength: 400 },
  );
  const law = fc.property(rates, fc.integer({ min: 1, max: 64 }), pauses, (rate, drawers, given) => {
    const most = mostInASecond(passed(rate, drawers, given));
    assert.ok(most <= 1.05 * rate + 1, `${most} of ${rate}`);
  });
  fc.assert(law, { numRuns: 300, seed: 193 });
});

test("[ED193] law: what was drawn and is used late passes with what is drawn then, and all of it stays under 5 %", () => {
  const law = fc.property(
    rates.filter((rate) => rate > 6400),
    fc.integer({ min: 1, max: 64 }),
    (rate, drawers) => {
      let bucket = emptyBucket(rate, 0);
      let held = 0;
      for (let i = 0; i < drawers; i += 1) {
        const drawn = draw(bucket, 65_536, drawers, 10_000 * (i + 1));
        bucket = drawn.bucket;
        held += drawn.granted;
      }
      const start = 10_000 * (drawers + 2);
      let now = start;
      let bytes = held;
      for (let tries = 0; tries < 5000 && now < start + 1000; tries += 1) {
        const drawn = draw(bucket, 65_536, drawers, now);
        bucket = drawn.bucket;
        bytes += drawn.granted;
        now += drawn.waitMs;
      }
      assert.ok(bytes <= 1.05 * rate + 1, `${bytes} of ${rate}`);
    },
  );
  fc.assert(law, { numRuns: 100, seed: 194 });
});

test("[ED193] who asks all the time gets the rate, and what is given back is not lost", () => {
  let bucket = emptyBucket(bytesPerSecond(1e6), 0);
  let [bytes, now] = [0, 0];
  while (now < 10_000) {
    const drawn = draw(bucket, 65_536, 4, now);
    const unused = Math.floor(drawn.granted / 2);
    bucket = giveBack(drawn.bucket, unused);
    bytes += drawn.granted - unused;
    now += drawn.waitMs;
  }
  assert.ok(bytes > 9.9e6 && bytes <= 10.1e6, `${bytes} bytes in 10 s`);
});

test("[ED193] a new rate counts at once; 0 lets nothing pass, no cap everything", () => {
  const slow = atRate(
    draw(emptyBucket(bytesPerSecond(1e9), 0), 1, 1, 60_000).bucket,
    bytesPerSecond(1000),
    60_000,
  );
  assert.ok(slow.held <= 30, "what a faster bucket held is not kept");
  assert.deepEqual(
    draw(atRate(slow, bytesPerSecond(0), 60_000), 10, 1, 90_000).waitMs,
    Number.POSITIVE_INFINITY,
  );
  const free = draw(emptyBucket(bytesPerSecond(Number.POSITIVE_INFINITY), 0), 65_536, 4, 0);
  assert.deepEqual([free.granted, free.waitMs], [65_536, 0]);
  assert.deepEqual(
    [lowerCap(bitsPerSecond(0), bitsPerSecond(5)), lowerCap(bitsPerSecond(4), bitsPerSecond(5))],
    [5, 4],
  );
});

test("[ED194] law: the urgent lane never takes more than its share of what is free, nor the box to its limit, nor the cap", () => {
  const amount = fc.double({ min: 0, max: 2e10, noNaN: true });
  const law = fc.property(
    amount,
    amount,
    amount,
    fc.double({ min: 0, max: 1, noNaN: true }),
    (cap, load, size, share) => {
      const egress = { throughput: bitsPerSecond(size), load: bitsPerSecond(load), limitShare: 0.85 };
      const rate = laneRate(bitsPerSecond(cap), share, egress);
      assert.ok(rate >= 0 && rate <= cap);
      assert.ok(rate <= share * Math.max(0, size - load));
      assert.ok(rate === 0 || rate + load <= 0.85 * size + 1e-3);
    },
  );
  fc.assert(law, { numRuns: 500, seed: 195 });
  const egress = { throughput: bitsPerSecond(1e9), load: bitsPerSecond(6e8), limitShare: 0.85 };
  assert.equal(laneRate(bitsPerSecond(1e12), 0.25, egress), 1e8);
  assert.equal(laneRate(bitsPerSecond(1e12), 0.25, { ...egress, load: bitsPerSecond(8.4e8) }), 1e7);
  assert.equal(laneRate(bitsPerSecond(1e12), 0.25, { ...egress, load: bitsPerSecond(8.5e8) }), 0, "shut");
});
