import assert from "node:assert/strict";
import { test } from "node:test";
import { noGeography } from "#bgp/geo-table.ts";
import { emptyTable, fold } from "#bgp/route-table.ts";
import { defaultsOf } from "#config/setting.ts";
import type { AuditRow } from "#data/audit-chain.ts";
import { steerSettings } from "#steer/settings.ts";
import { memoryAudit } from "#test/fixtures/memory-identity.ts";
import {
  goodReport,
  smallRoutes,
  smallSites,
  smallTitle,
  smallTitleFiles,
} from "#test/fixtures/small-network.ts";
import { assert as hold } from "#units/assert.ts";
import { milliseconds } from "#units/quantity.ts";
import { catalogueOf } from "./catalogue.ts";
import { type ChangesKnown, changesOf, newestOrders } from "./changes.ts";
import { emptyFleet, type Fleet, opsAppliancesOf, reported } from "./fleet.ts";
import { emptyDiary, type HealthDiary, noted } from "./health-diary.ts";
import { readNetwork, routeEvents } from "./network.ts";
import { flowsOf, latestOf, type MapKnown, mapOf, withoutOf } from "./ops-map.ts";
import { rankFor } from "./steering.ts";

const reading = readNetwork(smallSites, "http://127.0.1.1:8180");
hold(reading.kind === "read", "the fixture is well formed");
const { network } = reading;
const now = { wallMs: milliseconds(1e12), monoMs: milliseconds(0) };
const catalogue = catalogueOf([smallTitle("film")]);

function fleetHolding(held: Readonly<Record<string, readonly string[]>>): Fleet {
  return Object.entries(held).reduce(
    (fleet, [id, verified]) => {
      const appliance = network.appliances.get(id);
      hold(appliance !== undefined, "the fixture has it");
      const report = goodReport(appliance.baseUrl, [...verified]);
      return reported(fleet, appliance, { report, catalogue, now, interval: milliseconds(2000) });
    },
    emptyFleet(defaultsOf(steerSettings)),
  );
}

function known(held: Readonly<Record<string, readonly string[]>>): MapKnown {
  const fleet = fleetHolding(held);
  const { table } = fold(emptyTable, routeEvents(smallRoutes));
  const said = { viewpoint: "in-a", applianceId: "a1", lastSeenMs: now.wallMs - 1000, state: "playing" };
  return {
    ...{ network, fleet, now, sessionsSinceMs: null },
    sessions: [
      said,
      said,
      { ...said, state: "ended" },
      { ...said, lastSeenMs: now.wallMs - 61_000 },
      { ...said, viewpoint: "", applianceId: "x1" },
      { ...said, applianceId: "" },
    ],
    rank: ({ id, address }, without) =>
      rankFor({
        ...{ network, table, fleet, title: undefined, geography: noGeography, now },
        ...{ place: { address, viewpoint: id }, sessionKey: "map" },
        ...(without === undefined ? {} : { without }),
      }),
  };
}

const well = { a1: smallTitleFiles("film"), a2: [], x1: [] };

test("[CO436] the map says who is where, whom a new play would be given, and who serves whom now", () => {
  const map = mapOf(known(well));
  assert.deepEqual(
    map.appliances.map(({ id, health, bitsPerSecond }) => [id, health, bitsPerSecond]),
    [
      ["a1", "healthy", 1000],
      ["a2", "healthy", 1000],
      ["x1", "healthy", 1000],
    ],
  );
  const first = Object.fromEntries(map.viewpoints.map(({ id, ranked }) => [id, ranked[0]]));
  assert.match(first["in-a"] ?? "", /^a[12]$/);
  assert.equal(first.elsewhere, "x1");
  assert.deepEqual(map.viewpoints[0]?.location, null);
  assert.deepEqual(map.flows, [
    { viewpointId: "in-a", applianceId: "a1", sessions: 2 },
    { viewpointId: "", applianceId: "x1", sessions: 1 },
  ]);
});

test("[CO436] of an appliance that is silent neither its last rate nor its copies are counted, nor of one that is gone", () => {
  const files = smallTitleFiles("film");
  const facts = known({ a1: files, x1: files });
  const later = { wallMs: milliseconds(now.wallMs + 60_000), monoMs: milliseconds(60_000) };
  assert.deepEqual(
    mapOf({ ...facts, now: later }).appliances.map(({ health, bitsPerSecond }) => [health, bitsPerSecond]),
    Array.from(network.appliances, () => ["silent", 0]),
  );
  assert.equal(withoutOf({ ...facts, now: later }, "a1", files).lastCopies, files.length);
  assert.equal(withoutOf(facts, "a1", files).lastCopies, 0);
  const fewer = new Map([...network.appliances].filter(([id]) => id !== "x1"));
  const gone = { ...facts, network: { ...network, appliances: fewer } };
  assert.equal(withoutOf(gone, "a1", files).lastCopies, files.length);
});

test("[CO436] whoever said nothing for a minute, or has ended, is not drawn as watching", () => {
  const one = { viewpoint: "v", applianceId: "a1", lastSeenMs: 0, state: "playing" };
  assert.equal(flowsOf([one], 60_000).length, 1);
  assert.equal(flowsOf([one], 60_001).length, 0);
  assert.equal(flowsOf([{ ...one, state: "failed" }], 0).length, 0);
});

test("[CO436] where more sessions began than were read, it is said since when they are counted", () => {
  const latest = [9, 7, 4, 2].map((startedAtMs) => ({ startedAtMs }));
  assert.deepEqual(latestOf(latest, 4), { sessions: latest, sessionsSinceMs: null });
  assert.deepEqual(latestOf(latest, 3), { sessions: latest.slice(0, 3), sessionsSinceMs: 4 });
  assert.deepEqual(latestOf([], 3), { sessions: [], sessionsSinceMs: null });
  const cut = { ...known(well), sessionsSinceMs: 4 };
  assert.deepEqual([mapOf(cut).sessionsSinceMs, withoutOf(cut, "a1", []).sessionsSinceMs], [4, 4]);
});

test("[CO436] what would be without an appliance is computed, and nothing is changed", () => {
  const facts = known(well);
  const first = mapOf(facts).viewpoints.find(({ id }) => id === "in-a")?.ranked[0] ?? "";
  const without = withoutOf(facts, first, smallTitleFiles("film"));
  assert.deepEqual(
    without.moved.map(({ viewpointId }) => viewpointId),
    ["in-a"],
  );
  assert.ok(without.moved.every(({ to }) => to !== first && network.appliances.has(to)));
  assert.deepEqual(mapOf(facts), mapOf(known(well)), "asking changed something");
});

test("[CO436] files that nobody else verified are counted as last copies", () => {
  const files = smallTitleFiles("film");
  assert.equal(withoutOf(known(well), "a1", files).lastCopies, files.length);
  assert.equal(withoutOf(known({ ...well, x1: files }), "a1", files).lastCopies, 0);
  assert.equal(withoutOf(known(well), "a1", files).sessions, 2);
  const alone = withoutOf(known({ x1: [] }), "x1", []);
  assert.deepEqual(
    alone.moved.map(({ to }) => to),
    alone.moved.map(() => "origin"),
    "with nobody left the origin serves",
  );
  assert.ok(alone.moved.length > 0);
});

function seen(
  health: "healthy" | "silent",
  because = "",
): { id: string; health: typeof health; because: string } {
  return { id: "a1", health, because };
}

test("[CO435] a change of health is noted once; what is seen first is none", () => {
  const start = emptyDiary(5);
  const first = noted(start, [seen("silent")], 10);
  assert.deepEqual([first.changes, first.sinceMs], [[], 5]);
  assert.equal(noted(first, [seen("silent")], 11), first);
  const after = noted(first, [seen("healthy", "It reports.")], 12);
  assert.deepEqual(after.changes, [
    { atMs: 12, applianceId: "a1", from: "silent", to: "healthy", because: "It reports." },
  ]);
});

test("[CO435] the diary holds the last 500 changes", () => {
  let diary: HealthDiary = emptyDiary(0);
  for (let at = 0; at <= 600; at++) diary = noted(diary, [seen(at % 2 === 0 ? "healthy" : "silent")], at);
  assert.deepEqual(
    [diary.changes.length, diary.changes[0]?.atMs, diary.changes.at(-1)?.atMs],
    [500, 101, 600],
  );
});

function row(action: string, outcome: string, atMs: number): AuditRow {
  return {
    ...{ seq: 1, prior: "", hash: "", atMs, actor: "account:1", action, object: "id=a1", outcome },
    ...{ address: "", requestId: "" },
  };
}

const quiet: ChangesKnown = {
  plans: [{ epoch: 3, createdAtMs: 30, churnBytes: 7 }],
  diary: noted(noted(emptyDiary(0), [seen("silent")], 1), [seen("healthy")], 40),
  ...{ experiments: [], drills: [] },
  versions: [{ version: 2, createdAtMs: 20, works: 9, note: "import" }],
  catalogue: { cards: new Map() },
  orders: [row("POST /v1/ops/appliances/:id/drain", "done", 51)],
  nameOf: (actor) => (actor === "account:1" ? "ada@example.org" : undefined),
};

test("[CO435] changes of all sources are one list, newest first and cut", () => {
  const changes = changesOf(quiet, 10);
  assert.deepEqual(
    changes.map(({ kind, atMs }) => [kind, atMs]),
    [
      ["order", 51],
      ["health", 40],
      ["plan", 30],
      ["catalogue", 20],
    ],
  );
  assert.equal(changes[0]?.kind === "order" && changes[0].actor, "ada@example.org");
  assert.deepEqual(
    changesOf(quiet, 2).map(({ kind }) => kind),
    ["order", "health"],
  );
});

test("[CO435] orders are found below viewers' rows, a beginning is none, and what was not read is told", async () => {
  const audit = memoryAudit();
  const drain = "POST /v1/ops/appliances/:id/drain";
  const signIns = async (many: number, fromMs: number): Promise<void> => {
    for (let n = 0; n < many; n++) await audit.append(row("POST /v1/sign-in", "done", fromMs + n));
  };
  for (const atMs of [1, 3]) {
    await audit.append(row(drain, "begun", atMs));
    await audit.append(row(drain, "done", atMs + 1));
  }
  await signIns(2000, 1000);
  const moments = async (most: number) => {
    const { orders, ordersSinceMs } = await newestOrders(audit, most);
    return [orders.map(({ atMs }) => atMs), ordersSinceMs];
  };
  assert.deepEqual(await moments(1), [[4], null]);
  assert.deepEqual(await moments(50), [[4, 2], null]);
  await signIns(4500, 10_000);
  assert.deepEqual(await moments(50), [[], 1500], "the newest 6,000 of 6,504 rows were read");
  await audit.append(row("POST /v1/admin/refunds", "done", 20_000));
  assert.deepEqual(await moments(1), [[20_000], null]);
});

test("[CO435] a drill is told when it begins, with what it does and who ordered it, and when it is over", () => {
  const drill: ChangesKnown["drills"][number] = {
    ...{ id: "d00c0ffee", kind: "kill", applianceId: "a1", prefix: null, by: "op@example.org" },
    ...{ startedAtMs: 10, endsAtMs: 70, state: "running", endedAtMs: null, because: "" },
    ...{ plays: 0, noticedAfterMs: null, backAfterMs: null, seen: null },
  };
  const told = (more: Partial<typeof drill>) =>
    changesOf({ ...quiet, drills: [{ ...drill, ...more }] }, 20).flatMap((change) =>
      change.kind === "drill" ? [[change.became, change.atMs, change.because, change.loss, change.by]] : [],
    );
  const begun = ["running", 10, "", "kill", "op@example.org"];
  assert.deepEqual(told({}), [begun]);
  const aborted = { state: "aborted", endedAtMs: 30, because: "op aborted it" } as const;
  assert.deepEqual(told(aborted), [["aborted", 30, "op aborted it", "kill", "op@example.org"], begun]);
});

test("[CO435] each turn in an experiment's life is a change", () => {
  const order = {
    ...{ share: 0.1, segment: 2, damages: [], stallMs: 0, mostSessions: 2, limitMs: 1000 },
    ...{ looks: 1, falseAlarm: 0.05, margin: 0.1, leastPerArm: 1 },
  };
  const one = { id: "x1", createdAtMs: 1, order };
  const became = (state: ChangesKnown["experiments"][number]["state"]) =>
    changesOf({ ...quiet, experiments: [{ ...one, state }] }, 20)
      .filter((change) => change.kind === "experiment")
      .map((change) => [change.became, change.atMs, change.because]);
  assert.deepEqual(became({ kind: "created" }), [["created", 1, ""]]);
  assert.deepEqual(became({ kind: "ended", startedAtMs: 2, endedAtMs: 3 }), [
    ["ended", 3, ""],
    ["running", 2, ""],
    ["created", 1, ""],
  ]);
  assert.deepEqual(became({ kind: "aborted", startedAtMs: null, endedAtMs: 4, because: "ada aborted it" }), [
    ["aborted", 4, "ada aborted it"],
    ["created", 1, ""],
  ]);
});

test("[CO437] the list of appliances leaves their agents' lines out", () => {
  const fleet = fleetHolding(well);
  const box = fleet.boxes.get("a1");
  hold(box !== undefined, "it reported");
  const events = [{ atMs: 1, level: "info" as const, words: "nginx kind=started" }];
  const boxes = new Map(fleet.boxes).set("a1", { ...box, report: { ...box.report, events } });
  const listed = opsAppliancesOf({
    ...{ fleet: { ...fleet, boxes }, network, plan: undefined, tonight: () => undefined, now },
  });
  assert.ok(listed.appliances.some(({ report }) => report !== null));
  assert.doesNotMatch(JSON.stringify(listed), /events|kind=started/);
});
