import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { seededRandom } from "#units/random.ts";
import { type GateSettings, judged, openGate, type PlayersGate, verdictOf } from "./player-gate.ts";

const settings: GateSettings = {
  memoryMs: 300_000,
  leastPlays: 10,
  leastMinutes: 20,
  margin: 0.1,
  confidence: 0.99,
  restMs: 120_000,
  longestRestMs: 1_920_000,
  probeMs: 600_000,
  probePlays: 5,
  mostShare: 0.34,
};
const quiet = { plays: 0, starts: 0, startFailures: 0, failures: 0, playMs: 0, stallMs: 0 };
const window = (appliance: string, startMs: number, more: Partial<typeof quiet>) => ({
  ...{ appliance, startMs },
  ...quiet,
  ...more,
});
const failing = (appliance: string, startMs: number, plays: number) =>
  window(appliance, startMs, { plays, startFailures: plays });
const well = (appliance: string, startMs: number, plays: number) =>
  window(appliance, startMs, { plays, starts: plays, playMs: 10_000 * plays });
const boxes = ["a", "b", "c"];
const kindAt = (gate: PlayersGate, id: string, nowMs: number) => verdictOf(gate, id, nowMs, settings).kind;

function brokenA(): PlayersGate {
  const windows = [failing("a", 0, 12), well("b", 0, 12), well("c", 0, 12)];
  return judged(openGate, { appliances: boxes, windows, nowMs: 10_000, settings });
}

test("[QO31] whose players fail clearly more than their peers rests, and the figures are told", () => {
  const gate = brokenA();
  const verdict = verdictOf(gate, "a", 10_000, settings);
  assert.ok(verdict.kind === "resting");
  assert.match(verdict.because, /12 of its 12 plays failed, 0 of 24 at its peers/);
  assert.equal(kindAt(gate, "b", 10_000), "well");
});

test("[QO31] whose players stall clearly more rests as well", () => {
  const windows = [
    window("a", 0, { playMs: 1_200_000, stallMs: 1_200_000 }),
    window("b", 0, { playMs: 2_400_000, stallMs: 10_000 }),
  ];
  const gate = judged(openGate, { appliances: ["a", "b"], windows, nowMs: 10_000, settings });
  assert.equal(kindAt(gate, "a", 10_000), "resting");
});

test("[QO31] few plays, a trouble that all have, and one that is alone say nothing", () => {
  const cases = [
    { appliances: boxes, windows: [failing("a", 0, 9), well("b", 0, 100)] },
    { appliances: boxes, windows: boxes.map((id) => failing(id, 0, 50)) },
    { appliances: ["a"], windows: [failing("a", 0, 50), well("origin", 0, 50)] },
    { appliances: boxes, windows: [failing("a", 0, 50)] },
    { appliances: boxes, windows: [failing("unknown", 0, 50), well("b", 0, 50), well("c", 0, 50)] },
  ];
  for (const one of cases) {
    assert.deepEqual(judged(openGate, { ...one, nowMs: 10_000, settings }).closed, {});
  }
});

test("[QO32] after the rest a few are let in: it comes back if they fare well", () => {
  const rested = brokenA();
  assert.equal(kindAt(rested, "a", 129_999), "resting");
  assert.equal(kindAt(rested, "a", 130_000), "probing");
  const windows = [well("a", 140_000, 5), well("b", 140_000, 20)];
  const gate = judged(rested, { appliances: boxes, windows, nowMs: 150_000, settings });
  assert.deepEqual(gate.closed, {});
  // What was before does not close it again.
  assert.deepEqual(judged(gate, { appliances: boxes, windows: [], nowMs: 160_000, settings }).closed, {});
});

test("[QO32] it rests twice as long if they fare badly, up to the longest rest", () => {
  let gate = brokenA();
  let restMs = settings.restMs;
  for (let nowMs = 10_000; restMs < settings.longestRestMs; ) {
    nowMs += restMs;
    const windows = [failing("a", nowMs, 5), well("b", nowMs, 20)];
    gate = judged(gate, { appliances: boxes, windows, nowMs: nowMs + 10_000, settings });
    nowMs += 10_000;
    restMs = Math.min(2 * restMs, settings.longestRestMs);
    assert.equal(gate.closed.a?.restMs, restMs);
    assert.equal(kindAt(gate, "a", nowMs + restMs - 1), "resting");
  }
});

test("[QO32] it comes back if nobody comes to see", () => {
  const gate = brokenA();
  const endMs = 10_000 + settings.restMs + settings.probeMs;
  assert.equal(kindAt(gate, "a", endMs - 1), "probing");
  assert.equal(kindAt(gate, "a", endMs), "well");
  assert.deepEqual(judged(gate, { appliances: boxes, windows: [], nowMs: endMs, settings }).closed, {});
});

/** Plays of appliances with a chance of failing each, window by window. Returns the gates along the way. */
function lived(seed: number, chances: readonly number[], windows: number): readonly PlayersGate[] {
  const random = seededRandom(seed);
  const ids = chances.map((_, index) => `box-${index}`);
  let gate = openGate;
  return Array.from({ length: windows }, (_, nth) => {
    const startMs = nth * 10_000;
    const seen = ids.map((appliance, index) => {
      const plays = Math.floor(random.next() * 6);
      const failed = Array.from({ length: plays }).filter(() => random.next() < (chances[index] ?? 0)).length;
      const played = { starts: plays - failed, playMs: 30_000 * (plays - failed) };
      return window(appliance, startMs, { plays, startFailures: failed, ...played });
    });
    gate = judged(gate, { appliances: ids, windows: seen, nowMs: startMs + 25_000, settings });
    return gate;
  });
}

test("[QO33] a planted fault is found within two minutes, and nobody else is blamed", () => {
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 3, max: 12 }), (seed, boxes) => {
      const chances = Array.from({ length: boxes }, (_, index) => (index === 1 ? 0.7 : 0.02));
      const gates = lived(seed, chances, 12);
      assert.deepEqual(Object.keys(gates.at(-1)?.closed ?? {}), ["box-1"]);
    }),
    { seed: 31, numRuns: 200 },
  );
});

test("[QO33] of appliances that fare alike hardly one is ever kept out: 1 in 100 runs of half an hour at most", () => {
  let blamed = 0;
  for (let seed = 0; seed < 300; seed++) {
    const gates = lived(seed, [0.05, 0.05, 0.05, 0.05], 180);
    if (gates.some(({ closed }) => Object.keys(closed).length > 0)) blamed += 1;
  }
  assert.ok(blamed <= 3, `${blamed} of 300`);
});

test("[QO34] the share that is kept out is bounded, whatever players say; one is left always", () => {
  const box = fc.record({
    appliance: fc.constantFrom("a", "b", "c", "d", "origin", "unknown"),
    startMs: fc.nat(300_000),
    plays: fc.nat(100),
    starts: fc.nat(100),
    startFailures: fc.nat(100),
    failures: fc.nat(100),
    playMs: fc.nat(10_000_000),
    stallMs: fc.nat(10_000_000),
  });
  fc.assert(
    fc.property(
      fc.array(fc.array(box, { maxLength: 12 }), { maxLength: 8 }),
      fc.integer({ min: 1, max: 4 }),
      (batches, count) => {
        const appliances = ["a", "b", "c", "d"].slice(0, count);
        let gate = openGate;
        for (const [nth, windows] of batches.entries()) {
          gate = judged(gate, { appliances, windows, nowMs: 300_000 + nth * 100_000, settings });
          const out = Object.keys(gate.closed);
          assert.ok(out.length <= Math.max(1, Math.floor(count * settings.mostShare)));
          assert.ok(out.length < count);
          assert.equal(JSON.stringify(JSON.parse(JSON.stringify(gate))), JSON.stringify(gate));
        }
      },
    ),
    { seed: 32, numRuns: 500 },
  );
});
