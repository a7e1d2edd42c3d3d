import assert from "node:assert/strict";
import { test } from "node:test";
import { spanFrom } from "./quality-figures.ts";

test("[WE127] a span of time begins at the same moment for a sixtieth of it, and is never shorter than it says", () => {
  const nowMs = Date.UTC(2026, 10, 1, 12);
  for (const hours of [1, 24, 168]) {
    const [spanMs, stepMs] = [hours * 3_600_000, hours * 60_000];
    const from = spanFrom(nowMs, hours);
    const until = from + stepMs + spanMs;
    assert.ok(nowMs - from >= spanMs && nowMs - from < spanMs + stepMs);
    assert.equal(spanFrom(until - 1, hours), from);
    assert.equal(spanFrom(until, hours), from + stepMs);
  }
});
