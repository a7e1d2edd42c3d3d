// When an event happened, by our clock, whatever the player's shows.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { run, type Said, said, theEnd } from "./sample-stream.ts";
import { longestKeptMs, madeAtMs } from "./stream-event.ts";

const kept = (receivedMs: number, madeMs?: number, sentMs?: number): Said => {
  const word = said({ atMs: receivedMs, ...(madeMs !== undefined && { madeMs }) });
  return { ...word, logged: { ...word.logged, ...(sentMs !== undefined && { sentMs }) } };
};

test("[QO45] the time of a beacon is when it was received less what it was kept, within bounds", () => {
  const at = (...words: Parameters<typeof kept>): number => madeAtMs(kept(...words).logged);
  assert.equal(at(1_000_000, 500, 40_500), 960_000);
  assert.equal(at(1_000_000), 1_000_000, "a player that says nothing");
  assert.equal(at(1_000_000, 500), 1_000_000, "a body without its time");
  assert.equal(at(1_000_000, undefined, 500), 1_000_000, "a beacon without its time");
  assert.equal(at(1_000_000, 900, 100), 1_000_000, "made after it was sent");
  assert.equal(at(1e13, 0, 1e12), 1e13 - longestKeptMs, "longer than is believed");
});

test("[QO45] whatever a player says of its clock, the time is neither later than received nor out of bounds", () => {
  const clock = fc.option(fc.double({ min: 0, max: 1e15, noNaN: true }), { nil: undefined });
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2e12 }), clock, clock, (receivedMs, madeMs, sentMs) => {
      const time = madeAtMs(kept(receivedMs, madeMs, sentMs).logged);
      assert.ok(Number.isInteger(time) && time <= receivedMs && time >= receivedMs - longestKeptMs);
    }),
    { seed: 46 },
  );
});

test("[QO45] beacons that were kept through an outage give the play time that there was; without their times it is lost", () => {
  const course = (tells: boolean) =>
    Array.from({ length: 10 }, (_, nth): Said => {
      const madeMs = 10_000 * nth;
      // The network is away from the third on, and everything comes at 95 s.
      const receivedMs = nth < 3 ? madeMs : 95_000;
      const word = said({ seq: nth + 1, atMs: receivedMs, ...(tells && { madeMs }) });
      return { ...word, logged: { ...word.logged, ...(tells && { sentMs: receivedMs }) } };
    });
  const played = (tells: boolean): number =>
    run([...course(tells), ...theEnd]).records.reduce(
      (sum, record) => sum + (record.kind === "session" ? record.playMs : 0),
      0,
    );
  assert.equal(played(true), 90_000);
  assert.ok(played(false) < 60_000, `${played(false)}`);
});
