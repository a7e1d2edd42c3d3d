import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  brokeDown,
  estimateKbps,
  estimateLatencyMs,
  newEstimator,
  observe,
  type Sample,
} from "./estimator.ts";

const transfer = (order: Partial<Sample>): Sample => ({
  bits: 4e6,
  ms: 1000,
  ttfbMs: 0,
  origin: "network",
  ...order,
});
const near = (value: number | undefined, wanted: number): void =>
  assert.ok(value !== undefined && Math.abs(value - wanted) < wanted * 1e-9, `${value} is not ${wanted}`);

test("[PY1] a steady rate is estimated exactly, from the first sample on", () => {
  const kbps = fc.double({ min: 10, max: 1e6, noNaN: true });
  const lasts = fc.array(fc.integer({ min: 20, max: 60_000 }), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(kbps, lasts, (rate, all) => {
      let estimator = newEstimator();
      for (const ms of all) {
        const bits = rate * ms;
        estimator = observe(estimator, transfer({ bits, ms }));
        if (bits >= 128_000 || estimator.samples === 1) near(estimateKbps(estimator), rate);
      }
    }),
    { numRuns: 2000, seed: 1 },
  );
});

test("[PY1] after a drop the estimate follows the fast mean, after a rise the slow one", () => {
  const steady = observe(newEstimator(), transfer({ bits: 40e6, ms: 10_000 }));
  const fell = estimateKbps(observe(steady, transfer({ bits: 3e6, ms: 3000 })));
  const rose = estimateKbps(observe(steady, transfer({ bits: 24e6, ms: 3000 })));
  assert.ok(fell !== undefined && fell < 2600, `${fell}`);
  assert.ok(rose !== undefined && rose < 6000, `${rose}`);
});

test("[PY2] time to the first byte is latency, not a slow network", () => {
  const estimator = observe(newEstimator(), transfer({ bits: 4e6, ms: 1500, ttfbMs: 500 }));
  near(estimateKbps(estimator), 4000);
  near(estimateLatencyMs(estimator), 500);
});

test("[PY3] transfers that say nothing change nothing", () => {
  const known = observe(newEstimator(), transfer({}));
  for (const origin of ["cache", "cut-short", "asleep"] as const) {
    assert.equal(observe(known, transfer({ origin, bits: 9e9 })), known);
  }
  assert.equal(observe(known, transfer({ bits: 100_000, ms: 900 })), known);
  assert.equal(observe(known, transfer({ ms: Number.NaN })), known);
});

test("[PY3] a small first body counts, and a transfer too short for the clock counts as 5 ms", () => {
  near(estimateKbps(observe(newEstimator(), transfer({ bits: 40_000, ms: 0.2 }))), 8000);
});

test("[PY117] a network that broke down is estimated anew at the rate that was seen, and its latency stays", () => {
  let estimator = newEstimator();
  for (let i = 0; i < 5; i++) {
    estimator = observe(estimator, { bits: 20_000_000, ms: 1050, ttfbMs: 50, origin: "network" });
  }
  const broken = brokeDown(estimator, 1000, 1500);
  assert.equal(Math.round(estimateKbps(broken) ?? 0), 1000);
  assert.equal(Math.round(estimateLatencyMs(broken)), 50);
  assert.equal(brokeDown(estimator, 0, 1500), estimator, "nothing was seen");
  assert.equal(
    estimateLatencyMs(brokeDown(newEstimator(), 1000, 1500)),
    0,
    "of latency nothing is known yet",
  );
});
