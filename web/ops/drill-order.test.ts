import assert from "node:assert/strict";
import { test } from "node:test";
import { drillBody } from "#wire/drills.ts";
import { experimentBody } from "#wire/experiment.ts";
import { lossOrder, progressOf } from "./drill-order.ts";

const loss = { kind: "kill", seconds: 60, prefix: "203.0.113.0/24", segment: 5, percent: 1 } as const;

test("[WE160] an order asks for what its kind takes and no more, as the control plane takes it", () => {
  assert.deepEqual(lossOrder("a1", loss), { kind: "kill", body: { durationMs: 60_000 } });
  const withdraw = lossOrder("a1", { ...loss, kind: "withdraw" });
  assert.deepEqual(drillBody.parse(withdraw.body), { durationMs: 60_000, prefix: "203.0.113.0/24" });
  const broken = lossOrder("a1", { ...loss, kind: "broken" });
  assert.deepEqual(experimentBody.parse(broken.body), {
    ...{ applianceId: "a1", segment: 5, share: 0.01, limitMs: 60_000 },
  });
});

test("[WE160] progress goes from nothing to all, whatever the clock of whoever looks", () => {
  const drill = { startedAtMs: 10_000, endsAtMs: 70_000 };
  assert.deepEqual(progressOf(drill, 5000), { share: 0, leftSeconds: 65 });
  assert.deepEqual(progressOf(drill, 40_000), { share: 0.5, leftSeconds: 30 });
  assert.deepEqual(progressOf(drill, 90_000), { share: 1, leftSeconds: 0 });
});
