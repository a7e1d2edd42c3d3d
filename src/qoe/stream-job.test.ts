// The stream job's rules, case by case.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Definition, figures, measures, watchingFigures } from "./definitions.ts";
import { figureNames, measured, noFigures } from "./figures.ts";
import { run, type Said, said, theEnd } from "./sample-stream.ts";
import { sketchIn } from "./sketch.ts";
import type { CmcdSaid, SessionFacts, StreamInput } from "./stream-event.ts";
import { takeBatch } from "./stream-job.ts";
import {
  recordText,
  type SessionRecord,
  type StreamRecord,
  type WatchingRecord,
  type WindowRecord,
} from "./stream-record.ts";
import { streamDefaults } from "./stream-settings.ts";
import { newStream } from "./stream-state.ts";

function windows(records: readonly StreamRecord[], by = "series", sizeMs = 10_000): readonly WindowRecord[] {
  return records
    .filter((one) => one.kind === "window")
    .filter((one) => one.by === by && one.sizeMs === sizeMs);
}

function watching(records: readonly StreamRecord[], by: string, sizeMs: number): readonly WatchingRecord[] {
  return records
    .filter((one) => one.kind === "watching")
    .filter((one) => one.by === by && one.sizeMs === sizeMs);
}

function sessions(inputs: readonly StreamInput[]): readonly SessionRecord[] {
  return run([...inputs, ...theEnd]).records.filter((one) => one.kind === "session");
}

function only(inputs: readonly StreamInput[]): SessionRecord {
  const [record, ...more] = sessions(inputs);
  assert.ok(record !== undefined && more.length === 0);
  return record;
}

const tick = (nowMs: number): StreamInput => ({ kind: "tick", nowMs });

test("[QO17] the same number changes nothing, though it comes with other words", () => {
  const first = said({ seq: 1, atMs: 1000 });
  const { records, state } = run([first, said({ seq: 1, atMs: 2000, stallMs: 500 }), first, ...theEnd]);
  assert.deepEqual(records, run([first, ...theEnd]).records);
  assert.equal(state.counts.repeated, 2);
});

test("[QO17] a session that is over is remembered: its repeated events change nothing", () => {
  const log = [said({ seq: 1, atMs: 0 }), said({ seq: 2, atMs: 5000 })];
  const far = said({ sessionId: "s2", atMs: 1_000_000 });
  const later = said({ seq: 2, atMs: 1_000_500 });
  const { state } = run([...log, far, later, ...theEnd]);
  assert.equal(state.counts.repeated, 1);
  assert.equal(state.counts.fresh, 3);
});

test("[QO18] what comes after its window is a correction that says which windows and which session it belongs to", () => {
  const early = [said({ seq: 1, atMs: 0 }), said({ seq: 3, atMs: 9000, stallMs: 200, stallCount: 1 })];
  const { state, records } = run([...early, said({ sessionId: "s2", atMs: 400_000 })]);
  assert.equal(windows(records).length, 1);
  const late = takeBatch(state, [
    said({ seq: 4, atMs: 9500, stallMs: 500, stallCount: 2 }),
    said({ seq: 2, atMs: 5000 }),
  ]);
  const [newer, overtaken, ...more] = late.records;
  assert.ok(newer?.kind === "correction" && overtaken?.kind === "correction" && more.length === 0);
  assert.deepEqual(
    [newer.atMs, newer.sessionStartMs, newer.events, newer.stallMs, newer.stalls],
    [9500, 0, 1, 300, 1],
  );
  assert.deepEqual([overtaken.atMs, overtaken.events, overtaken.stallMs, overtaken.playMs], [5000, 1, 0, 0]);
  assert.equal(late.state.counts.late, 2);
});

test("[QO19] a window is out when the slowest partition has passed it by disorder and lateness, not before", () => {
  const log = [said({ atMs: 5000 }), said({ sessionId: "s2", atMs: 6000, partition: 1 })];
  const ahead = said({ sessionId: "s3", atMs: 500_000 });
  const nearly = said({ sessionId: "s4", atMs: 144_999, partition: 1 });
  const there = said({ sessionId: "s5", atMs: 145_000, partition: 1 });
  const before = run([...log, ahead, nearly]);
  assert.deepEqual(before.records, []);
  assert.equal(windows(takeBatch(before.state, [there]).records).length, 1);
});

test("[QO19] an idle partition holds nobody up, by the ticks alone", () => {
  const log = [said({ atMs: 5000 }), said({ sessionId: "s2", atMs: 6000, partition: 1 })];
  const ahead = said({ sessionId: "s3", atMs: 500_000 });
  const waits = run([...log, tick(1000), ahead, tick(30_999)]);
  assert.deepEqual(waits.records, []);
  const idle = takeBatch(waits.state, [said({ sessionId: "s4", atMs: 500_001 }), tick(31_000)]);
  assert.equal(windows(idle.records).length, 1);
  assert.equal(windows(idle.records)[0]?.events, 2);
});

test("[QO19] a partition that was named holds the watermark until it begins or is idle", () => {
  const log = [said({ atMs: 0 }), said({ sessionId: "s2", atMs: 500_000 })];
  assert.deepEqual(takeBatch(newStream([0, 1]), log).records, []);
  assert.notDeepEqual(takeBatch(newStream([0]), log).records, []);
});

test("[QO19] when all are idle, time goes on by the ticks", () => {
  const { state, records } = run([said({ atMs: 5000 }), tick(6000), tick(100_000)]);
  assert.deepEqual(records, []);
  const { disorderMs, idleMs, latenessMs } = streamDefaults;
  assert.equal(state.watermarkMs, 100_000 - idleMs - disorderMs);
  const out = takeBatch(state, [tick(10_000 + idleMs + disorderMs + latenessMs)]);
  assert.equal(windows(out.records).length, 1);
});

const start = said({ seq: 1, state: "start", startupMs: 0, bitrateBps: 0, height: 0, applianceId: "" });

test("[QO20] start-up counts once, when the first picture is told", () => {
  const { starts, startupMs, plays, outcome } = only([
    start,
    said({ seq: 2, atMs: 900 }),
    said({ seq: 3, atMs: 5000 }),
  ]);
  assert.deepEqual(
    { starts, startupMs, plays, outcome },
    { starts: 1, startupMs: 700, plays: 1, outcome: "played" },
  );
});

test("[QO20] failing before the first picture, leaving before it, falling silent before it, failing after it", () => {
  const after = (words: readonly Said[]): readonly unknown[] => {
    const { startFailures, exits, failures, outcome } = only([start, ...words]);
    return [startFailures, exits, failures, outcome];
  };
  const early = (seq: number, state: "failed" | "closed"): Said =>
    said({ seq, atMs: 1000 * seq, state, startupMs: 0 });
  assert.deepEqual(after([early(2, "failed"), early(3, "closed")]), [1, 0, 0, "start-failed"]);
  assert.deepEqual(after([early(2, "closed"), early(3, "closed")]), [0, 1, 0, "exited"]);
  assert.deepEqual(after([]), [0, 0, 0, "exited"]);
  const failed = said({ seq: 3, atMs: 3000, state: "failed" });
  assert.deepEqual(after([said({ seq: 2, atMs: 900 }), failed]), [0, 0, 1, "failed"]);
});

test("[QO20] play time is the time between words while playing, without stalls; pauses, seeks and start-up are none", () => {
  const record = only([
    start,
    said({ seq: 2, atMs: 1000 }),
    said({ seq: 3, atMs: 5000, state: "stalled", stallMs: 50, stallCount: 1 }),
    said({ seq: 4, atMs: 7000, stallMs: 2050, stallCount: 1 }),
    said({ seq: 5, atMs: 10_000, state: "paused", stallMs: 2050, stallCount: 1 }),
    said({ seq: 6, atMs: 20_000, state: "seeking", stallMs: 2050, stallCount: 1 }),
    said({ seq: 7, atMs: 22_000, state: "ended", stallMs: 2050, stallCount: 1, switchCount: 3 }),
  ]);
  assert.equal(record.playMs, 3950 + 3000);
  assert.deepEqual([record.stallMs, record.stalls, record.switches], [2050, 1, 3]);
  assert.equal(measured(record, new Map()).stallRatio, 2050 / (2050 + 6950));
});

test("[QO20] bitrate and height are weighted by the play time that they had", () => {
  const record = only([
    said({ seq: 1, atMs: 0, bitrateBps: 1_000_000, height: 360 }),
    said({ seq: 2, atMs: 10_000, bitrateBps: 4_000_000, height: 1080 }),
    said({ seq: 3, atMs: 40_000, state: "ended" }),
  ]);
  const { bitrate, height } = measured(record, new Map());
  assert.equal(bitrate, (1e6 * 10 + 4e6 * 30) / 40);
  assert.equal(height, (360 * 10 + 1080 * 30) / 40);
});

test("[QO20] words that were overtaken on their way say nothing that newer ones did not", () => {
  const late = said({ seq: 2, atMs: 9000, stallMs: 100, stallCount: 1 });
  const newer = said({ seq: 3, atMs: 8000, stallMs: 300, stallCount: 2 });
  const { events, stallMs, stalls } = only([said({ seq: 1 }), newer, late]);
  assert.deepEqual({ events, stallMs, stalls }, { events: 3, stallMs: 300, stalls: 2 });
});

test("[QO20] of a session whose beginning is not known, nothing is counted that happened before", () => {
  const { state, records } = run([said({ seq: 7, stallMs: 9000, stallCount: 4 }), ...theEnd]);
  const [record] = windows(records);
  assert.deepEqual([record?.events, record?.plays, record?.starts, record?.stallMs], [1, 0, 0, 0]);
  assert.equal(state.counts.joined, 1);
});

test("[QO22] what is not known of a session is labelled so, and filled in by later words", () => {
  const [first, second] = windows(
    run([said({ seq: 1, facts: {}, applianceId: "" }), said({ seq: 2, atMs: 10_000 }), ...theEnd]).records,
  );
  const labels = ({ appliance, network, title, device }: WindowRecord): readonly string[] => [
    appliance,
    network,
    title,
    device,
  ];
  assert.ok(first !== undefined && second !== undefined);
  assert.deepEqual(labels(first), ["unknown", "unknown", "unknown", "unknown"]);
  assert.deepEqual(labels(second), ["a1", "AS1", "f1", "tv"]);
});

test("[QO22] what is no label is none: a line break, nothing at all", () => {
  const [record] = windows(
    run([said({ applianceId: "a1\nAS1", facts: { titleId: "" } }), ...theEnd]).records,
  );
  assert.deepEqual([record?.appliance, record?.title], ["unknown", "unknown"]);
});

test("[QO22] series beyond the bound are added up as other, counted, and lose nothing", () => {
  const words = Array.from({ length: 9 }, (_, i) =>
    said({ sessionId: `s${i}`, atMs: i, facts: { titleId: `f${i}` }, applianceId: `a${i}` }),
  );
  const { state, records } = run([...words, ...theEnd], { ...streamDefaults, mostSeries: 4 });
  for (const by of ["series", "title", "appliance"]) {
    for (const sizeMs of [10_000, 60_000]) {
      const all = windows(records, by, sizeMs);
      assert.equal(all.length, 5);
      assert.equal(all.find(({ title, appliance }) => title === "other" || appliance === "other")?.plays, 5);
    }
  }
  assert.equal(state.counts.crowdedOut, 15);
});

test("[QO23] a session is over after a gap of silence, and goes on in a window of its own", () => {
  const log = [
    said({ seq: 1, atMs: 0 }),
    said({ seq: 2, atMs: 60_000, stallMs: 100 }),
    said({ seq: 3, atMs: 120_001, stallMs: 400 }),
  ];
  const [first, second, ...more] = sessions(log);
  assert.equal(more.length, 0);
  assert.deepEqual([first?.startMs, first?.endMs, first?.playMs, first?.stallMs], [0, 120_000, 59_900, 100]);
  assert.deepEqual(
    [second?.startMs, second?.endMs, second?.playMs, second?.stallMs],
    [120_001, 180_001, 0, 300],
  );
  assert.deepEqual([second?.plays, second?.starts, second?.outcome], [0, 0, "played"]);
});

test("[QO23] a correction opens no session window again", () => {
  const far = said({ sessionId: "s2", atMs: 500_000 });
  const late = said({ seq: 2, atMs: 340_000, stallMs: 90 });
  const log = [said({ seq: 1, atMs: 0 }), far, late, said({ seq: 3, atMs: 399_000, stallMs: 100 })];
  const { records } = run([...log, ...theEnd]);
  const corrections = records.filter(({ kind }) => kind === "correction");
  assert.equal(corrections.length, 1);
  const all = records.filter((one) => one.kind === "session").filter(({ sessionId }) => sessionId === "s1");
  assert.deepEqual(
    all.map(({ startMs, stallMs }) => [startMs, stallMs]),
    [
      [0, 0],
      [399_000, 10],
    ],
  );
});

test("[QO24] who watches is counted at the end of a window and over it, as long as the last word holds", () => {
  const log = [
    said({ sessionId: "s1", atMs: 0 }),
    said({ sessionId: "s2", atMs: 5000, state: "stalled" }),
    said({ sessionId: "s2", seq: 2, atMs: 8000, state: "paused" }),
    said({ sessionId: "s1", seq: 2, atMs: 12_000, facts: { titleId: "f2" } }),
  ];
  const { records } = run([...log, ...theEnd]);
  const all = watching(records, "all", 10_000).map(({ startMs, watchedMs, atEnd }) => [
    startMs,
    watchedMs,
    atEnd,
  ]);
  assert.deepEqual(all.slice(0, 2), [
    [0, 13_000, 1],
    [10_000, 10_000, 1],
  ]);
  // Until 72 000: a gap after the last word.
  assert.deepEqual(all.at(-1), [70_000, 2000, 0]);
  const [f1, f2] = watching(records, "title", 60_000);
  assert.deepEqual([f1?.title, f1?.watchedMs, f1?.atEnd], ["f1", 15_000, 0]);
  assert.deepEqual([f2?.title, f2?.watchedMs, f2?.atEnd], ["f2", 48_000, 1]);
});

function reported(report: Partial<CmcdSaid>, atMs: number, speaks?: SessionFacts["speaks"]): StreamInput {
  const facts = { titleId: "f1", ...(speaks !== undefined && { speaks }) };
  return {
    kind: "cmcd",
    partition: 0,
    receivedMs: atMs,
    report: { sid: "s1", sn: 0, cdn: "a1", ...report },
    facts,
  };
}

test("[QO25] a player of others is counted by its CMCD reports; what one does not repeat stays as it was", () => {
  const record = only([
    reported({ sn: 0, e: "ps", sta: "s" }, 0, "cmcd"),
    reported({ sn: 1, e: "ps", sta: "p", msd: 800, br: 2000 }, 1000, "cmcd"),
    reported({ sn: 2, e: "rr", sta: "p", rc: 404 }, 2000, "cmcd"),
    reported({ sn: 5, e: "rr", sta: "q" }, 6500, "cmcd"),
    reported({ sn: 6, e: "rr", sta: "q", rc: 0 }, 7000, "cmcd"),
    reported({ sn: 3, e: "ps", sta: "r", bsa: 1, bsda: 40 }, 5000, "cmcd"),
    reported({ sn: 4, e: "ps", sta: "q", bsa: 1, bsda: 1040 }, 6000, "cmcd"),
  ]);
  const { plays, starts, startupMs, playMs, stallMs, stalls, playedBits, responses, badResponses } = record;
  assert.deepEqual([plays, starts, startupMs, playMs, stallMs, stalls], [1, 1, 800, 3960, 1040, 1]);
  assert.deepEqual([playedBits, responses, badResponses], [2000 * 3960, 3, 2]);
});

test("[QO25] a session that sends both counts by its beacons; of its reports only responses are counted", () => {
  const beacons = [said({ seq: 1, atMs: 0 }), said({ seq: 2, atMs: 4000 })];
  const { state, records } = run([
    ...beacons,
    reported({ sn: 0, e: "ps", sta: "p", msd: 800 }, 1000),
    reported({ sn: 1, e: "rr", sta: "p", rc: 200 }, 2000),
    ...theEnd,
  ]);
  const [record] = windows(records, "appliance");
  assert.deepEqual([record?.events, record?.plays, record?.playMs, record?.responses], [2, 1, 4000, 1]);
  assert.equal(state.counts.beside, 2);
  assert.equal(records.filter(({ kind }) => kind === "session").length, 1);
});

test("[QO26] every figure and measure has a name, a unit and a sentence, and measures are quotients of sums", () => {
  const rows: readonly Definition[] = [figures, measures, watchingFigures].flatMap((of) => Object.values(of));
  for (const { name, unit, sentence } of rows) {
    assert.ok(name !== "" && unit !== "" && sentence.endsWith("."), name);
  }
  assert.deepEqual(Object.keys(noFigures()), figureNames);
  const sum = {
    ...noFigures(),
    plays: 8,
    starts: 4,
    startupMs: 2000,
    startFailures: 2,
    exits: 1,
    failures: 1,
  };
  const startups = new Map<number, number>();
  for (const value of [100, 100, 900, 900]) sketchIn(startups, value, 1);
  const { startup, startupMedian, startFailureRatio, exitRatio, failureRatio, stallRatio } = measured(
    sum,
    startups,
  );
  assert.deepEqual(
    [startup, startupMedian, startFailureRatio, exitRatio, failureRatio],
    [500, 100, 0.25, 0.125, 0.25],
  );
  assert.equal(stallRatio, undefined);
});

test("[QO15] a record is one text, with sorted keys, whatever order its fields came in", () => {
  const record = only([said({})]);
  const turned = Object.fromEntries(Object.entries(record).toReversed());
  assert.equal(recordText({ ...record, ...turned }), recordText(record));
  assert.match(recordText(record), /^\{"appliance":"a1","badResponses":0,"device":/);
});

test("[QO53] an event counts as often as it stands for others, also when it is late; its session counts itself", () => {
  const weighed = (weight: number, more: Parameters<typeof said>[0]) => {
    const one = said(more);
    return { ...one, logged: { ...one.logged, weight } };
  };
  const heard = [
    weighed(10, { atMs: 1000, startupMs: 700 }),
    weighed(0, { sessionId: "s2", atMs: 2000, startupMs: 900, stallMs: 50 }),
  ];
  const late = weighed(10, { atMs: 1500, seq: 2, stallMs: 30 });
  const { records } = run([...heard, { kind: "tick", nowMs: 1e9 }, { kind: "tick", nowMs: 2e9 }, late]);
  const window = records.find((one) => one.kind === "window" && one.by === "title" && one.sizeMs === 10_000);
  assert.ok(window?.kind === "window");
  const { plays, starts, startupMs, stallMs, startupBuckets, estimates } = window;
  assert.deepEqual([plays, starts, startupMs, stallMs, estimates], [10, 10, 7000, 0, 2]);
  assert.deepEqual(startupBuckets, { "696": 10 });
  const sessions = records.filter((one) => one.kind === "session").map((one) => [one.plays, one.startupMs]);
  assert.deepEqual(sessions, [
    [1, 700],
    [1, 900],
  ]);
  const corrected = records.filter((one) => one.kind === "correction");
  assert.deepEqual(
    corrected.map((one) => [one.stallMs, one.estimates]),
    [[300, 1]],
  );
});
