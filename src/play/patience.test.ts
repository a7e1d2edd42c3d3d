import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { abandonTo, type Mark, patienceFor, type Rung, rateNow, windowMs, withMark } from "./patience.ts";

const lower: readonly Rung[] = [
  { rendition: "v240", bits: 1_000_000 },
  { rendition: "v480", bits: 4_000_000 },
];

test("[PY101] silence is borne for a segment at most, and less when little buffer must do for several", () => {
  const ask = { segmentMs: 6000, bufferMs: 60_000, latencyMs: 50, untried: 2, rounds: 0 };
  assert.equal(patienceFor(ask).silentMs, 6000);
  assert.equal(patienceFor({ ...ask, bufferMs: 9000 }).silentMs, 3000);
  assert.equal(patienceFor({ ...ask, bufferMs: 0 }).silentMs, 2000);
  assert.equal(patienceFor({ ...ask, segmentMs: 2000 }).silentMs, 2000);
  assert.equal(
    patienceFor({ ...ask, segmentMs: 400 }).silentMs,
    1000,
    "short segments are no reason to hurry",
  );
  assert.equal(
    patienceFor({ ...ask, bufferMs: 0, latencyMs: 900 }).silentMs,
    3600,
    "a far network is slow to answer",
  );
});

test("[PY101] each round in vain doubles the patience: when nobody was quicker, slowness is borne", () => {
  const ask = { segmentMs: 4000, bufferMs: 60_000, latencyMs: 50, untried: 2 };
  const spans = [0, 1, 2, 9].map((rounds) => patienceFor({ ...ask, rounds }).silentMs);
  assert.deepEqual(spans, [4000, 8000, 16_000, 16_000]);
});

test("[PY101] more buffer never shortens the patience, more sources never lengthen it", () => {
  const asks = fc.record({
    segmentMs: fc.integer({ min: 100, max: 20_000 }),
    bufferMs: fc.integer({ min: 0, max: 120_000 }),
    latencyMs: fc.integer({ min: 0, max: 3000 }),
    untried: fc.integer({ min: 0, max: 8 }),
    rounds: fc.constant(0),
  });
  fc.assert(
    fc.property(asks, fc.integer({ min: 0, max: 60_000 }), (ask, more) => {
      const { silentMs } = patienceFor(ask);
      assert.ok(silentMs >= 1000 && silentMs <= Math.min(6000, Math.max(1000, ask.segmentMs)));
      assert.ok(patienceFor({ ...ask, bufferMs: ask.bufferMs + more }).silentMs >= silentMs);
      assert.ok(patienceFor({ ...ask, untried: ask.untried + 1 }).silentMs <= silentMs);
    }),
    { numRuns: 2000, seed: 12 },
  );
});

const marksOf = (kbps: (atMs: number) => number, untilMs: number, everyMs = 20): readonly Mark[] => {
  let marks: readonly Mark[] = [];
  let bits = 0;
  for (let atMs = 0; atMs <= untilMs; atMs += everyMs) {
    marks = withMark(marks, { atMs, bits });
    bits += kbps(atMs) * everyMs;
  }
  return marks;
};

test("[PY106] the rate is that of the last 1.5 s, from bounded memory", () => {
  assert.equal(
    rateNow(
      marksOf(() => 2000, 400),
      400,
    ),
    undefined,
    "too short to say",
  );
  assert.equal(
    Math.round(
      rateNow(
        marksOf(() => 2000, 5000),
        5000,
      ) ?? 0,
    ),
    2000,
  );
  const broken = marksOf((atMs) => (atMs < 3000 ? 20_000 : 1000), 5000);
  assert.equal(Math.round(rateNow(broken, 5000) ?? 0), 1000);
  assert.ok(broken.length <= windowMs / 60, `${broken.length} marks are kept`);
  assert.ok((rateNow(broken, 7000) ?? 0) < 500, "silence slows it down");
});

test("[PY106] a request runs on while it stalls nobody, else the highest rung that stalls nobody takes its place", () => {
  const ask = { leftBits: 10_000_000, kbps: 1000, bufferMs: 15_000, latencyMs: 50, lower };
  assert.equal(abandonTo(ask), undefined);
  assert.equal(abandonTo({ ...ask, bufferMs: 8000 })?.rendition, "v480");
  assert.equal(abandonTo({ ...ask, bufferMs: 3000 })?.rendition, "v240");
  assert.equal(abandonTo({ ...ask, bufferMs: 0 })?.rendition, "v240", "a stall of 1.8 s instead of 10.5 s");
  assert.equal(abandonTo({ ...ask, bufferMs: 0, lower: [] }), undefined, "there is nothing lower");
});

test("[PY106] what arrived is never thrown away for less than half a second", () => {
  const asks = fc.record({
    leftBits: fc.integer({ min: 1, max: 50_000_000 }),
    kbps: fc.double({ min: 0, max: 50_000, noNaN: true }),
    bufferMs: fc.integer({ min: 0, max: 60_000 }),
    latencyMs: fc.integer({ min: 0, max: 1000 }),
    lower: fc.constantFrom(lower, lower.slice(0, 1), []),
  });
  fc.assert(
    fc.property(asks, (ask) => {
      const target = abandonTo(ask);
      if (target === undefined) return;
      const rate = Math.max(1e-3, ask.kbps);
      const saved = Math.max(0, ask.leftBits / rate + 500 - ask.bufferMs);
      const cost = Math.max(0, ask.latencyMs + target.bits / rate + 500 - ask.bufferMs);
      assert.ok(saved - cost >= 500, `${saved} ms against ${cost} ms`);
    }),
    { numRuns: 5000, seed: 13 },
  );
});
