// Laws of the stream job on seeded random logs: order, repetition, cutting and saving cannot be told from what comes out.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { PlayState } from "#model/beacon.ts";
import { figureNames, noFigures } from "./figures.ts";
import { run, type Said, said, textsOf, theEnd } from "./sample-stream.ts";
import type { StreamInput } from "./stream-event.ts";
import { takeBatch } from "./stream-job.ts";
import type { CorrectionRecord, StreamRecord, WindowRecord } from "./stream-record.ts";
import { type StreamSettings, streamDefaults } from "./stream-settings.ts";
import { newStream, restored, saved } from "./stream-state.ts";

const states: readonly PlayState[] = ["playing", "paused", "seeking", "stalled", "ended", "failed", "closed"];

const anyStep = fc.record({
  // Silences longer than the gap among them.
  passedMs: fc.oneof(fc.integer({ min: 0, max: 15_000 }), fc.integer({ min: 0, max: 90_000 })),
  state: fc.constantFrom("playing" as const, ...states),
  stalledMs: fc.integer({ min: 0, max: 4000 }),
  switches: fc.integer({ min: 0, max: 2 }),
  bitrateBps: fc.integer({ min: 1, max: 9_000_000 }),
  height: fc.constantFrom(360, 720, 1080),
  startupMs: fc.integer({ min: 0, max: 9000 }),
  applianceId: fc.constantFrom("a1", "a2", ""),
  playing: fc.constantFrom({}, { codec: "av1" } as const, { codec: "h264", rule: "mpc" } as const),
});

/** What honest players say, by time: they count upwards, and a number has one content. */
const honestSessions: fc.Arbitrary<readonly Said[]> = fc
  .array(
    fc.record({ startMs: fc.integer({ min: 0, max: 100_000 }), steps: fc.array(anyStep, { maxLength: 12 }) }),
    {
      maxLength: 5,
    },
  )
  .map((sessions) =>
    sessions
      .flatMap(({ startMs, steps }, i) => sessionOf(`s${i}`, startMs, steps))
      .sort((a, b) => a.logged.receivedMs - b.logged.receivedMs),
  );

type Step = typeof anyStep extends fc.Arbitrary<infer T> ? T : never;

function sessionOf(sessionId: string, startMs: number, steps: readonly Step[]): readonly Said[] {
  let [atMs, stallMs, stallCount, switchCount, startupMs] = [startMs, 0, 0, 0, 0];
  return steps.map((step, i) => {
    atMs += step.passedMs;
    stallMs += step.stalledMs;
    stallCount += Number(step.stalledMs > 0);
    switchCount += step.switches;
    startupMs ||= step.startupMs;
    const { state, bitrateBps, height, applianceId, playing } = step;
    const counters = { stallMs, stallCount, switchCount, startupMs };
    const facts = { titleId: `f${i % 2}`, device: "tv" };
    const picture = { bitrateBps, height, ...playing };
    return said({ sessionId, seq: i + 1, atMs, state, applianceId, facts, ...picture, ...counters });
  });
}

/**
 * The same words as a log may bring them: each up to `mostMs` late, some again, word for word or received anew, over two partitions.
 * Together with the words themselves.
 */
function brought(
  mostMs: number,
): fc.Arbitrary<{ readonly said: readonly Said[]; readonly log: readonly Said[] }> {
  return honestSessions.chain((words) =>
    fc
      .array(
        fc.record({
          lateMs: fc.integer({ min: 0, max: mostMs }),
          again: fc.constantFrom("no" as const, "same" as const, "anew" as const),
          againLateMs: fc.integer({ min: 0, max: mostMs }),
          anewMs: fc.integer({ min: 0, max: 30_000 }),
          partition: fc.integer({ min: 0, max: 1 }),
        }),
        { minLength: words.length, maxLength: words.length },
      )
      .map((fates) => {
        const arrivals = fates.flatMap(({ lateMs, again, againLateMs, anewMs, partition }, i) => {
          const word = words[i];
          if (word === undefined) return [];
          const first = { ...word, partition };
          const receivedMs = first.logged.receivedMs + (again === "anew" ? anewMs : 0);
          const second = { ...first, logged: { ...first.logged, receivedMs } };
          return [
            { word: first, atMs: first.logged.receivedMs + lateMs },
            ...(again === "no" ? [] : [{ word: second, atMs: receivedMs + againLateMs }]),
          ];
        });
        const log = arrivals.sort((a, b) => a.atMs - b.atMs).map(({ word }) => word);
        return { said: words, log };
      }),
  );
}

/** Disorder and lateness together. */
const forgivenMs = streamDefaults.disorderMs + streamDefaults.latenessMs;
const soon: StreamSettings = { ...streamDefaults, latenessMs: 0 };
const crowded: StreamSettings = { ...streamDefaults, mostSeries: 2 };

function windowsOf(records: readonly StreamRecord[], sizeMs: number): readonly WindowRecord[] {
  const windows = records.filter((one) => one.kind === "window");
  return windows.filter((one) => one.by === "series" && one.sizeMs === sizeMs);
}

function correctionsOf(records: readonly StreamRecord[]): readonly CorrectionRecord[] {
  return records.filter((one) => one.kind === "correction");
}

test("[QO15] late, shuffled and repeated, the same log says the same, byte for byte", () => {
  const law = fc.property(
    brought(forgivenMs),
    fc.constantFrom(streamDefaults, crowded),
    ({ said: words, log }, settings) => {
      const once = textsOf(run([...words, ...theEnd], settings).records);
      const again = textsOf(run([...log, ...theEnd], settings).records);
      assert.deepEqual(again, once);
      assert.ok(again.every((text) => !text.includes('"kind":"correction"')));
    },
  );
  fc.assert(law, { seed: 21, numRuns: 300 });
});

test("[QO15] read twice in a row, a log says what it says once", () => {
  const law = fc.property(brought(forgivenMs), ({ log }) => {
    const once = run([...log, ...theEnd]);
    const twice = takeBatch(once.state, log);
    assert.deepEqual(twice.records, []);
    assert.equal(twice.state.counts.repeated - once.state.counts.repeated, log.length);
  });
  fc.assert(law, { seed: 22, numRuns: 100 });
});

test("[QO15] [QO16] however it is cut into batches, and saved and read back between them, it goes on alike", () => {
  const ticks = fc.array(
    fc.record({ kind: fc.constant("tick" as const), nowMs: fc.integer({ min: 0, max: 400_000 }) }),
  );
  const law = fc.property(
    brought(300_000),
    ticks,
    fc.array(fc.integer({ min: 0, max: 80 })),
    fc.constantFrom(streamDefaults, soon, { ...soon, mostWaiting: 5 }),
    ({ log }, extra, cuts, settings) => {
      const inputs: readonly StreamInput[] = [...log.slice(0, 20), ...extra, ...log.slice(20), ...theEnd];
      const whole = run(inputs, settings);
      const bounds = [0, ...cuts.toSorted((a, b) => a - b), inputs.length];
      let state = newStream();
      const records: StreamRecord[] = [];
      for (const [i, bound] of bounds.slice(1).entries()) {
        const before = JSON.stringify(saved(state));
        const step = takeBatch(state, inputs.slice(bounds[i], bound), settings);
        assert.equal(JSON.stringify(saved(state)), before, "the state that was handed in has changed");
        records.push(...step.records);
        state = restored(JSON.parse(JSON.stringify(saved(step.state))));
      }
      assert.deepEqual(textsOf(records), textsOf(whole.records));
      assert.equal(JSON.stringify(saved(state)), JSON.stringify(saved(whole.state)));
    },
  );
  fc.assert(law, { seed: 23, numRuns: 300 });
});

test("[QO18] however late they come, windows and corrections together count every event once", () => {
  const law = fc.property(
    brought(900_000),
    fc.constantFrom(streamDefaults, soon),
    ({ said: words, log }, settings) => {
      const { state, records } = run([...log, ...theEnd], settings);
      const sum = [...windowsOf(records, 10_000), ...correctionsOf(records)].reduce(
        (so, { events }) => so + events,
        0,
      );
      assert.equal(sum, words.length);
      const { received, fresh, overtaken, repeated, beside } = state.counts;
      assert.equal(received, log.length);
      assert.equal(fresh + overtaken, words.length);
      assert.equal(fresh + overtaken + repeated + beside + state.waitingCount, received);
    },
  );
  fc.assert(law, { seed: 24, numRuns: 300 });
});

test("[QO18] without a lost beginning the stalls of all windows and corrections are what the players counted", () => {
  const law = fc.property(
    brought(200_000),
    fc.constantFrom(streamDefaults, soon),
    ({ said: words, log }, settings) => {
      const firsts = words.filter(({ logged }) => logged.beacon.seq === 1);
      const { records } = run([...firsts, ...log, ...theEnd], settings);
      const all = [...windowsOf(records, 10_000), ...correctionsOf(records)];
      const last = new Map(words.map(({ logged }) => [logged.beacon.sessionId, logged.beacon]));
      const total = (of: "stallMs" | "stalls" | "switches"): number =>
        all.reduce((so, one) => so + one[of], 0);
      const told = [...last.values()];
      assert.equal(
        total("stallMs"),
        told.reduce((so, { stallMs }) => so + stallMs, 0),
      );
      assert.equal(
        total("stalls"),
        told.reduce((so, { stallCount }) => so + stallCount, 0),
      );
      assert.equal(
        total("switches"),
        told.reduce((so, { switchCount }) => so + switchCount, 0),
      );
    },
  );
  fc.assert(law, { seed: 25, numRuns: 200 });
});

test("[QO26] a long window is six short ones, and so are sessions, titles and appliances", () => {
  const law = fc.property(honestSessions, (words) => {
    const { records } = run([...words, ...theEnd]);
    const sumOf = (all: readonly StreamRecord[]): Readonly<Record<string, number>> => {
      const sum = noFigures();
      for (const one of all)
        if (one.kind !== "watching") for (const name of figureNames) sum[name] += one[name];
      return sum;
    };
    const windows = (by: string, sizeMs: number): readonly StreamRecord[] =>
      records.filter((one) => one.kind === "window" && one.by === by && one.sizeMs === sizeMs);
    const short = sumOf(windows("series", 10_000));
    for (const by of ["series", "title", "appliance"]) {
      assert.deepEqual(sumOf(windows(by, 60_000)), short, by);
      assert.deepEqual(sumOf(windows(by, 10_000)), short, by);
    }
    assert.deepEqual(sumOf(records.filter(({ kind }) => kind === "session")), short);
  });
  fc.assert(law, { seed: 26, numRuns: 200 });
});

test("[QO28] with too much waiting the oldest windows end early, and what comes for them is a correction", () => {
  const few = { ...streamDefaults, mostWaiting: 10 };
  const words = Array.from({ length: 40 }, (_, i) => said({ seq: i + 1, atMs: 1000 * i }));
  const { state, records } = run(words, few);
  assert.ok(state.waitingCount <= 10);
  assert.ok(state.counts.hurried > 0);
  const late = takeBatch(state, [said({ sessionId: "s2", atMs: 0 })], few);
  assert.equal(late.records[0]?.kind, "correction");
  const all = [...records, ...takeBatch(late.state, theEnd, few).records];
  const events = windowsOf(all, 10_000).reduce((so, one) => so + one.events, 0);
  assert.equal(events, 40);
});
