import assert from "node:assert/strict";
import { test } from "node:test";
import { shareAt } from "#draw/demand-curve.ts";
import { whatIf } from "./what-if.ts";

const curve = Array.from({ length: 101 }, (_, at) => ({ depth: at / 100, share: (at / 100) ** 0.4 }));
const storage = [0.5, 0.3, 0.2];
const traffic = [0.4, 0.3, 0.3];
const cutoff = 0.2;
const gap = shareAt(curve, cutoff) - cutoff;
/** As src/place/split.ts writes them. */
const weights = storage.map((s, at) => {
  const pull = ((traffic[at] ?? 0) - s) / gap;
  return { serverId: `s${at}`, alpha: s + pull * (1 - cutoff), beta: s - pull * cutoff };
});
const plan = {
  ...{ cutoff, weights },
  theory: { method: "two-bands" as const, curve, cheapest: 0.2, bands: [], headTraffic: 0 },
};

const close = (a: number | undefined, b: number | undefined): boolean =>
  Math.abs((a ?? 9) - (b ?? -9)) < 1e-9;

test("[WE130] at the plan's own cutoff the weights are the plan's, and elsewhere both equations hold", () => {
  const same = whatIf(plan, cutoff);
  for (const [at, { alpha, beta }] of weights.entries()) {
    assert.ok(close(same?.weights[at]?.alpha, alpha) && close(same?.weights[at]?.beta, beta));
  }
  assert.ok(close(same?.churn, 1));
  for (const other of [0.05, 0.2, 0.5, 0.8]) {
    const share = shareAt(curve, other);
    const found = whatIf(plan, other)?.weights ?? [];
    assert.equal(found.length, 3);
    for (const [at, { alpha, beta }] of found.entries()) {
      assert.ok(close(alpha * other + beta * (1 - other), storage[at]), `storage at ${other}`);
      assert.ok(close(alpha * share + beta * (1 - share), traffic[at]), `traffic at ${other}`);
    }
  }
});

test("[WE130] a cutoff is impossible exactly where the servers' parts do not allow it", () => {
  const ratios = storage.map((s, at) => (traffic[at] ?? 0) / s);
  const [least, most] = [Math.min(...ratios), Math.max(...ratios)];
  let [possible, impossible] = [0, 0];
  for (let step = 1; step < 100; step++) {
    const other = step / 100 + 0.0031;
    const share = shareAt(curve, other);
    const isFeasible: boolean = (1 - share) / (1 - other) <= least && share / other >= most;
    assert.equal(whatIf(plan, other)?.impossible === 0, isFeasible, `at ${other}`);
    if (isFeasible) possible += 1;
    else impossible += 1;
  }
  assert.ok(possible > 10 && impossible > 10);
  assert.equal(whatIf(plan, 1)?.impossible, 3, "there popular and tail do not differ");
  assert.equal(whatIf({ ...plan, theory: undefined }, 0.2), undefined);
});
