// What is written of what players say when the event log fills up, and that no viewer's position is lost by it.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Beacon, PlayState } from "#model/beacon.ts";
import type { LoggedBeacon } from "#model/playback.ts";
import type { CmcdEvent } from "#wire/cmcd.ts";
import { Intake } from "./intake.ts";
import { numberReach } from "./plausible.ts";
import { fromRecord } from "./telemetry.ts";
import { classOf, isSampled, type Stage, sampleOf, stageOf, stages, type Tally } from "./thinning.ts";

const beacon = (seq: number, state: PlayState = "playing", more: Partial<Beacon> = {}): Beacon => ({
  ...{ sessionId: "s-1", seq, state, positionMs: seq * 1000, durationMs: 10_000_000, bufferMs: 8000 },
  ...{ bitrateBps: 1, height: 360, throughputBps: 1, stallCount: 0, stallMs: 0, switchCount: 0 },
  ...{ startupMs: 300, applianceId: "a1", because: "", ...more },
});
const report = (sn: number, e: string): CmcdEvent => ({ v: 2, sid: "s-1", sn, e, ts: 1 });
const everyMs = 30_000;
const sessionsBy = (sampled: boolean): string =>
  Array.from({ length: 200 }, (_, nth) => `s-${nth}`).find((id) => isSampled(id) === sampled) ?? "";
const [inSample, outside] = [sessionsBy(true), sessionsBy(false)];

/** An intake with a log whose room, and a clock whose time, the test decides. */
function stage() {
  const world = { fill: 0, nowMs: 0 };
  const records: Uint8Array[] = [];
  const counted: { readonly attempted: Tally; readonly dropped: Tally }[] = [];
  const log = {
    fill: () => world.fill,
    append: async (values: readonly Uint8Array[]) => {
      if (world.fill >= 1) throw new Error("full");
      return records.push(...values) - values.length;
    },
  };
  const begin = () =>
    new Intake({
      ...{ log, positionEveryMs: everyMs, nowMs: () => world.nowMs },
      count: (attempted, dropped) => counted.push({ attempted, dropped }),
    });
  const written = (): readonly LoggedBeacon[] => records.flatMap((record) => fromRecord(record) ?? []);
  return { world, records, counted, begin, written };
}
type Theatre = ReturnType<typeof stage>;

const say = (intake: Intake, sessionId: string, events: readonly Beacon[], isLast = false) =>
  intake.keep({
    ...{ sessionId, isLast, receivedMs: 5 },
    said: { events: events.map((event) => ({ ...event, sessionId })) },
  });
const seqs = ({ written }: Theatre) => written().map(({ beacon: { seq }, weight }) => [seq, weight]);

test("[CO363] a stage begins at its share of the log and ends five hundredths below: no wobble turns it more than once", () => {
  const turns = (fills: readonly number[], before: Stage = "all"): number => {
    let [now, count] = [before, 0];
    for (const fill of fills) {
      const next = stageOf(now, fill);
      if (next !== now) count += 1;
      now = next;
    }
    return count;
  };
  assert.deepEqual(
    [0, 0.49, 0.5, 0.74, 0.75, 0.89, 0.9, 1].map((fill) => stageOf("all", fill)),
    ["all", "all", "sampled", "sampled", "newest", "newest", "bare", "bare"],
  );
  assert.deepEqual(
    [stageOf("bare", 0.86), stageOf("bare", 0.84), stageOf("newest", 0.1)],
    ["bare", "newest", "all"],
  );
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 0.96, noNaN: true }),
      fc.array(fc.double({ min: 0, max: 0.049, noNaN: true }), { maxLength: 50 }),
      fc.constantFrom(...stages),
      (base, wobbles, before) => {
        const settled = stageOf(stageOf(before, base), base + 0.049);
        assert.ok(
          turns(
            wobbles.map((wobble) => base + wobble),
            settled,
          ) <= 1,
        );
      },
    ),
    { seed: 42 },
  );
});

test("[CO361] from half full on, one session in ten stands for the others, and each still says where it is", async () => {
  const theatre = stage();
  const intake = theatre.begin();
  theatre.world.fill = 0.6;
  const events = [beacon(1, "start"), beacon(2), beacon(3, "paused"), beacon(4), beacon(5)];
  await say(intake, inSample, events);
  await say(intake, outside, events);
  assert.deepEqual(seqs(theatre), [
    ...[
      [1, undefined],
      [2, sampleOf],
      [3, undefined],
      [4, sampleOf],
      [5, sampleOf],
    ],
    ...[
      [1, undefined],
      [3, undefined],
      [5, 0],
    ],
  ]);
  assert.deepEqual(theatre.counted[1], {
    attempted: { milestone: 1, heartbeat: 3, moment: 1 },
    dropped: { heartbeat: 2 },
  });
  const share =
    Array.from({ length: 20_000 }, (_, nth) => `session ${nth}`).filter(isSampled).length / 20_000;
  assert.ok(Math.abs(share - 1 / sampleOf) < 0.01, `${share}`);
});

test("[CO361] reports: changes of state and errors always, the others of the sample alone, from nine tenths on none", async () => {
  const theatre = stage();
  const intake = theatre.begin();
  const events = ["ps", "rr", "rr", "t", "e"].map((e, sn) => report(sn, e));
  const kept = async (fill: number, sessionId: string) => {
    const before = theatre.records.length;
    theatre.world.fill = fill;
    await intake.keepReports(sessionId, events, 5);
    const text = theatre.records.slice(before).map((record) => JSON.parse(new TextDecoder().decode(record)));
    return text.map(({ cmcd, weight }) => `${cmcd.e}${weight ?? ""}`).join(" ");
  };
  assert.equal(await kept(0.4, outside), "ps rr rr t e");
  assert.equal(await kept(0.6, inSample), "ps rr10 rr10 t10 e");
  assert.equal(await kept(0.8, outside), "ps e");
  assert.equal(await kept(0.95, inSample), "ps e");
  assert.deepEqual(theatre.counted.at(-1)?.dropped, { "sample-report": 3 });
});

test("[CO362] from three quarters on a position is written every so often; in between it is not acknowledged, and waits", async () => {
  const theatre = stage();
  const intake = theatre.begin();
  theatre.world.fill = 0.8;
  assert.equal((await say(intake, outside, [beacon(1, "start"), beacon(2), beacon(3)])).kind, "kept");
  theatre.world.nowMs = 10_000;
  assert.deepEqual(await say(intake, outside, [beacon(4)]), { kind: "later", afterMs: 20_000 });
  assert.equal((await say(intake, outside, [beacon(5, "stalled", { stallCount: 1 })])).kind, "kept");
  assert.equal(
    (await say(intake, outside, [beacon(3)])).kind,
    "kept",
    "what a newer position on disk has overtaken",
  );
  assert.equal((await say(intake, outside, [beacon(6)], true)).kind, "kept", "whoever says its last word");
  assert.deepEqual(seqs(theatre), [
    [1, undefined],
    [3, 0],
    [5, undefined],
    [6, 0],
  ]);
  assert.equal(intake.waiting, 0, "a newer position is on disk");
  theatre.world.nowMs = 20_000;
  await say(intake, outside, [beacon(7)]);
  await say(intake, outside, [beacon(8)]);
  await intake.flush("due");
  assert.equal(theatre.written().length, 4, "nothing before its time");
  theatre.world.nowMs = 40_000;
  await intake.flush("due");
  assert.deepEqual([seqs(theatre).at(-1), theatre.written().length], [[8, 0], 5]);
});

/** What is wrong with a log, by what players sent and were told: nothing, or a sentence. */
function complaint(
  log: readonly LoggedBeacon[],
  heard: readonly Beacon[],
  acknowledged: readonly Beacon[],
): string | undefined {
  const ids = new Set(log.map(({ beacon: { sessionId, seq } }) => `${sessionId} ${seq}`));
  const position = (beacons: readonly Beacon[], id: string): number =>
    beacons.reduce(
      (most, one) => (one.sessionId === id && classOf(one) !== "milestone" ? Math.max(most, one.seq) : most),
      0,
    );
  const logged = log.map(({ beacon: one }) => one);
  for (const one of acknowledged) {
    if (classOf(one) === "milestone" && !ids.has(`${one.sessionId} ${one.seq}`)) {
      return `${one.sessionId}: ${one.state} ${one.seq} was acknowledged and is not there`;
    }
    if (position(logged, one.sessionId) < position(acknowledged, one.sessionId))
      return `${one.sessionId}: acknowledged position lost`;
  }
  for (const { sessionId } of heard) {
    if (position(logged, sessionId) < position(heard, sessionId))
      return `${sessionId}: its newest position is not there`;
  }
  return undefined;
}

const states: readonly PlayState[] = [
  "start",
  "playing",
  "playing",
  "playing",
  "paused",
  "seeking",
  "stalled",
  "closed",
];
const happening = fc.record({
  session: fc.integer({ min: 0, max: 4 }),
  states: fc.array(fc.constantFrom(...states), { minLength: 1, maxLength: 4 }),
  waitedMs: fc.integer({ min: 0, max: 25_000 }),
  fill: fc.constantFrom(0.2, 0.6, 0.8, 0.8, 0.8, 0.95, 1),
  what: fc.constantFrom("say", "say", "say", "say", "answer is lost", "player is gone", "killed"),
});

/** Players that keep what was not acknowledged and send it again, in a log that fills and empties. */
async function course(
  happenings: readonly (typeof happening extends fc.Arbitrary<infer T> ? T : never)[],
  mayDie: boolean,
) {
  const theatre = stage();
  let intake = theatre.begin();
  const players = new Map<number, { life: number; seq: number; unacknowledged: readonly Beacon[] }>();
  const [heard, acknowledged]: [Beacon[], Beacon[]] = [[], []];
  for (const { session, states: seen, waitedMs, fill, what } of happenings) {
    theatre.world.nowMs += waitedMs;
    theatre.world.fill = fill;
    if (what === "killed" && mayDie) intake = theatre.begin();
    const before = players.get(session) ?? { life: 0, seq: 0, unacknowledged: [] };
    const player = what === "player is gone" ? { life: before.life + 1, seq: 0, unacknowledged: [] } : before;
    const sessionId = `s-${session}-${player.life}`;
    const fresh = seen.map((state, nth) => beacon(player.seq + nth + 1, state, { sessionId, stallCount: 9 }));
    const sent = [...player.unacknowledged, ...fresh];
    const answer = await say(intake, sessionId, sent).catch(() => undefined);
    if (answer !== undefined) heard.push(...sent);
    const isTaken = answer?.kind === "kept" && what !== "answer is lost";
    if (isTaken) acknowledged.push(...sent);
    players.set(session, { ...player, seq: player.seq + fresh.length, unacknowledged: isTaken ? [] : sent });
    await intake.flush("due").catch(() => undefined);
  }
  theatre.world.fill = 0.2;
  await intake.flush("all");
  return { theatre, heard, acknowledged };
}

test("[CO362] however full the log was, the newest position of every session is in it in the end, and every milestone", async () => {
  let [caught, thin] = [0, 0];
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { maxLength: 60 }), async (happenings) => {
      const { theatre, heard, acknowledged } = await course(happenings, false);
      const log = theatre.written();
      assert.equal(complaint(log, heard, acknowledged), undefined);
      if (log.length < heard.length) thin += 1;
      // A log that forgets what it wrote last.
      if (complaint(log.slice(0, -1), heard, acknowledged) !== undefined) caught += 1;
    }),
    { numRuns: 300, seed: 43 },
  );
  assert.ok(caught > 150 && thin > 150, `${caught} planted, ${thin} thinned`);
});

test("[CO362] killed at any moment, what was acknowledged is there, or a newer position of its session", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { maxLength: 60 }), async (happenings) => {
      const { theatre, acknowledged } = await course(happenings, true);
      assert.equal(complaint(theatre.written(), [], acknowledged), undefined);
    }),
    { numRuns: 300, seed: 44 },
  );
});

test("[CO364] of every class, what was taken is what was written and what was dropped", async () => {
  const sum = (tallies: readonly Tally[]): number =>
    tallies.flatMap((one) => Object.values(one)).reduce((total, amount) => total + amount, 0);
  await fc.assert(
    fc.asyncProperty(
      fc.array(happening, { maxLength: 40 }),
      fc.constantFrom(0.2, 0.6, 0.8, 0.95),
      async (all, fill) => {
        const theatre = stage();
        const intake = theatre.begin();
        theatre.world.fill = fill;
        for (const [nth, { states: seen }] of all.entries()) {
          theatre.world.nowMs += everyMs;
          await say(
            intake,
            "s-1",
            seen.map((state, position) => beacon(10 * nth + position + 1, state)),
          );
        }
        const [attempted, dropped] = [
          theatre.counted.map((one) => one.attempted),
          theatre.counted.map((one) => one.dropped),
        ];
        assert.equal(
          sum(attempted),
          all.reduce((total, one) => total + one.states.length, 0),
        );
        assert.equal(sum(attempted) - sum(dropped), theatre.written().length);
      },
    ),
    { seed: 45 },
  );
});

test("[CO366] no position beyond the film's end, none that a player cannot have come to, no number out of reach", async () => {
  const theatre = stage();
  const intake = theatre.begin();
  const positions = () => theatre.written().map(({ beacon: { positionMs } }) => positionMs);
  await say(intake, "s-1", [beacon(1, "playing", { positionMs: 99_000, durationMs: 60_000 })]);
  await say(intake, "s-2", [beacon(1, "playing", { positionMs: 7, durationMs: 0 })]);
  assert.deepEqual(positions(), [60_000, 7]);
  const at = (seq: number, state: PlayState, positionMs: number) =>
    beacon(seq, state, { positionMs, madeMs: 10_000 * seq });
  await say(intake, "s-3", [at(1, "playing", 0), at(2, "playing", 10_000), at(3, "playing", 900_000)]);
  await say(intake, "s-3", [
    at(4, "playing", 910_000),
    at(5, "seeking", 2_000_000),
    at(6, "playing", 2_000_000),
  ]);
  assert.deepEqual(positions().slice(2), [0, 10_000, 47_000, 910_000, 2_000_000, 2_000_000]);
  const before = theatre.records.length;
  assert.equal((await say(intake, "s-3", [beacon(7), beacon(7 + numberReach)])).kind, "beyond");
  assert.equal(theatre.records.length, before, "nothing of such a batch is kept");
  assert.equal((await say(intake, "s-3", [beacon(6 + numberReach)])).kind, "kept");
});
