import assert from "node:assert/strict";
import { test } from "node:test";
import { atLeast, atMost, barsText, figure } from "./place-bars.ts";
import { measuredApart, readOrder } from "./place-order.ts";

test("[PL69] a bar is met at its very value, and one that no placement can meet is missed and says so", () => {
  assert.equal(atLeast("capacity", 0.97, 0.97).verdict, "met");
  assert.equal(atLeast("capacity", 0.97, 0.9699, 1).verdict, "missed");
  const beyond = atLeast("capacity", 0.97, 0.9, 0.912345);
  assert.equal(beyond.verdict, "missed, and no placement could meet it");
  assert.equal(beyond.found, "0.9 (bound 0.9123)");
  assert.equal(atMost("holes", 0.5, 0.5, "%").verdict, "met");
  assert.equal(atMost("holes", 0.5, 0.51, "%").verdict, "missed");
  assert.equal(atMost("holes", 0.5, Number.NaN, "%").verdict, "missed");
  assert.equal(figure(123_456), "123500");
});

test("[PL69] what could not be measured is missed, with the reason", () => {
  const bar = atMost("plan", 1000, undefined, "ms", "out of memory");
  assert.equal(barsText([bar]), "- missed: plan ≤ 1000 ms; found out of memory");
});

test("[PL69] a process of its own plans what it is told, and one that takes too long is an answer", () => {
  const answer = measuredApart({ job: "plan", files: 500, servers: 4 }, 60);
  assert.ok(answer.kind === "figures", JSON.stringify(answer));
  assert.ok((answer.figures.peakMiB ?? 0) > 10 && (answer.figures.effectiveCapacity ?? 0) > 0.1);
  const late = measuredApart({ job: "cutoff", files: 1_000_000, servers: 4 }, 0.01);
  assert.deepEqual(late, { kind: "failed", because: "not done within 0.01 s" });
  assert.throws(() => readOrder('{"job":"plan","files":0,"servers":4}'));
});
