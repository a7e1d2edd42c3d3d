// The machines around the page: clocks, connection, memory, and the last guard.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { bufferFor, bufferGoalFor, mediaBytes, mostBytes, refused } from "./buffer-goal.ts";
import { type ClockSign, newPageClock, resigned, stepClock } from "./clock.ts";
import { type ConnectionEvent, drainMs, newConnection, noticeOf, stepConnection } from "./connection.ts";
import { noReopenings, stepReopen } from "./reopen.ts";
import type { Film } from "./types.ts";
import { newWatchdog, stepWatchdog, type WatchdogWord } from "./watchdog.ts";

const filmOf = (topKbps: number, count = 100, ms = 4000): Film => {
  const kbps = [300, Math.max(301, topKbps)];
  return {
    ladder: { kbps, heights: [240, 2160], names: ["240p", "2160p"], ids: ["v240", "v2160"] },
    segments: {
      durationMs: Array.from({ length: count }, () => ms),
      bits: Array.from({ length: count }, () => kbps.map((rate) => rate * ms)),
      vmaf: undefined,
    },
  };
};

test("[PY112] for most films the seconds decide how much is held, for the highest rungs the bytes", () => {
  assert.deepEqual(
    [bufferGoalFor(filmOf(8000)).aheadMs, bufferGoalFor(filmOf(8000)).behindMs],
    [60_000, 30_000],
  );
  const heavier = bufferGoalFor(filmOf(12_000));
  assert.deepEqual([heavier.aheadMs, heavier.behindMs], [60_000, 10_000], "what was seen goes first");
  const heavy = bufferGoalFor(filmOf(40_000));
  assert.ok(heavy.aheadMs >= 16_000 && heavy.aheadMs <= 20_000, `${heavy.aheadMs} ms`);
  assert.equal(heavy.behindMs, 4000);
});

test("[PY112] no stretch of a film holds more bytes than the memory takes, unless two segments do", () => {
  const films = fc.record({
    ms: fc.integer({ min: 1000, max: 10_000 }),
    sizes: fc.array(fc.integer({ min: 1000, max: 60_000 }), { minLength: 2, maxLength: 60 }),
  });
  fc.assert(
    fc.property(films, ({ ms, sizes }) => {
      const plain = filmOf(1000, sizes.length, ms);
      const bits = sizes.map((kbps) => [300 * ms, kbps * ms]);
      const film = { ...plain, segments: { ...plain.segments, bits } };
      const { aheadMs, behindMs } = bufferGoalFor(film);
      assert.ok(aheadMs >= 2 * ms && aheadMs <= Math.max(2 * ms, bufferFor(film.segments.durationMs)));
      if (aheadMs > 2 * ms) assert.ok(mostBytes(film, aheadMs + behindMs) <= mediaBytes);
    }),
    { numRuns: 500, seed: 15 },
  );
});

test("[PY112] [PY113] each refusal of the browser leaves less ahead, and after six the film is given up", () => {
  const film = filmOf(20_000);
  let goal = bufferGoalFor(film);
  for (let refusal = 1; refusal <= 6; refusal++) {
    const next = refused(film, goal);
    assert.ok(next);
    assert.ok(next.bytes < goal.bytes && next.aheadMs <= goal.aheadMs);
    goal = next;
  }
  assert.equal(goal.aheadMs, 8000, "two segments");
  assert.equal(refused(film, goal), undefined);
});

test("[PY113] a film that cannot be decoded is opened again where it stopped, then past the segment", () => {
  const at = { kind: "undecodable", positionMs: 61_500, segmentEndMs: 64_000 } as const;
  const first = stepReopen(noReopenings, at);
  assert.deepEqual(first.word, {
    kind: "reopen",
    atMs: 61_500,
    because: "the browser could not decode the film at 1:01: opened again",
  });
  const second = stepReopen(first.state, { ...at, positionMs: 61_520 });
  assert.equal(second.word.kind === "reopen" ? second.word.atMs : 0, 64_000);
  let state = second.state;
  for (let i = 0; i < 4; i++) state = stepReopen(state, { ...at, kind: "full" }).state;
  assert.deepEqual(stepReopen(state, at).word, { kind: "give-up" });
});

/** Ticks of 250 ms from a fresh answer whose signatures live for `lifeMs`; each may add to either clock. */
function clockCourse(
  lifeMs: number,
  jumps: readonly { atMs: number; ranMs: number; wallMs: number }[],
  forMs: number,
) {
  let [monotonicMs, wallMs] = [1000, 1_800_000_000_000];
  let state = newPageClock({ monotonicMs, wallMs }, wallMs + lifeMs);
  const signs: (ClockSign & { readonly atMs: number })[] = [];
  for (let atMs = 250; atMs <= forMs; atMs += 250) {
    const jump = jumps.find((one) => one.atMs === atMs);
    monotonicMs += 250 + (jump?.ranMs ?? 0);
    wallMs += 250 + (jump?.wallMs ?? 0);
    const step = stepClock(state, { monotonicMs, wallMs });
    state = step.state;
    for (const sign of step.signs) {
      signs.push({ ...sign, atMs });
      if (sign.kind === "renew") state = resigned(state, wallMs + lifeMs);
    }
  }
  return signs;
}

const hourMs = 3_600_000;
const kindsAt = (signs: readonly (ClockSign & { readonly atMs: number })[]) =>
  signs.map((sign) => `${sign.kind} ${sign.atMs}`);

test("[PY114] signatures are renewed a minute before their end, once", () => {
  assert.deepEqual(kindsAt(clockCourse(100_000, [], 79_000)), ["renew 40000"]);
});

test("[PY114] a computer that slept is known by either clock, and its signatures are renewed at once", () => {
  const standing = { atMs: 5000, ranMs: 0, wallMs: hourMs };
  const running = { atMs: 5000, ranMs: hourMs, wallMs: hourMs };
  // A renewal comes ten seconds after the last at the earliest, and the first answer counts as one.
  for (const jump of [standing, running]) {
    assert.deepEqual(kindsAt(clockCourse(600_000, [jump], 20_000)), ["slept 5000", "renew 5000"]);
  }
});

test("[PY114] a clock that is set back or wrong leads to no renewals in a row", () => {
  const back = clockCourse(600_000, [{ atMs: 5000, ranMs: 0, wallMs: -24 * hourMs }], 500_000);
  assert.deepEqual(kindsAt(back), ["set-back 5000"]);
  for (const wrong of [-5 * hourMs, 0, 30 * 24 * hourMs]) {
    const signs = clockCourse(wrong, [], 500_000);
    assert.deepEqual(kindsAt(signs), [], "ten minutes are assumed");
  }
});

test("[PY114] whatever the clocks do, renewals are ten seconds apart and signatures never end unnoticed", () => {
  const jump = fc.record({
    atMs: fc.integer({ min: 1, max: 1200 }).map((tick) => tick * 250),
    ranMs: fc.integer({ min: 0, max: hourMs }),
    wallMs: fc.integer({ min: -hourMs, max: hourMs }),
  });
  fc.assert(
    fc.property(
      fc.array(jump, { maxLength: 5 }),
      fc.integer({ min: 61_000, max: 400_000 }),
      (jumps, lifeMs) => {
        const renewals = clockCourse(lifeMs, jumps, 300_000).filter((sign) => sign.kind === "renew");
        const skips = jumps.reduce((sum, one) => sum + Math.max(one.ranMs, one.wallMs, 0), 0);
        for (const [i, { atMs }] of renewals.entries()) {
          const before = renewals[i - 1]?.atMs ?? 0;
          assert.ok(
            atMs - before + skips >= Math.min(10_000, lifeMs - 60_000) - 250,
            `${before} and ${atMs}`,
          );
          assert.ok(atMs - before <= Math.max(10_000, lifeMs - 60_000) + 250, `${before} and ${atMs}`);
        }
      },
    ),
    { numRuns: 300, seed: 16 },
  );
});

test("[PY108] the browser's word holds until something arrives, and its return wakes what pauses", () => {
  const steps: readonly [ConnectionEvent["kind"], boolean, boolean, number?][] = [
    ["offline", false, false],
    ["outage", false, false],
    ["arrived", false, false, -1],
    ["online", true, true],
    ["arrived", true, true, 3500],
    ["arrived", true, false, 3600],
    ["offline", false, false],
    ["arrived", true, true, 6100],
  ];
  let state = newConnection(true);
  for (const [index, [kind, online, wake, startedMs = 0]] of steps.entries()) {
    const event = kind === "arrived" ? { kind, startedMs } : { kind };
    const step = stepConnection(state, event, index * 1000);
    state = step.state;
    assert.deepEqual([kind, state.online, step.wake], [kind, online, wake]);
  }
  assert.equal(state.outageSinceMs, undefined);
});

test("[PY108] an outage has its length in words, and its notice says how much film is left", () => {
  const out = stepConnection(newConnection(true), { kind: "outage" }, 1000).state;
  assert.equal(
    noticeOf(out, 12_900),
    "No appliance answers. 12 s of film are left; it goes on when the connection is back.",
  );
  assert.equal(noticeOf(out, 0), "No appliance answers. The film goes on when the connection is back.");
  const off = stepConnection(out, { kind: "offline" }, 2000).state;
  assert.match(noticeOf(off, 0) ?? "", /^There is no connection/);
  const back = stepConnection(off, { kind: "arrived", startedMs: 30_900 }, 31_000);
  assert.equal(back.note, "the network carries again, after 30.0 s");
  assert.equal(noticeOf(back.state, 0), undefined);
});

test("[PY115] film lasts by the playback rate, and for ever while paused", () => {
  assert.deepEqual(
    [drainMs(10_000, 1), drainMs(10_000, 2), drainMs(10_000, 0.5), drainMs(10_000, -1)],
    [10_000, 5000, 20_000, 10_000],
  );
  assert.equal(drainMs(10_000, 0), Number.POSITIVE_INFINITY);
  assert.equal(drainMs(0, 0), 0, "nothing lasts no time");
});

/** A word per 250 ms, for a picture whose position each look may move. */
function watch(
  forMs: number,
  look: (atMs: number) => { positionMs: number; wanted?: boolean; underWay?: number },
) {
  let state = newWatchdog(0);
  const words: [WatchdogWord, number][] = [];
  for (let atMs = 250; atMs <= forMs; atMs += 250) {
    const step = stepWatchdog(state, { wanted: true, underWay: 0, ...look(atMs) }, atMs);
    state = step.state;
    if (step.word !== "nothing") words.push([step.word, atMs]);
  }
  return words;
}

test("[PY119] a picture that stands still for no reason is nudged three times, then given up", () => {
  assert.deepEqual(
    watch(30_000, () => ({ positionMs: 5000 })),
    [
      ["nudge", 6250],
      ["nudge", 12_250],
      ["nudge", 18_250],
      ["stuck", 24_250],
    ],
  );
});

test("[PY119] a picture that runs, that nobody wants, or that waits for a request is left alone", () => {
  assert.deepEqual(
    watch(60_000, (atMs) => ({ positionMs: atMs })),
    [],
  );
  assert.deepEqual(
    watch(60_000, () => ({ positionMs: 5000, wanted: false })),
    [],
  );
  assert.deepEqual(
    watch(60_000, () => ({ positionMs: 5000, underWay: 1 })),
    [],
  );
});

test("[PY119] playing on takes the nudges back, moving by a nudge alone does not", () => {
  const nudged = watch(60_000, (atMs) => ({ positionMs: Math.floor(atMs / 6500) * 50 }));
  assert.equal(nudged.at(-1)?.[0], "stuck");
  const plays = watch(120_000, (atMs) => ({
    positionMs: Math.min(atMs % 14_000, 7000) + Math.floor(atMs / 14_000),
  }));
  assert.ok(plays.length > 4 && plays.every(([word]) => word === "nudge"), JSON.stringify(plays));
});
