import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  carry,
  carryPart,
  idle,
  newLink,
  type Period,
  payLatency,
  type Trace,
  traceOf,
} from "./sim-network.ts";

const runs = { numRuns: 10_000, seed: 30 };

function made(periods: readonly Period[]): Trace {
  const reading = traceOf("trace", periods);
  assert.ok(reading.kind === "made", JSON.stringify(reading));
  return reading.trace;
}

function refusal(periods: readonly Period[]): string {
  const reading = traceOf("trace", periods);
  assert.ok(reading.kind === "refused");
  return reading.because;
}

const periods: fc.Arbitrary<readonly Period[]> = fc
  .array(
    fc.record({
      durationMs: fc.double({ min: 20, max: 3000, noNaN: true }),
      kbps: fc.oneof(fc.constant(0), fc.double({ min: 50, max: 9000, noNaN: true })),
      latencyMs: fc.double({ min: 0, max: 400, noNaN: true }),
    }),
    { minLength: 1, maxLength: 12 },
  )
  .filter((list) => list.some((period) => period.kbps > 0));

/** Bits between two moments of a trace that repeats, by walking its periods. */
function carriedBetween(list: readonly Period[], fromMs: number, toMs: number): number {
  let begins = 0;
  let bits = 0;
  for (let i = 0; begins < toMs; i++) {
    const { durationMs = 1, kbps = 0 } = list[i % list.length] ?? {};
    bits += kbps * Math.max(0, Math.min(toMs, begins + durationMs) - Math.max(fromMs, begins));
    begins += durationMs;
  }
  return bits;
}

const halved = (list: readonly Period[]): Period[] =>
  list.flatMap((period) => {
    const half = { ...period, durationMs: period.durationMs / 2 };
    return [half, half];
  });

function near(found: number, wanted: number, what: string): void {
  assert.ok(
    Math.abs(found - wanted) <= 1e-7 * Math.max(1, Math.abs(wanted)),
    `${what}: ${found}, not ${wanted}`,
  );
}

test("[PY30] a latency is paid in parts where periods end, and bits wait for periods that carry some", () => {
  const link = newLink(
    made([
      { durationMs: 50, kbps: 0, latencyMs: 100 },
      { durationMs: 200, kbps: 10, latencyMs: 40 },
    ]),
    () => undefined,
  );
  // Half of the first latency fits into 50 ms; the other half is paid at 40 ms.
  assert.equal(payLatency(link), 70);
  // 180 ms are left of the second period: 1800 bits; then 50 ms pass; the last 200 bits take 20 ms.
  assert.equal(carry(link, 2000), 180 + 50 + 20);
  assert.equal(link.nowMs, 320);
});

test("[PY30] law: bits that arrive are what the trace carries in that time, and halves are as good as a whole", () => {
  const bits = fc.double({ min: 1, max: 2e6, noNaN: true });
  fc.assert(
    fc.property(periods, bits, fc.double({ min: 0, max: 9000, noNaN: true }), (list, size, pauseMs) => {
      const link = newLink(made(list), () => undefined);
      const other = newLink(made(halved(list)), () => undefined);
      for (const each of [link, other]) idle(each, pauseMs);
      const ttfbMs = payLatency(link);
      const ms = carry(link, size);
      near(payLatency(other), ttfbMs, "latency in halves");
      near(carry(other, size), ms, "time in halves");
      const from = pauseMs + ttfbMs;
      const carried = carriedBetween(list, from, from + ms);
      assert.ok(
        Math.abs(carried - size) <= 1e-6 * size + 0.01,
        `${size} bits asked, ${carried} carried in ${ms} ms`,
      );
      near(link.nowMs, from + ms, "clock");
    }),
    runs,
  );
});

test("[PY30] law: a request in pieces takes as long as in one", () => {
  fc.assert(
    fc.property(periods, fc.double({ min: 1, max: 2e6, noNaN: true }), (list, size) => {
      const whole = carry(
        newLink(made(list), () => undefined),
        size,
      );
      const link = newLink(made(list), () => undefined);
      let arrived = 0;
      let took = 0;
      while (arrived < size) {
        carryPart(link, size - arrived, 12_000, 50);
        const last = arrived + link.partBits >= size - 1e-6;
        assert.ok(last || (link.partMs >= 50 - 1e-9 && link.partBits >= 12_000 - 1e-6));
        arrived += link.partBits;
        took += link.partMs;
      }
      near(took, whole, "time in pieces");
    }),
    { ...runs, numRuns: 3000 },
  );
});

test("[PY31] a trace without a bit and an impossible period are refused in words", () => {
  const usual = { durationMs: 1000, kbps: 500, latencyMs: 20 };
  assert.match(refusal([]), /no periods/);
  assert.match(refusal([{ ...usual, kbps: 0 }]), /bandwidth is 0 throughout/);
  assert.equal(
    refusal([usual, { ...usual, kbps: -1 }]),
    "period 2: wanted a bandwidth of 0 kbit/s or more, found -1",
  );
  assert.equal(refusal([{ ...usual, durationMs: 0 }]), "period 1: wanted a duration above 0 ms, found 0");
  assert.match(refusal([{ ...usual, durationMs: Number.NaN }]), /period 1: wanted a duration/);
  assert.match(refusal([{ ...usual, latencyMs: Number.POSITIVE_INFINITY }]), /period 1: wanted a latency/);
});
