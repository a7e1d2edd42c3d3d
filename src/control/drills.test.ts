// What a drill may be, when it is over, and what is seen of it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { defaultsOf } from "#config/setting.ts";
import type { SessionSummary } from "#model/playback.ts";
import type { Ranking } from "#model/steering.ts";
import { steerSettings } from "#steer/settings.ts";
import { goodReport, smallSites } from "#test/fixtures/small-network.ts";
import { Fault } from "#units/fault.ts";
import { milliseconds } from "#units/quantity.ts";
import { drill as drillSchema } from "#wire/drills.ts";
import { beforeDrill, type DrillFacts, isWatched, seenOf, withSeen } from "./drill-sight.ts";
import {
  type Drill,
  type DrillWish,
  drillOrder,
  endedDrill,
  fleetWithDrills,
  isRunning,
  killedFor,
  recalledDrills,
  viewOf,
  withDrill,
} from "./drills.ts";
import { emptyFleet, healthIn, reported } from "./fleet.ts";
import { readNetwork } from "./network.ts";

const limits = { drillSeconds: 600, drillsAtOnce: 1 };
const kill: Drill = {
  ...{ id: "d00c0ffee", kind: "kill", applianceId: "a1", prefix: null, by: "op@example.org" },
  ...{ startedAtMs: 10_000, endsAtMs: 70_000, state: "running", endedAtMs: null, because: "" },
  ...{ plays: 0, noticedAfterMs: null, backAfterMs: null, seen: null, watched: {}, firsts: {} },
  healthBefore: "healthy",
};
const drain: Drill = { ...kill, kind: "drain" };
const isFault = (code: string, words: RegExp) => (error: unknown) =>
  error instanceof Fault && error.code === code && words.test(error.message);

function wish(more: Partial<DrillWish> = {}): DrillWish {
  const announced = (prefix: string) => (prefix.startsWith("203.") ? "203.0.113.0/24" : undefined);
  return { kind: "kill", applianceId: "a2", body: {}, health: "healthy", announced, ...more };
}

test("[CO423] a drill lasts a minute unless the order says otherwise, and never longer than the setting", () => {
  assert.deepEqual(drillOrder(wish(), [], limits, 0), { durationMs: 60_000, prefix: null });
  assert.equal(drillOrder(wish(), [], { ...limits, drillSeconds: 5 }, 0).durationMs, 5000);
  assert.equal(drillOrder(wish({ body: { durationMs: 600_000 } }), [], limits, 0).durationMs, 600_000);
  const long = wish({ body: { durationMs: 600_001 } });
  assert.throws(() => drillOrder(long, [], limits, 0), isFault("drill-too-long", /600000 ms.*DRILL_SECONDS/));
});

test("[CO423] one drill at a time on an appliance, as many as the setting says on others, and none where it says 0", () => {
  const refused = (words: RegExp) => isFault("drill-refused", words);
  const two = { ...limits, drillsAtOnce: 2 };
  assert.throws(
    () => drillOrder(wish({ applianceId: "a1" }), [kill], two, 20_000),
    refused(/d00c0ffee runs/),
  );
  assert.throws(() => drillOrder(wish(), [kill], limits, 20_000), refused(/DRILLS_AT_ONCE allows 1/));
  assert.equal(drillOrder(wish(), [kill], two, 20_000).prefix, null);
  assert.equal(drillOrder(wish(), [kill], limits, 70_000).prefix, null, "one that had its time is over");
  assert.throws(() => drillOrder(wish(), [], { ...limits, drillsAtOnce: 0 }, 0), refused(/allows 0/));
});

test("[CO423] what would show nothing is refused: draining the drained, killing the silent, withdrawing what nobody announces", () => {
  const refused = (words: RegExp) => isFault("drill-refused", words);
  const of = (more: Partial<DrillWish>) => () => drillOrder(wish(more), [], limits, 0);
  for (const kind of ["drain", "kill"] as const) {
    assert.throws(of({ kind, health: "draining" }), refused(/drained already: it gets no new plays/));
    assert.throws(of({ kind, health: "silent" }), refused(/silent/));
    assert.throws(of({ kind, health: "unhealthy" }), refused(/unhealthy/));
    assert.throws(of({ kind, health: "unadmitted" }), refused(/not admitted/));
    assert.equal(of({ kind, health: "degraded" })().durationMs, 60_000, "a few plays are let in");
  }
  assert.throws(of({ kind: "withdraw" }), refused(/wanted the prefix/));
  assert.throws(
    of({ kind: "withdraw", body: { prefix: "192.0.2.0/24" } }),
    refused(/announces 192\.0\.2\.0/),
  );
  assert.throws(of({ kind: "drain", body: { prefix: "203.0.113.0/24" } }), refused(/no part in a drain/));
  assert.equal(of({ kind: "withdraw", body: { prefix: "203.0.113.0/24" } })().prefix, "203.0.113.0/24");
});

test("[CO424] that a drill is over follows from the clock; it ends once, and aborted it stays", () => {
  assert.deepEqual([isRunning(kill, 69_999), isRunning(kill, 70_000)], [true, false]);
  assert.equal(endedDrill(kill, 69_999), kill);
  const ended = endedDrill(kill, 900_000, "too late");
  assert.deepEqual([ended.state, ended.endedAtMs, ended.because], ["ended", 70_000, ""]);
  const aborted = endedDrill(kill, 20_000, "op aborted it");
  assert.deepEqual([aborted.state, aborted.endedAtMs, aborted.because], ["aborted", 20_000, "op aborted it"]);
  assert.equal(endedDrill(aborted, 900_000, "again"), aborted);
  assert.equal(isRunning(aborted, 30_000), false);
});

test("[CO425] a drill's drain takes the appliance out of new plays, says so, and is over by itself", () => {
  const reading = readNetwork(smallSites, "http://127.0.1.1:8180");
  assert.ok(reading.kind === "read");
  const a1 = reading.network.appliances.get("a1") ?? assert.fail("no a1");
  const at = (ms: number) => ({ wallMs: milliseconds(ms), monoMs: milliseconds(1000) });
  const heard = reported(emptyFleet(defaultsOf(steerSettings)), a1, {
    report: goodReport("http://127.0.1.11:8181", []),
    catalogue: { files: new Set() },
    now: at(10_000),
    interval: milliseconds(2000),
  });
  const fleet = fleetWithDrills(heard, [drain]);
  assert.equal(healthIn(fleet, a1, at(20_000)).health, "draining");
  assert.match(healthIn(fleet, a1, at(20_000)).because, /Drill d00c0ffee .* 50 s more/);
  assert.equal(healthIn(fleet, a1, at(70_000)).health, "healthy", "nobody had to end it");
  const aborted = fleetWithDrills(fleet, [endedDrill(drain, 30_000, "")]);
  assert.equal(healthIn(aborted, a1, at(30_000)).health, "healthy");
  assert.equal(
    healthIn(fleetWithDrills(heard, [kill]), a1, at(20_000)).health,
    "healthy",
    "a kill is found out",
  );
});

test("[CO426] a kill is told to its appliance alone, with its end, and not after it", () => {
  assert.deepEqual(killedFor([kill], "a1", 20_000), { id: kill.id, endsAtMs: 70_000, durationMs: 60_000 });
  assert.equal(killedFor([kill], "a2", 20_000), undefined);
  assert.equal(killedFor([drain], "a1", 20_000), undefined);
  assert.equal(killedFor([kill], "a1", 70_000), undefined);
  assert.equal(killedFor([endedDrill(kill, 20_000, "")], "a1", 21_000), undefined);
});

test("[CO429] fifty drills are remembered, those that run besides; what cannot be read is named", () => {
  let drills: readonly Drill[] = [kill];
  for (let n = 0; n < 60; n++) {
    const over = { ...endedDrill(drain, 900_000), id: `d000000${10 + n}`, startedAtMs: 20_000 + n };
    drills = withDrill(drills, over);
  }
  assert.equal(drills.length, 51);
  assert.equal(drills.at(-1), kill);
  const rows = drills.slice(-2).map((value) => ({ id: value.id, value: JSON.parse(JSON.stringify(value)) }));
  const read = recalledDrills([...rows, { id: "dbad", value: { id: "dbad" } }]);
  assert.deepEqual([read.drills, read.unreadable], [drills.slice(-2), ["dbad"]]);
  assert.deepEqual(Object.keys(drillSchema.strict().parse(viewOf(kill))).includes("watched"), false);
});

const summary = (sessionId: string, more: Partial<SessionSummary>): SessionSummary => ({
  ...{ sessionId, lastSeenMs: 20_000, lastSeq: 1, state: "playing", positionMs: 0, startupMs: 100 },
  ...{ stallCount: 0, stallMs: 0, switchCount: 0, bitrateBps: 1, height: 360, applianceId: "a1", ...more },
});
const session = (sessionId: string, applianceId: string, startedAtMs: number, stallCount = 0) => ({
  ...summary(sessionId, { applianceId, stallCount }),
  ...{ titleId: "film", email: "", viewpoint: "in-a", region: "", network: "", device: "", startedAtMs },
});
const ranking = (first: string, out: Ranking["eliminated"] = []): Ranking => {
  const source = { siteId: "s", siteName: "S", rule: "load", because: "", steps: [] } as const;
  const none = { prefix: undefined, asPathLength: undefined, med: undefined, distanceKm: undefined };
  return { ranked: [{ id: first, ...source, ...none }], eliminated: out, best: [], appliances: 2 };
};
const inA = { id: "in-a", name: "In ISP A", address: "203.0.113.7", location: undefined };
const facts = (more: Partial<DrillFacts>): DrillFacts => ({
  ...{ nowMs: 20_000, health: "healthy", because: "well", summaries: [], sessions: [], viewpoints: [inA] },
  ...{ rank: () => ranking("a1"), ...more },
});

test("[CO428] each play that the appliance served is followed, with the stalls it had since; so are those that begin there", () => {
  const plays = ["still", "moved", "over", "failed", "hushed", "forgotten"];
  const begun = facts({ nowMs: 10_000, sessions: plays.map((id) => session(id, "a1", 5000, 2)) });
  const drill = { ...kill, ...beforeDrill("a1", begun) };
  assert.deepEqual([drill.plays, drill.firsts], [6, { "in-a": "a1" }]);
  const seen = seenOf(
    drill,
    facts({
      nowMs: 90_000,
      summaries: [
        summary("still", { lastSeenMs: 89_000, stallCount: 2 }),
        summary("moved", { lastSeenMs: 89_000, stallCount: 5, applianceId: "a2" }),
        summary("over", { state: "ended", stallCount: 3 }),
        summary("failed", { state: "failed", stallCount: 2 }),
        summary("hushed", { lastSeenMs: 29_999, stallCount: 2 }),
      ],
      sessions: [session("new", "a1", 11_000), session("still", "a1", 5000), session("else", "a2", 11_000)],
    }),
  );
  const { still, moved, over, failed, unheard, stalls } = seen;
  assert.deepEqual(
    { still, moved, over, failed, unheard, stalls },
    { still: 1, moved: 1, over: 1, failed: 1, unheard: 2, stalls: 4 },
  );
  assert.equal(seen.begun, 1);
  assert.deepEqual(seen.steered, []);
});

test("[CO428] where steering's answer changed is told with the rule that left the appliance out, when it was noticed, and when all was back", () => {
  const drill = { ...kill, ...beforeDrill("a1", facts({ nowMs: 10_000 })) };
  const calm = withSeen(drill, seenOf(drill, facts({ nowMs: 11_000 })));
  assert.equal(calm.noticedAfterMs, null);
  const out = { id: "a1", by: "unhealthy", because: "nginx is down: drill d00c0ffee killed it." } as const;
  const dead = { health: "unhealthy", because: "", rank: () => ranking("a2", [out]) } as const;
  const found = withSeen(calm, seenOf(calm, facts({ nowMs: 14_000, ...dead })));
  assert.equal(found.noticedAfterMs, 4000);
  assert.deepEqual(found.seen?.steered, [
    { viewpointId: "in-a", name: "In ISP A", before: "a1", now: "a2", by: "unhealthy", because: out.because },
  ]);
  const over = endedDrill(found, 30_000, "op aborted it");
  const still = withSeen(over, seenOf(over, facts({ nowMs: 31_000, ...dead })));
  assert.equal(still, over, "not back yet");
  const back = withSeen(over, seenOf(over, facts({ nowMs: 36_000 })));
  assert.deepEqual(
    [back.backAfterMs, back.seen],
    [6000, found.seen],
    "the look of before its end stays readable",
  );
  assert.deepEqual(
    [isWatched(over, 31_000), isWatched(over, 630_001), isWatched(back, 36_000)],
    [true, false, false],
  );
});

test("[CO482] who was unwell before, and a viewpoint where the appliance never was first, tell nothing of a drill", () => {
  const prefix = { kind: "withdraw", prefix: "203.0.113.0/24" } as const;
  const unwell = { health: "degraded", because: "it fails more than others" } as const;
  const drill = { ...kill, ...prefix, ...beforeDrill("a1", facts({ nowMs: 10_000, ...unwell })) };
  const calm = withSeen(drill, seenOf(drill, facts({ nowMs: 11_000, ...unwell })));
  assert.equal(calm.noticedAfterMs, null);
  const over = endedDrill(calm, 30_000, "op aborted it");
  assert.equal(withSeen(over, seenOf(over, facts({ nowMs: 31_000, ...unwell }))).backAfterMs, 1000);

  const other = { ...kill, ...beforeDrill("a1", facts({ nowMs: 10_000, rank: () => ranking("a3") })) };
  const moved = withSeen(other, seenOf(other, facts({ rank: () => ranking("a4") })));
  assert.deepEqual([moved.seen?.steered, moved.noticedAfterMs], [[], null]);
});

test("[CO482] a withdrawal that no viewpoint could show is neither noticed nor back, and is told to be unseen", () => {
  for (const nowhere of [{ viewpoints: [] }, { rank: () => ranking("a3") }]) {
    const before = beforeDrill("a1", facts({ nowMs: 10_000, ...nowhere }));
    const drill: Drill = { ...kill, kind: "withdraw", prefix: "203.0.113.0/24", ...before };
    assert.equal(viewOf(drill).firstAt, 0);
    const over = endedDrill(withSeen(drill, seenOf(drill, facts(nowhere))), 30_000, "op aborted it");
    assert.equal(over.noticedAfterMs, null);
    const later = withSeen(over, seenOf(over, facts({ nowMs: 36_000, ...nowhere })));
    assert.equal(later.backAfterMs, null);
    const dead = withSeen(drill, seenOf(drill, facts({ health: "silent", ...nowhere })));
    assert.equal(dead.noticedAfterMs, 10_000, "its death is seen all the same");
  }
  assert.equal(viewOf({ ...kill, ...beforeDrill("a1", facts({ nowMs: 10_000 })) }).firstAt, 1);
});
