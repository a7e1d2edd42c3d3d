import assert from "node:assert/strict";
import { test } from "node:test";
import { type Alarm, Alarms } from "./alarms.ts";

/** Notes how late it rang. */
function ringing(into: number[], atMs: number): Alarm {
  return { atMs, slot: undefined, ring: () => void into.push(performance.now() - atMs) };
}

/** Resolves when it rings; alarms alone hold no program up. */
function rung(alarms: Alarms, atMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const holding = setTimeout(() => reject(new Error("it never rang")), 20_000);
    const ring = (): void => {
      clearTimeout(holding);
      resolve();
    };
    alarms.set({ atMs, slot: undefined, ring });
  });
}

test("[DA113] of a thousand deadlines on one timer each that was not cleared rings once, and none before its time", async () => {
  const alarms = new Alarms();
  const rang: number[] = [];
  const begun = performance.now();
  const all = Array.from({ length: 1000 }, (_, number) => ringing(rang, begun + 1 + ((number * 7919) % 40)));
  for (const alarm of all) alarms.set(alarm);
  const cleared = all.filter((_, number) => number % 3 === 0);
  for (const alarm of cleared) {
    alarms.clear(alarm);
    alarms.clear(alarm);
  }
  const kept = all.length - cleared.length;
  await rung(alarms, begun + 60);
  assert.equal(rang.length, kept);
  assert.ok(Math.min(...rang) >= -1, "timers are a part of a millisecond early at most");
  const far: number[] = [];
  const farther = ringing(far, performance.now() + 10_000);
  alarms.set(farther);
  await rung(alarms, performance.now() + 5);
  assert.deepEqual(far, [], "a nearer one is not held up by a farther one");
  alarms.clear(farther);
});
