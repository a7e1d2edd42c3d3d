import assert from "node:assert/strict";
import { test } from "node:test";
import { type BufferSeen, emptyLog, foldLog, stallsOf } from "./log.ts";

test("[PY25] two minutes of the buffer are kept as they came, older ones once a second, and no stall is lost", () => {
  const stalled = (atMs: number): boolean => atMs >= 20_000 && atMs < 20_500;
  let log = emptyLog;
  for (let atMs = 0; atMs < 600_000; atMs += 250) {
    const seen: BufferSeen = {
      kind: "buffer",
      atMs,
      bufferMs: 5000,
      positionMs: atMs,
      stalled: stalled(atMs),
    };
    log = foldLog(log, seen);
  }
  assert.ok(log.buffer.length < 1000, `${log.buffer.length} samples of ten minutes`);
  const gaps = log.buffer.slice(1).map(({ atMs }, index) => atMs - (log.buffer[index]?.atMs ?? 0));
  assert.ok(Math.max(...gaps) <= 1000, "no second without a sample");
  assert.ok(gaps.slice(-470).every((gap) => gap === 250));
  assert.deepEqual(stallsOf(log), [{ fromMs: 20_000, toMs: 20_500 }]);
});
