// Who is in which arm, and what ends an experiment.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Arm, armOf, damages, drawArm, enrolledId } from "#model/experiment.ts";
import { seededRandom } from "#units/random.ts";
import {
  admits,
  dueLook,
  type Experiment,
  type ExperimentEvent,
  type ExperimentOrder,
  harmIn,
  ruleOf,
  step,
} from "./experiment.ts";
import type { Outcome } from "./outcomes.ts";

const seed = 4_150_050;
const order: ExperimentOrder = {
  share: 0.01,
  segment: 50,
  damages,
  stallMs: 8000,
  mostSessions: 100,
  limitMs: 60_000,
  looks: 20,
  falseAlarm: 0.05,
  margin: 0.02,
  leastPerArm: 20,
};
const created: Experiment = { id: "x00c0ffee", createdAtMs: 0, order, state: { kind: "created" } };
const begun = step(created, { kind: "start" }, 1000);

function outcome(arm: Outcome["arm"], survived: boolean, stallCount = 0): Outcome {
  const verdict = survived ? "survived" : "lost";
  return { arm, damage: undefined, verdict, stallCount, stallMs: 0, switchCount: 0 };
}

function many(count: number, one: (index: number) => Outcome): readonly Outcome[] {
  return Array.from({ length: count }, (_, index) => one(index));
}

/** Whether a count is within five standard deviations of what chance gives. */
function likely(count: number, of: number, p: number): boolean {
  return Math.abs(count - of * p) <= 5 * Math.sqrt(of * p * (1 - p));
}

test("[QO9] both arms get the share asked for, damages are equally likely, and nothing depends on anything else", () => {
  const names = 200_000;
  for (const [id, share] of [
    ["x00000001", 0.01],
    ["xfedcba98", 0.05],
    ["x00000002", 0.5],
  ] as const) {
    const rule = { id, share, damages };
    const count = { treatment: 0, control: 0, none: 0 };
    const byDamage = new Map<string, number>();
    /** Damage that the other experiment gives those who are treated here. */
    let both = 0;
    for (let n = 0; n < names; n++) {
      const arm = drawArm(`session-${n}`, rule);
      count[arm.kind] += 1;
      if (arm.kind !== "treatment") continue;
      byDamage.set(arm.damage, (byDamage.get(arm.damage) ?? 0) + 1);
      if (drawArm(`session-${n}`, { ...rule, id: "x77777777" }).kind === "treatment") both += 1;
    }
    assert.ok(likely(count.treatment, names, share), `${id} treated ${count.treatment}`);
    assert.ok(likely(count.control, names, share), `${id} control ${count.control}`);
    assert.ok(likely(both, count.treatment, share), `${id} treated in another one as well ${both}`);
    for (const damage of damages) {
      const got = byDamage.get(damage) ?? 0;
      assert.ok(likely(got, count.treatment, 1 / damages.length), `${id} ${damage} ${got}`);
    }
  }
});

test(`[QO9] the arm is the same whenever it is asked, and none for whom was not enrolled; seed ${seed}`, () => {
  fc.assert(
    fc.property(fc.uuid(), fc.double({ min: 0, max: 0.5, noNaN: true }), (name, share) => {
      const rule = { id: "x0000abcd", share, damages };
      const drawn: Arm = drawArm(name, rule);
      assert.deepEqual(drawArm(name, rule), drawn);
      assert.deepEqual(armOf(enrolledId(name, rule), rule), drawn);
      assert.deepEqual(armOf(name, rule), { kind: "none" });
      assert.deepEqual(armOf(enrolledId(name, { id: "x0000abce" }), rule), { kind: "none" });
      // A greater share keeps whoever was treated.
      const treated = drawArm(name, { ...rule, share: 0.5 });
      if (drawn.kind === "treatment") assert.deepEqual(treated, drawn);
    }),
    { seed, numRuns: 500 },
  );
  assert.deepEqual(drawArm("anyone", { id: "x00000001", share: 0, damages }), { kind: "none" });
});

test(`[QO10] it begins once, ends at its time limit whatever happens, and stays ended; seed ${seed}`, () => {
  const events = fc.oneof(
    fc.constant<ExperimentEvent>({ kind: "start" }),
    fc.constant<ExperimentEvent>({ kind: "tick" }),
    fc.constant<ExperimentEvent>({ kind: "look", outcomes: [] }),
    fc.constant<ExperimentEvent>({ kind: "abort", because: "enough" }),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(events, fc.nat(30_000)), { maxLength: 30 }), (story) => {
      let [experiment, nowMs] = [created, 0];
      const kinds: string[] = ["created"];
      for (const [event, passed] of story) {
        nowMs += passed;
        const after = step(experiment, event, nowMs);
        if (experiment.state.kind === "ended" || experiment.state.kind === "aborted") {
          assert.equal(after, experiment);
        }
        if (after.state.kind === "running") assert.ok(nowMs < after.state.endsAtMs);
        if (after.state.kind !== experiment.state.kind) kinds.push(after.state.kind);
        experiment = after;
      }
      assert.match(kinds.join(" "), /^created( running)?( (ended|aborted))?$/);
    }),
    { seed, numRuns: 300 },
  );
  assert.equal(step(created, { kind: "tick" }, 1e9).state.kind, "created");
  const late = step(begun, { kind: "abort", because: "too late" }, 61_000);
  assert.deepEqual(late.state, { kind: "ended", startedAtMs: 1000, endedAtMs: 61_000 });
  const aborted = step(begun, { kind: "abort", because: "enough" }, 60_999);
  const wanted = { kind: "aborted", startedAtMs: 1000, endedAtMs: 60_999, because: "enough" };
  assert.deepEqual(aborted.state, wanted);
  assert.equal(ruleOf(begun).endsAtMs, 61_000);
  assert.equal(ruleOf(aborted).endsAtMs, 0);
});

test("[QO11] it admits as many as asked for, while it runs", () => {
  assert.ok(admits(begun, 99, 2000));
  assert.ok(!admits(begun, 100, 2000));
  assert.ok(!admits(begun, 0, 61_000));
  assert.ok(!admits(created, 0, 2000));
  assert.ok(!admits(step(begun, { kind: "abort", because: "enough" }, 1500), 0, 2000));
});

test("[QO12] survivors fewer than the margin allows abort it, with the numbers", () => {
  const outcomes = [
    ...many(40, (n) => outcome("treatment", n < 20)),
    ...many(40, () => outcome("control", true)),
  ];
  const { state } = step(begun, { kind: "look", outcomes }, 4000);
  assert.ok(state.kind === "aborted");
  assert.match(state.because, /^20 of 40 sessions went on past the broken segment, 40 of 40 past the whole/);
});

test("[QO12] more sessions with a stall than the margin allows abort it, however many stalls each has", () => {
  const outcomes = [
    ...many(40, (n) => outcome("treatment", true, n < 25 ? 1 : 0)),
    ...many(40, () => outcome("control", true)),
  ];
  assert.match(harmIn(outcomes, order) ?? "", /^25 of 40 sessions stalled with the broken segment, 0 of 40/);
  // One session that stalls a hundred times is no sign of anything.
  const one = many(40, (n) => outcome("treatment", true, n === 0 ? 100 : 0));
  assert.equal(harmIn([...one, ...many(40, () => outcome("control", true))], order), undefined);
});

test("[QO12] the other arm's misfortune, too few sessions, and what the margin allows abort nothing", () => {
  const bad = many(400, (n) => outcome("control", n < 100, 3));
  assert.equal(harmIn([...many(400, () => outcome("treatment", true)), ...bad], order), undefined);
  const few = [...many(19, () => outcome("treatment", false)), ...many(400, () => outcome("control", true))];
  assert.equal(harmIn(few, order), undefined);
  const nearly = [
    ...many(40, (n) => outcome("treatment", n < 20)),
    ...many(40, () => outcome("control", true)),
  ];
  assert.equal(harmIn(nearly, { ...order, margin: 0.5 }), undefined);
});

test("[QO12] looks are taken at their moments, once, and a missed one is not made up for", () => {
  const look: ExperimentEvent = { kind: "look", outcomes: [] };
  assert.equal(dueLook(begun, 3999), undefined);
  assert.equal(dueLook(begun, 4000), 1);
  const first = step(begun, look, 4000);
  assert.equal(dueLook(first, 6999), undefined);
  const later = step(first, look, 13_500);
  assert.ok(later.state.kind === "running" && later.state.look === 4);
  const bad = [...many(40, () => outcome("treatment", false)), ...many(40, () => outcome("control", true))];
  const between = step(later, { kind: "look", outcomes: bad }, 13_600);
  assert.equal(between, later);
});

test(`[QO12] arms that fare alike are not aborted more often than asked for; seed ${seed}`, () => {
  const random = seededRandom(seed);
  const rounds = 400;
  const alarming: ExperimentOrder = { ...order, margin: 0, falseAlarm: 0.1, looks: 10 };
  let alarms = 0;
  for (let round = 0; round < rounds; round++) {
    const outcomes: Outcome[] = [];
    for (let look = 0; look < alarming.looks; look++) {
      for (let n = 0; n < 30; n++) {
        const arm = n % 2 === 0 ? "treatment" : "control";
        outcomes.push(outcome(arm, random.next() < 0.85, random.next() < 0.2 ? 1 : 0));
      }
      if (harmIn(outcomes, alarming) === undefined) continue;
      alarms += 1;
      break;
    }
  }
  assert.ok(alarms <= rounds * alarming.falseAlarm, `${alarms} false alarms in ${rounds}`);
  assert.ok(alarms > 0, "with no margin some chance remains: the test sees it");
});
