// What became of an enrolled session, and both arms added up.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type BrokenSegment, drawArm, enrolledId } from "#model/experiment.ts";
import type { SessionSummary } from "#model/playback.ts";
import { type Enrolled, type Outcome, outcomeOf, resultOf } from "./outcomes.ts";

const rule: BrokenSegment = {
  id: "x00c0ffee",
  share: 0.5,
  segment: 50,
  damages: ["bit-flip", "stall"],
  stallMs: 8000,
  endsAtMs: 1e9,
};
const segmentMs = Array.from({ length: 60 }, () => 4000);
const now = { nowMs: 1_000_000, silentMs: 60_000 };

function enrolled(kind: "treatment" | "control", said: Partial<SessionSummary> | undefined): Enrolled {
  const names = Array.from({ length: 100 }, (_, n) => `s${n}`);
  const name = names.find((candidate) => drawArm(candidate, rule).kind === kind) ?? "";
  const sessionId = enrolledId(name, rule);
  const summary: SessionSummary = {
    sessionId,
    lastSeenMs: now.nowMs - 1000,
    lastSeq: 9,
    state: "playing",
    positionMs: 0,
    startupMs: 300,
    stallCount: 0,
    stallMs: 0,
    switchCount: 0,
    bitrateBps: 1e6,
    height: 360,
    applianceId: "a1",
    ...said,
  };
  const session = { id: sessionId, startedAtMs: now.nowMs - 300_000 };
  return { session, summary: said === undefined ? undefined : summary, segmentMs };
}

function verdict(said: Partial<SessionSummary> | undefined): string | undefined {
  return outcomeOf(enrolled("treatment", said), rule, now)?.verdict;
}

test("[QO13] a session that played to the segment's end survived, whatever came then", () => {
  assert.equal(verdict({ positionMs: 200_000 }), "survived");
  assert.equal(verdict({ positionMs: 199_999 }), "pending");
  assert.equal(verdict({ positionMs: 230_000, state: "failed" }), "survived");
  assert.equal(verdict({ positionMs: 199_000, state: "ended" }), "survived");
});

test("[QO13] one that came near and ended or fell silent is lost; a player that gave up is lost wherever it stands", () => {
  assert.equal(verdict({ positionMs: 196_000, state: "closed" }), "lost");
  assert.equal(verdict({ positionMs: 150_000, state: "closed" }), "lost");
  assert.equal(verdict({ positionMs: 196_000, lastSeenMs: 1 }), "lost");
  assert.equal(verdict({ positionMs: 0, state: "failed" }), "lost");
});

test("[QO13] who left long before, never said anything, or watches another title's end is judged in no arm", () => {
  assert.equal(verdict({ positionMs: 20_000, state: "closed" }), "not-reached");
  assert.equal(verdict({ positionMs: 20_000, lastSeenMs: 1 }), "not-reached");
  assert.equal(verdict(undefined), "not-reached");
  const short = { ...enrolled("treatment", { state: "ended", positionMs: 8000 }), segmentMs: [4000, 4000] };
  assert.equal(outcomeOf(short, rule, now)?.verdict, "not-reached");
  const stranger = enrolled("control", { positionMs: 220_000 });
  const foreign = { ...stranger, session: { id: "s1", startedAtMs: 0 } };
  assert.equal(outcomeOf(foreign, rule, now), undefined);
});

test("[QO13] arms are added up from judged sessions alone, with the damage of those that were treated", () => {
  const survived = {
    positionMs: 210_000,
    state: "closed",
    stallCount: 1,
    stallMs: 500,
    switchCount: 2,
  } as const;
  const outcomes = [
    outcomeOf(enrolled("treatment", survived), rule, now),
    outcomeOf(enrolled("treatment", { ...survived, positionMs: 190_000, stallCount: 3 }), rule, now),
    outcomeOf(enrolled("treatment", { positionMs: 1000 }), rule, now),
    outcomeOf(enrolled("treatment", { positionMs: 1000, state: "closed" }), rule, now),
    outcomeOf(enrolled("control", survived), rule, now),
    outcomeOf(enrolled("control", { ...survived, stallCount: 0 }), rule, now),
  ].filter((one): one is Outcome => one !== undefined);
  assert.equal(outcomes.length, 6);
  const { treatment, control, difference, byDamage } = resultOf(outcomes, rule.damages, 0.95);
  const { sessions, pending, notReached, lost } = treatment;
  assert.deepEqual(
    { sessions, pending, notReached, lost },
    { sessions: 4, pending: 1, notReached: 1, lost: 1 },
  );
  assert.equal(treatment.survival?.value, 0.5);
  assert.equal(treatment.stallCount?.value, 2);
  assert.equal(control.survival?.value, 1);
  assert.equal(difference.survival?.value, -0.5);
  assert.equal(difference.stallCount?.value, 1.5);
  assert.equal(difference.stalled?.value, 0.5);
  assert.equal(difference.switchCount?.value, 0);
  assert.equal(
    byDamage.reduce((sum, one) => sum + one.survived + one.lost, 0),
    2,
  );
  const none = resultOf([], rule.damages, 0.95);
  assert.equal(none.treatment.survival, undefined);
  assert.equal(none.difference.stallMs, undefined);
});
