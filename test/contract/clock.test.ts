// The clock's promises, held by the machine's own and by those that tests put in its place.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as rest } from "node:timers/promises";
import { systemClock } from "#io/clock.ts";

test("[DA341] the time that durations are measured by never goes back, and passes as fast as the wall's", async () => {
  const [mono, wall] = [systemClock.monoMs(), systemClock.wallMs()];
  let last: number = mono;
  for (let reads = 0; reads < 100_000; reads++) {
    const now = systemClock.monoMs();
    assert.ok(now >= last, `${now} after ${last}`);
    last = now;
  }
  await rest(30);
  const passed = systemClock.monoMs() - mono;
  assert.ok(passed >= 29, `${passed} ms`);
  // A machine's wall time may be set meanwhile, but not by as much in a test that takes no time.
  assert.ok(Math.abs(systemClock.wallMs() - wall - passed) < 1000);
});

test("[DA341] wall time is milliseconds since 1970, whole ones, and time to measure by is not", () => {
  assert.ok(Math.abs(systemClock.wallMs() - Date.now()) < 1000);
  assert.ok(Number.isInteger(systemClock.wallMs()));
  assert.ok(systemClock.monoMs() < systemClock.wallMs(), "it begins with the program or the machine");
});
