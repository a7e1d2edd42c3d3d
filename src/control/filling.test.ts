import assert from "node:assert/strict";
import { test } from "node:test";
import { emptyTable, fold } from "#bgp/route-table.ts";
import { files, nowMs, published, Rig } from "#test/fixtures/filling-rig.ts";
import { goodReport, smallSites, smallTitle } from "#test/fixtures/small-network.ts";
import { assert as hold } from "#units/assert.ts";
import type { DesiredState } from "#wire/appliance.ts";
import type { SitesFile } from "#wire/topology.ts";
import { liveTitles } from "./fill-network.ts";
import { rested } from "./filling.ts";
import { drain } from "./fleet.ts";
import { readNetwork } from "./network.ts";

const sourcesOf = (desired: DesiredState | null): string[] =>
  desired?.files[0]?.sources.map(({ sourceId, kind, afterMs }) =>
    [sourceId, kind, ...(afterMs === undefined ? [] : [afterMs / 1000])].join(" "),
  ) ?? [];

test("[CO17] the epoch stays with the state, grows with its changes, and passes what the agent knows", () => {
  const rig = new Rig();
  rig.plan("a1");
  assert.equal(rig.report("a1", [])?.epoch, 1);
  assert.equal(rig.report("a1", []), null);
  assert.equal(rig.report("a1", [], { desiredEpoch: 0 })?.epoch, 1, "its disk is new: the same once more");
  const changes: (() => void)[] = [
    () => rig.keys.push({ kid: "k2", secret: "t".repeat(32) }),
    () => {
      rig.publish(smallTitle("film", published + 1));
      rig.plan("a1");
    },
    () => rig.plan(),
    () => {
      rig.network = { ...rig.network, originBaseUrl: "http://127.0.1.2:8180" };
    },
    () => {
      rig.settings = { ...rig.settings, fillRates: "all" };
    },
  ];
  changes.forEach((change, i) => {
    change();
    assert.equal(rig.report("a1", [])?.epoch, i + 2, `change ${i}`);
    assert.equal(rig.report("a1", []), null);
  });
  assert.equal(rig.report("a1", [], { desiredEpoch: 41 })?.epoch, 42);
  rig.books.clear();
  assert.equal(
    rig.report("a1", [], { desiredEpoch: 42 })?.epoch,
    43,
    "a control plane that was started again",
  );
});

test("[CO18] peers of the same site come first, the box itself and whoever lacks the file not at all", () => {
  const rig = new Rig();
  rig.plan("a1", "a2", "x1");
  rig.report("x1", files);
  rig.report("a2", files);
  assert.deepEqual(sourcesOf(rig.report("a1", [])), ["a2 peer", "x1 tier", "origin origin"]);
  rig.fleet = drain(rig.fleet, "a2", "drain");
  rig.books.clear();
  assert.deepEqual(sourcesOf(rig.report("a1", [])), ["x1 tier", "origin origin"]);
  rig.report("x1", ["film/audio"]);
  rig.books.clear();
  const wanted = rig.report("a1", [])?.files.map((file) => [file.id, file.sources.length]);
  assert.deepEqual(wanted?.toSorted(), [
    ["film/audio", 2],
    ["film/index", 1],
    ["film/v360-1", 1],
  ]);
});

test("[CO50] one box of a site asks outside at once, the other waits; a zone brings hours and the role's rate", () => {
  const rig = new Rig();
  rig.plan("a1", "a2", "x1");
  assert.deepEqual(sourcesOf(rig.report("a1", [])), ["origin origin"]);
  assert.deepEqual(sourcesOf(rig.report("a2", [])), ["origin origin 3600"]);
  assert.deepEqual(sourcesOf(rig.report("x1", [])), ["origin origin"], "another site");
  assert.equal(rig.report("x1", [], { desiredEpoch: 0 })?.fill, undefined);

  const [isp, ...others] = smallSites.sites;
  hold(isp !== undefined, "the fixture has a site");
  const zoned = { ...smallSites, sites: [{ ...isp, zone: "America/New_York" }, ...others] };
  const night = new Rig({}, zoned);
  night.plan("a1", "a2", "x1");
  const window = { zone: "America/New_York", opensAtMinute: 120, hours: 12 };
  assert.deepEqual(night.report("a1", [])?.fill, { window, rateBps: 1.2e9, urgentShare: 0.25 });
  assert.deepEqual(night.report("a2", [])?.fill, { window, rateBps: 3e8, urgentShare: 0.25 });
  assert.equal(night.report("x1", [])?.fill, undefined);
  const everywhere = new Rig({ fillRates: "all", fillStorageBps: 5e6 });
  everywhere.plan("x1");
  assert.deepEqual(everywhere.report("x1", [])?.fill, { rateBps: 5e6, urgentShare: 0.25 });
});

test("[CO51] better sources are told at once to who has nothing to fetch, to others now and then, and nothing else is", () => {
  const rig = new Rig({ fillNewsMs: 10_000 });
  rig.plan("a1", "a2");
  rig.report("a1", []);
  rig.report("a2", []);
  rig.monoMs = 1000;
  rig.report("a1", ["film/audio"]);
  const first = rig.report("a2", []);
  assert.equal(first?.epoch, 2, "a2 waits for a1, which has a file now");
  rig.monoMs = 2100;
  rig.report("a1", ["film/audio", "film/index"]);
  assert.equal(rig.report("a2", []), null, "it has not fetched the first yet");
  assert.equal(rig.report("a2", ["film/audio"])?.epoch, 3, "and now it has nothing to do");
  rig.report("a1", files);
  rig.monoMs = 11_000;
  assert.equal(rig.report("a2", ["film/audio"]), null);
  rig.monoMs = 12_200;
  assert.equal(rig.report("a2", ["film/audio"])?.epoch, 4, "its time has come");
  rig.monoMs = 20_000;
  assert.equal(rig.report("a2", files), null);
  assert.equal(rig.report("a1", files), null);
  rig.monoMs = 40_000;
  const settledEpochs = [rig.report("a1", files)?.epoch, rig.report("a2", files)?.epoch];
  rig.monoMs = 60_000;
  assert.deepEqual([rig.report("a1", files), rig.report("a2", files)], [null, null]);
  assert.ok(settledEpochs.every((epoch) => epoch === undefined || epoch <= 5));
});

test("[CO52] an unknown time zone is refused with the site and what was found", () => {
  const [isp, ...others] = smallSites.sites;
  hold(isp !== undefined, "the fixture has a site");
  const odd = (zone: string) => ({ ...smallSites, sites: [{ ...isp, zone }, ...others] });
  for (const zone of ["Europe/Lundon", "+02:00", ""]) {
    const reading = readNetwork(odd(zone), "http://127.0.1.1:8180");
    hold(reading.kind === "refused", `"${zone}" is no zone`);
    assert.deepEqual(reading.complaints, [
      `site isp-a: wanted a time zone like Europe/London, found "${zone}"`,
    ]);
  }
  assert.equal(readNetwork(odd("Asia/Tokyo"), "http://127.0.1.1:8180").kind, "read");
});

test("[CO53] what waits for another night, and what is kept for others, is counted for operators", () => {
  const rig = new Rig({ fillChurnPercent: 0.0003 });
  rig.plan("a1");
  rig.report("a1", []);
  const { tonight } = rig.books.get("a1") ?? {};
  assert.deepEqual(tonight, {
    deferredFiles: 2,
    deferredBytes: 6000,
    keptFiles: 0,
    urgentFiles: 0,
    mastersOf: 1,
  });
  const keeping = new Rig();
  keeping.plan("a1");
  keeping.report("a1", files);
  keeping.plan("x1");
  const kept = keeping.report("a1", files);
  assert.equal(kept?.files.length, 3);
  assert.equal(keeping.books.get("a1")?.tonight?.keptFiles, 3);
});

test("[CO55] nobody is told to let go before a new place has the file, follows the state that wants it, and has said so", () => {
  const rig = new Rig({ fillNewsMs: 0 });
  rig.plan("a1");
  rig.report("a1", files);
  rig.plan("x1");
  const wantedOf = (desired: DesiredState | null): number | undefined => desired?.files.length;
  const pass = (): void => {
    rig.monoMs += 1000;
  };
  assert.equal(wantedOf(rig.report("a1", files)), 3);
  assert.deepEqual(sourcesOf(rig.report("x1", [])).slice(0, 1), ["a1 tier"]);
  pass();
  rig.report("x1", files, { desiredEpoch: 0 });
  assert.equal(rig.report("a1", files), null, "it holds them, but may yet let go");
  pass();
  rig.report("x1", files);
  assert.equal(wantedOf(rig.report("a1", files)), 0);

  const anew = new Rig({ fillNewsMs: 0 });
  anew.plan("x1");
  anew.epochs.set("x1", 7);
  anew.epochs.set("a1", 9);
  anew.report("x1", files);
  assert.equal(wantedOf(anew.report("a1", files)), 3, "what x1 follows is not known yet");
  anew.monoMs += 1000;
  anew.report("x1", files);
  assert.equal(wantedOf(anew.report("a1", files)), 0);
});

test("[CO91] planning rests after it took long, unless what has to be told at once changed", () => {
  const rig = new Rig({ fillNewsMs: 0 });
  rig.plan("a1", "x1");
  rig.report("a1", []);
  const restFor = (endedMs: number): void => {
    const book = rig.books.get("a1");
    hold(book !== undefined, "it reported");
    const spent = { beganMs: rig.monoMs, endedMs, appliances: 3 };
    rig.books.set("a1", rested(book, spent));
    assert.equal(rig.books.get("a1")?.restsUntilMs, endedMs + 6 * (endedMs - rig.monoMs));
  };
  restFor(100);
  rig.report("x1", files);
  assert.equal(rig.report("a1", []), null, "better sources wait");
  const book = rig.books.get("a1");
  rig.report("a1", files.slice(0, 1));
  assert.deepEqual(
    [...(rig.books.get("a1")?.memory.owned ?? [])],
    files.slice(0, 1),
    "what it has counts at once",
  );
  assert.equal(rig.books.get("a1")?.told, book?.told);
  assert.notEqual(rig.report("a1", [], { desiredEpoch: 0 }), null, "it knows nothing");
  restFor(rig.monoMs + 100);
  rig.keys = [...rig.keys, { kid: "k2", secret: "t".repeat(32) }];
  assert.notEqual(rig.report("a1", []), null);
  restFor(rig.monoMs + 100);
  rig.plan("a1");
  assert.notEqual(rig.report("a1", files.slice(0, 1)), undefined);
  assert.equal(rig.books.get("a1")?.shelf, rig.shelf, "a new plan is looked at");
  restFor(rig.monoMs + 100);
  rig.monoMs += 701;
  rig.report("a1", files);
  assert.equal(rig.books.get("a1")?.restsUntilMs, 0, "planned anew");
});

test("[CO92] a full box that keeps files for one that has been silent for six hours moves on", () => {
  const rig = new Rig({ fillNewsMs: 0 });
  const disk = (id: string) => {
    const bytes = rig.shelf.files.get(id)?.sizeBytes ?? 0;
    return { ...goodReport("", []).disk, budgetBytes: bytes };
  };
  rig.report("x1", []);
  rig.publish(smallTitle("film"), smallTitle("next"));
  const [kept, wanted] = ["film/v360-1", "next/v360-1"];
  rig.planEach(
    new Map([
      [kept, ["x1"]],
      [wanted, ["a1"]],
    ]),
  );
  const wants = (): string[] =>
    rig.report("a1", [kept], { disk: disk(kept) })?.files.map(({ id }) => id) ?? [];
  assert.deepEqual(wants(), [wanted, kept]);
  rig.monoMs += 5 * 3_600_000;
  assert.deepEqual(wants(), [], "nothing new");
  rig.monoMs += 2 * 3_600_000;
  assert.deepEqual(wants(), [wanted]);
});

test("[CO56] the tier goes by the routes that other sites heard for the box's address, then by distance", () => {
  const site = (id: string, host: string, location?: { latitude: number; longitude: number }) => ({
    ...{ id, name: id, kind: "embedded" as const },
    ...(location === undefined ? {} : { location }),
    appliances: [
      { id: `${id}-1`, role: "flash" as const, storageBytes: 1e9, throughputBps: 1e9, listen: `${host}:80` },
    ],
  });
  const sites: SitesFile = {
    sites: [
      site("lost", "192.0.2.2"),
      site("far", "192.0.2.3", { latitude: -33, longitude: 151 }),
      site("near", "192.0.2.4", { latitude: 52, longitude: 0 }),
      site("routed", "192.0.2.5", { latitude: -40, longitude: 170 }),
      site("me", "192.0.2.1", { latitude: 51, longitude: 0 }),
    ],
    viewpoints: [],
  };
  const rig = new Rig({ fillSources: 5 }, sites);
  const route = { siteId: "routed", prefix: "192.0.2.1/32", asPath: [64_500, 64_501], med: 0 };
  const { siteId } = [...rig.network.appliances.values()].find(({ id }) => id === "routed-1") ?? {};
  hold(siteId !== undefined, "the fixture has it");
  rig.table = fold(emptyTable, [{ kind: "announce", route: { ...route, siteId } }]).table;
  const ids = sites.sites.map(({ id }) => `${id}-1`);
  rig.plan(...ids);
  for (const id of ids.slice(0, 4)) rig.report(id, files);
  const order = ["routed-1 tier", "near-1 tier", "far-1 tier", "lost-1 tier", "origin origin"];
  assert.deepEqual(sourcesOf(rig.report("me-1", [])), order);
});

test("[CO54] a new title is live when enough fill clusters hold it, and an old one always", () => {
  const rig = new Rig({ liveClusters: 2 });
  rig.publish(smallTitle("film", nowMs - 1000), smallTitle("old"));
  rig.plan("a1", "x1");
  const live = (known: readonly string[] = []): readonly string[] => {
    const { fleet, network, shelf, table, settings } = rig;
    const ground = { fleet, network, shelf, table, settings, now: rig.moment() };
    return liveTitles(rig.catalogue, new Set(known), {
      ...ground,
      memoryOf: (id) => rig.books.get(id)?.memory,
    });
  };
  assert.deepEqual(live(), ["old"]);
  rig.report("a1", files);
  rig.report("a2", files);
  assert.deepEqual(live(["old"]), [], "two boxes, but one site");
  rig.report("x1", files.slice(1));
  assert.deepEqual(live(["old"]), []);
  rig.report("x1", files);
  assert.deepEqual(live(["old"]), ["film"]);
});

test("[CO57] three boxes that fill 200 files from nothing are told few epochs", () => {
  const rig = new Rig();
  rig.publish(...Array.from({ length: 67 }, (_, i) => smallTitle(`t${i}`)));
  const [a1, a2, x1] = ["a1", "a2", "x1"];
  rig.plan(a1, a2, x1);
  const held = new Map([a1, a2, x1].map((id) => [id, new Set<string>()]));
  const states = new Map<string, DesiredState>();
  const hasAll = (): boolean => [...held.values()].every((own) => own.size === rig.catalogue.files.size);
  for (let round = 0; round < 400 && !hasAll(); round++) {
    rig.monoMs += 2000;
    for (const [id, own] of held) {
      const desired = rig.report(id, [...own], { fill: { ...goodReport("", []).fill, queued: 1 } });
      if (desired !== null) states.set(id, desired);
      const fetchable = (states.get(id)?.files ?? []).filter(
        (file) => !own.has(file.id) && file.sources.some(({ afterMs = 0 }) => afterMs === 0),
      );
      for (const file of fetchable.slice(0, 3)) own.add(file.id);
    }
  }
  assert.ok(hasAll(), "the fill came to its end");
  const epochs = [...rig.epochs.values()];
  assert.ok(Math.max(...epochs) <= 20, `epochs: ${epochs.join(", ")}`);
});
