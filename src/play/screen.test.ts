// The client rule of screens: never plays beyond its lease, tries while there is time, and tells a lapse from a takeover.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  type LeaseNews,
  newScreen,
  patienceMs,
  type Screen,
  type ScreenEvent,
  screenClock,
  stepScreen,
  stopEarlyMs,
} from "./screen.ts";

const lease: LeaseNews = { ttlMs: 45_000, renewAfterMs: 10_000 };

const kindsOf = (state: Screen, event: ScreenEvent, nowMs: number): readonly string[] =>
  stepScreen(state, event, nowMs).commands.map(({ kind }) => kind);

test("[PY180] a lease counts from just before its beat was sent, and the picture stops 2 s before its end", () => {
  const begun = newScreen(lease, 1000);
  const answered = stepScreen(begun, { kind: "renewed", sentMs: 11_000, lease }, 14_000).state;
  assert.equal(answered.stopAtMs, 11_000 + 45_000 - stopEarlyMs);
  assert.deepEqual(kindsOf(answered, { kind: "looked" }, 20_999), []);
  assert.deepEqual(kindsOf({ ...answered, beatAtMs: 1e9 }, { kind: "looked" }, 53_999), []);
  assert.deepEqual(kindsOf({ ...answered, beatAtMs: 1e9 }, { kind: "looked" }, 54_000), ["stop"]);
  const older = stepScreen(answered, { kind: "renewed", sentMs: 5000, lease }, 15_000).state;
  assert.equal(older.stopAtMs, answered.stopAtMs, "an answer that was overtaken shortens nothing");
});

test("[PY181] it beats when the server said, and again after pauses that double while nobody answers", () => {
  let state = newScreen(lease, 0);
  assert.deepEqual(kindsOf(state, { kind: "looked" }, 9999), []);
  assert.deepEqual(kindsOf(state, { kind: "looked" }, 10_000), ["beat"]);
  state = stepScreen(state, { kind: "sent" }, 10_000).state;
  assert.deepEqual(kindsOf(state, { kind: "looked" }, 11_000), [], "one at a time");
  const pauses: number[] = [];
  for (let n = 0; n < 6; n++) {
    state = stepScreen(state, { kind: "unanswered", chance: 1 }, 12_000).state;
    pauses.push(state.beatAtMs - 12_000);
  }
  assert.deepEqual(pauses, [500, 1000, 2000, 2000, 2000, 2000]);
  assert.equal(stepScreen(newScreen(lease, 0), { kind: "unanswered", chance: 0 }, 0).state.beatAtMs, 250);
});

test("[PY182] when the time is over it holds the picture, goes on trying, and plays on with the first answer", () => {
  const late = stepScreen(newScreen(lease, 0), { kind: "looked" }, 43_000);
  assert.deepEqual(late.commands, [{ kind: "stop" }, { kind: "beat" }]);
  assert.equal(late.state.kind, "waiting");
  const back = stepScreen(late.state, { kind: "renewed", sentMs: 50_000, lease }, 50_100);
  assert.deepEqual([back.state.kind, back.commands], ["held", [{ kind: "go-on" }]]);
  const stale = stepScreen(late.state, { kind: "renewed", sentMs: 1000, lease }, 50_100);
  assert.deepEqual([stale.state.kind, stale.commands], ["waiting", []], "an answer too old allows nothing");
});

test("[PY183] lost in time: another screen has it; lost late: a new session is asked for. Lost is for ever", () => {
  const begun = newScreen(lease, 0);
  const taken = stepScreen(begun, { kind: "lost" }, 12_000);
  assert.deepEqual(taken.commands, [{ kind: "stop" }, { kind: "taken" }]);
  assert.deepEqual(kindsOf(begun, { kind: "lost" }, 43_000), ["stop", "begin-anew"]);
  const waiting = stepScreen(begun, { kind: "looked" }, 50_000).state;
  assert.deepEqual(kindsOf(waiting, { kind: "lost" }, 50_100), ["stop", "begin-anew"]);
  const after = stepScreen(taken.state, { kind: "renewed", sentMs: 12_000, lease }, 12_100);
  assert.deepEqual([after.state.kind, after.commands], ["lost", []]);
});

test("[PY187] refused for the account's sake, it beats no more and leaves the words to the player", () => {
  const refused = stepScreen(newScreen(lease, 0), { kind: "refused" }, 12_000);
  assert.deepEqual([refused.state.kind, refused.commands], ["lost", []]);
  assert.deepEqual(kindsOf(refused.state, { kind: "looked" }, 60_000), []);
});

test("[PY184] after a sleep that its clock did not see it asks first, and plays only what the lease still allows", () => {
  const begun = newScreen(lease, 0);
  const nap = stepScreen(begun, { kind: "slept", unseenMs: 20_000 }, 5000);
  assert.deepEqual(nap.commands, [{ kind: "beat" }], "asked at once, and the picture moves on");
  const long = stepScreen(begun, { kind: "slept", unseenMs: 3_600_000 }, 5000);
  assert.deepEqual(long.commands, [{ kind: "stop" }, { kind: "beat" }]);
  // A beat that was sent before the sleep and answered after it is as old as the sleep was long.
  const answered = stepScreen(long.state, { kind: "renewed", sentMs: 4000, lease }, 6000);
  assert.deepEqual([answered.state.kind, answered.commands], ["waiting", []]);
  assert.equal(stepScreen(begun, { kind: "slept", unseenMs: -9e9 }, 5000).state.unseenMs, 0);
});

interface Course {
  readonly ttlMs: number;
  readonly drift: number;
  readonly steps: readonly {
    readonly afterMs: number;
    readonly outMs: number;
    readonly backMs: number;
    readonly answered: boolean;
  }[];
}

const courses: fc.Arbitrary<Course> = fc.record({
  ttlMs: fc.integer({ min: 4000, max: 600_000 }),
  drift: fc.double({ min: -1e-3, max: 1e-3, noNaN: true }),
  steps: fc.array(
    fc.record({
      afterMs: fc.integer({ min: 0, max: 120_000 }),
      outMs: fc.integer({ min: 0, max: 30_000 }),
      backMs: fc.integer({ min: 0, max: 30_000 }),
      answered: fc.boolean(),
    }),
    { minLength: 1, maxLength: 40 },
  ),
});

test("[PY185] whatever the network does, and with a clock wrong by 1 in 1000, it never plays when its screen may be someone else's", () => {
  fc.assert(
    fc.property(courses, ({ ttlMs, drift, steps }) => {
      const news = { ttlMs, renewAfterMs: ttlMs / 4 };
      const graceMs = 2 * 1e-3 * ttlMs + 1;
      // `real` is the server's clock; the player's runs faster or slower.
      const clockOf = (real: number): number => real * (1 + drift);
      let [real, serverEnds] = [0, ttlMs];
      let state = newScreen(news, clockOf(0));
      for (const step of steps) {
        real += step.afterMs;
        const sentMs = screenClock(state, clockOf(real));
        // Lost on its way, or refused by a server that let it go: the lease is as it was.
        const reached = step.answered && real + step.outMs < serverEnds + graceMs;
        if (reached) serverEnds = Math.max(serverEnds, real + step.outMs + ttlMs);
        real += step.outMs + step.backMs;
        state = stepScreen(state, { kind: "looked" }, clockOf(real)).state;
        if (reached) state = stepScreen(state, { kind: "renewed", sentMs, lease: news }, clockOf(real)).state;
        if (state.kind === "held")
          assert.ok(real < serverEnds + graceMs, `plays at ${real}, free at ${serverEnds}`);
      }
    }),
    { numRuns: 1000, seed: 180 },
  );
});

test("[PY186] an outage that leaves time for one beat in vain, a pause and another beat is never seen", () => {
  const outages = fc.record({
    ttlMs: fc.integer({ min: 20_000, max: 120_000 }),
    share: fc.double({ min: 0.01, max: 1, noNaN: true }),
    startMs: fc.integer({ min: 0, max: 30_000 }),
    hangs: fc.boolean(),
    chance: fc.double({ min: 0, max: 1, noNaN: true }),
  });
  fc.assert(
    fc.property(outages, ({ ttlMs, share, startMs, hangs, chance }) => {
      const news = { ttlMs, renewAfterMs: ttlMs / 5 };
      let state = newScreen(news, 0);
      // What is left of a lease when its beat is due, less one beat in vain, one pause, and this test's steps.
      const spareMs = ttlMs - stopEarlyMs - news.renewAfterMs - (hangs ? patienceMs(state) : 0) - 2000 - 750;
      const endMs = startMs + spareMs * share;
      let answerAt: { atMs: number; sentMs: number; fine: boolean } | undefined;
      for (let now = 0; now < endMs + ttlMs; now += 250) {
        if (answerAt !== undefined && now >= answerAt.atMs) {
          const { sentMs, fine } = answerAt;
          const event: ScreenEvent = fine
            ? { kind: "renewed", sentMs, lease: news }
            : { kind: "unanswered", chance };
          state = stepScreen(state, event, now).state;
          answerAt = undefined;
        }
        const step = stepScreen(state, { kind: "looked" }, now);
        state = step.state;
        assert.equal(state.kind, "held", `stopped at ${now}, the outage was over at ${endMs}`);
        if (answerAt !== undefined || !step.commands.some(({ kind }) => kind === "beat")) continue;
        state = stepScreen(state, { kind: "sent" }, now).state;
        const fine = now < startMs || now >= endMs;
        answerAt = { atMs: now + (fine ? 100 : hangs ? patienceMs(state) : 10), sentMs: now, fine };
      }
    }),
    { numRuns: 300, seed: 186 },
  );
});
