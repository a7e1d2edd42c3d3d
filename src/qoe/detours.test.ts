import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Cause, causes, detoursOf, type Served, type Steered } from "./detours.ts";

function steered(sessionId: string, choices: Steered["choices"], atMs = 0): Steered {
  return { sessionId, atMs, choices };
}

function served(sessionId: string, sourceId: string, bytes: number, atMs = 10): Served {
  return { sessionId, sourceId, bytes, atMs };
}

function causeFor(choices: Steered["choices"], sourceId: string): Cause | undefined {
  const { byCause } = detoursOf([steered("s", choices)], [served("s", sourceId, 100)]);
  return causes.find((cause) => byCause[cause].bytes > 0);
}

test("[QO29] bytes of the best tier are no detour, whichever of its appliances served them", () => {
  const tier = [
    { id: "a", tier: 0, out: "content" as const },
    { id: "b", tier: 0 },
  ];
  assert.equal(causeFor(tier, "b"), undefined);
  assert.equal(causeFor(tier, "a"), undefined);
});

test("[QO29] the cause is what kept the best tier from serving", () => {
  const far = { id: "far", tier: 1 };
  const best = (...outs: readonly Cause[]): Steered["choices"] => [
    ...outs.map((out, i) => ({ id: `best${i}`, tier: 0, out })),
    far,
  ];
  assert.equal(causeFor(best("content", "content"), "far"), "content");
  assert.equal(causeFor(best("content", "health"), "far"), "health");
  assert.equal(causeFor(best("content", "health", "capacity"), "origin"), "capacity");
  assert.equal(causeFor([{ id: "best", tier: 0 }, far], "far"), "other");
  assert.equal(causeFor([], "origin"), "other");
});

test("[QO29] the decision in force is the latest before the bytes", () => {
  const decisions = [
    steered("s", [{ id: "a", tier: 0, out: "health" }], 100),
    steered("s", [{ id: "a", tier: 0, out: "content" }], 0),
  ];
  const rows = [served("s", "b", 1, 50), served("s", "b", 10, 150), served("s", "b", 100, -1)];
  const { byCause } = detoursOf(decisions, rows);
  assert.deepEqual([byCause.content.bytes, byCause.health.bytes], [101, 10]);
});

const anyCause = fc.constantFrom(...causes);
const anyChoice = fc.record(
  { id: fc.constantFrom("a", "b", "c"), tier: fc.integer({ min: 0, max: 2 }), out: anyCause },
  { requiredKeys: ["id", "tier"] },
);
const anySession = fc.constantFrom("s1", "s2", "s3", "nobody");
const anySteered = fc.record({
  sessionId: anySession,
  atMs: fc.integer({ min: 0, max: 9 }),
  choices: fc.array(anyChoice, { maxLength: 4 }),
});
const anyServed = fc.record({
  sessionId: anySession,
  atMs: fc.integer({ min: 0, max: 9 }),
  sourceId: fc.constantFrom("a", "b", "c", "origin"),
  bytes: fc.integer({ min: 0, max: 1e9 }),
});

test("[QO30] causes add up to all detours, in bytes and in sessions, and shares to exactly 100 %", () => {
  const law = fc.property(
    fc.array(anySteered, { maxLength: 8 }),
    fc.array(anyServed, { maxLength: 20 }),
    (decisions, rows) => {
      const { all, elsewhere, byCause, bySource } = detoursOf(decisions, rows);
      const sum = (of: "bytes" | "sessions" | "shareOfBytes" | "shareOfSessions"): number =>
        causes.reduce((so, cause) => so + byCause[cause][of], 0);
      assert.equal(sum("bytes"), elsewhere.bytes);
      assert.equal(sum("sessions"), elsewhere.sessions);
      assert.equal(
        bySource.reduce((so, { bytes }) => so + bytes, 0),
        elsewhere.bytes,
      );
      assert.equal(sum("shareOfBytes"), elsewhere.bytes > 0 ? 10_000 : 0);
      assert.equal(sum("shareOfSessions"), elsewhere.sessions > 0 ? 10_000 : 0);
      assert.ok(elsewhere.bytes <= all.bytes && elsewhere.sessions <= all.sessions);
      assert.deepEqual(
        detoursOf(decisions.toReversed(), rows.toReversed()),
        detoursOf(decisions, rows),
        "order matters",
      );
    },
  );
  fc.assert(law, { seed: 14, numRuns: 500 });
});
