import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { noGeography } from "#bgp/geo-table.ts";
import { emptyTable, fold } from "#bgp/route-table.ts";
import { defaultsOf } from "#config/setting.ts";
import { steerSettings } from "#steer/settings.ts";
import {
  goodReport,
  smallRoutes,
  smallSites,
  smallTitle,
  smallTitleFiles,
} from "#test/fixtures/small-network.ts";
import { assert as hold } from "#units/assert.ts";
import { milliseconds } from "#units/quantity.ts";
import type { ApplianceReport } from "#wire/appliance.ts";
import { steeringManifest } from "#wire/content-steering.ts";
import { catalogueOf } from "./catalogue.ts";
import {
  type Asking,
  listedPathways,
  manifestFor,
  pathwaysFor,
  sparingAnswer,
  steeringAnswer,
} from "./content-steering.ts";
import { drain, emptyFleet, type Fleet, reported } from "./fleet.ts";
import { readNetwork, routeEvents } from "./network.ts";

const seed = 81;
const title = smallTitle("film");
const files = smallTitleFiles("film");
const catalogue = catalogueOf([title]);
const settings = { ...defaultsOf(steerSettings), pathways: 2 };
const reading = readNetwork(smallSites, "http://127.0.1.1:8180");
hold(reading.kind === "read", "the fixture is well formed");
const { network } = reading;
const { table } = fold(emptyTable, routeEvents(smallRoutes));
const now = { wallMs: milliseconds(1e12), monoMs: milliseconds(60_000) };

type Told = Partial<ApplianceReport> & { readonly times?: number; readonly ms?: number };

/** What appliances reported, oldest first; each said `times` times. */
function fleetOf(told: Readonly<Record<string, Told>>): Fleet {
  let fleet = emptyFleet(settings);
  for (const [id, { times = 1, ms = now.monoMs, ...said }] of Object.entries(told)) {
    const appliance = network.appliances.get(id);
    hold(appliance !== undefined, "the fixture has it");
    const report = { ...goodReport(appliance.baseUrl, files), ...said };
    const order = {
      report,
      catalogue,
      now: { ...now, monoMs: milliseconds(ms) },
      interval: milliseconds(2000),
    };
    for (let n = 0; n < times; n++) fleet = reported(fleet, appliance, order);
  }
  return fleet;
}

const full = { bitsPerSecond: 1e10, connections: 1, requests: 1, errors: 0 };
/** a2 has twice the throughput of a1: so that one of the two is always first. */
const well = { a1: { load: { ...full, bitsPerSecond: 1e9 } }, a2: {}, x1: {} } satisfies Record<string, Told>;

function asking(fleet: Fleet, used: readonly string[] = [], pathways = ["a2", "a1", "origin"]): Asking {
  const grant = { sessionId: "s-1", titleId: "film", viewpoint: "in-a", endsAtMs: 2e12, pathways };
  const place = { address: "203.0.113.7", viewpoint: "in-a" };
  return { network, table, geography: noGeography, fleet, title, place, now, grant, used, epoch: 3 };
}

const idsOf = (fleet: Fleet, used: readonly string[] = []) => pathwaysFor(asking(fleet, used)).ids;

test("[CO81] an appliance is a pathway only when it verified every rendition; the MPEG-TS set is none of them", () => {
  assert.deepEqual(idsOf(fleetOf(well)), ["a2", "a1", "x1", "origin"]);
  const partly = { ...well, a1: { verified: files.slice(1) }, a2: { verified: [] } };
  assert.deepEqual(idsOf(fleetOf(partly)), ["x1", "origin"]);
  const [first] = title.package.renditions;
  hold(first !== undefined, "the fixture has it");
  const renditions = [...title.package.renditions, { ...first, id: "ts" }];
  const withTs = { ...title, package: { ...title.package, renditions } };
  const ids = pathwaysFor({ ...asking(fleetOf(well)), title: withTs }).ids;
  assert.equal(ids[0], "a2");
});

test("[CO81] a manifest names the best few and the origin, which always has everything", () => {
  const listed = (told: Record<string, Told>) => listedPathways(pathwaysFor(asking(fleetOf(told))), settings);
  assert.deepEqual(listed(well), ["a2", "a1", "origin"]);
  assert.deepEqual(listed({ ...well, a2: { load: full, times: 3 } }), ["a1", "x1", "origin"]);
  assert.deepEqual(listed({}), ["origin"]);
});

test("[CO81] all pathways of a manifest have the same signed path, whatever the appliance", () => {
  const text = "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nv.m3u8\n";
  const signPath = (grant: { readonly expiresAtSeconds: number }) => `/t/${grant.expiresAtSeconds}/v/film/`;
  const order = {
    kind: "hls",
    text,
    pathways: ["a2", "origin"],
    steeringUrl: "http://c/steer",
    signPath,
  } as const;
  const steered = manifestFor(asking(fleetOf(well)), order);
  assert.ok(steered.kind === "steered");
  assert.match(steered.text, /\nhttp:\/\/127\.0\.1\.12:8181\/t\/2000000000\/v\/film\/v\.m3u8\n/);
  assert.match(steered.text, /\nhttp:\/\/127\.0\.1\.1:8180\/t\/2000000000\/v\/film\/v\.m3u8\n/);
  const dash = manifestFor(asking(fleetOf(well)), { ...order, kind: "dash", text: "<MPD><Period/></MPD>" });
  assert.ok(
    dash.kind === "steered" && dash.text.includes('serviceLocation="a2">http://127.0.1.12:8181/t/2000000000'),
  );
});

test("[CO82] a saturated appliance goes behind the origin, a dead one is gone, and both return when they are well", () => {
  const saturated = { ...well, a2: { load: full, times: 3 } };
  assert.deepEqual(idsOf(fleetOf(saturated)), ["a1", "x1", "origin", "a2"]);
  const down = { ...well, a2: { nginx: "down" as const } };
  assert.deepEqual(idsOf(fleetOf(down)), ["a1", "x1", "origin"]);
  const silent = { ...well, a2: { ms: 0 } };
  assert.deepEqual(idsOf(fleetOf(silent)), ["a1", "x1", "origin"]);
  let fleet = fleetOf(saturated);
  const appliance = network.appliances.get("a2");
  hold(appliance !== undefined, "the fixture has it");
  const report = goodReport(appliance.baseUrl, files);
  const calm = { report, catalogue, now, interval: milliseconds(2000) };
  for (let n = 1; n <= settings.recoverReports; n++) {
    fleet = reported(fleet, appliance, calm);
    assert.equal(idsOf(fleet)[0], n < settings.recoverReports ? "a1" : "a2", `after ${n} calm reports`);
  }
});

test("[CO82] a draining appliance stays where it is for whoever uses it, and is named to nobody else", () => {
  const fleet = drain(fleetOf(well), "a2", "drain");
  assert.deepEqual(idsOf(fleet), ["a1", "x1", "origin"]);
  assert.deepEqual(idsOf(fleet, ["a1"]), ["a1", "x1", "origin"]);
  assert.deepEqual(idsOf(fleet, ["a2"]), ["a2", "a1", "x1", "origin"]);
  assert.deepEqual(idsOf(fleet, ["a1", "a2"]), ["a2", "a1", "x1", "origin"]);
  const own = fleetOf({ ...well, a2: { draining: true } });
  assert.deepEqual(idsOf(own, ["a2"]), ["a2", "a1", "x1", "origin"]);
  const dying = drain(fleetOf({ ...well, a2: { nginx: "down" } }), "a2", "drain");
  assert.deepEqual(idsOf(dying, ["a2"]), ["a1", "x1", "origin"], "using it does not make it well");
});

test("[CO82] the same session and the same facts have the same answer; its time to live follows what is wrong", () => {
  const answer = (told: Record<string, Told>, used: readonly string[] = []) =>
    steeringAnswer(asking(fleetOf(told), used), "hls", "http://c/steer/s-1/hls?token=t").manifest;
  assert.deepEqual(answer(well), answer(well));
  assert.ok(answer(well).TTL >= 270);
  const down = { ...well, a2: { nginx: "down" as const } };
  assert.ok(answer(down).TTL >= 54 && answer(down).TTL <= 66);
  assert.ok(answer(down, ["a2"]).TTL <= 22);
  assert.ok(answer({ x1: { nginx: "down" } }).TTL <= 22);
  assert.ok(answer({}).TTL >= 270, "no appliance holds the title: nothing is wrong with any");
});

test("[CO82] an appliance that became the best after the manifest was made is cloned, at the same port", () => {
  const { manifest } = steeringAnswer(asking(fleetOf(well), [], ["a1", "origin"]), "hls", "http://c/r");
  assert.deepEqual(manifest["PATHWAY-PRIORITY"], ["a2", "a1", "origin"]);
  assert.deepEqual(manifest["PATHWAY-CLONES"], [
    { "BASE-ID": "a1", ID: "a2", "URI-REPLACEMENT": { HOST: "127.0.1.12" } },
  ]);
  const dash = steeringAnswer(asking(fleetOf(well), [], ["a1", "origin"]), "dash", "http://c/r");
  assert.deepEqual(dash.manifest["PATHWAY-PRIORITY"], ["a1", "origin"]);
  assert.deepEqual(
    dash.uncloned.map(({ id }) => id),
    ["a2"],
  );
});

test("[CO82] whatever appliances report and players say, the answer fits the standard and names nobody who lacks a file", () => {
  const told: fc.Arbitrary<Told> = fc.record({
    verified: fc.constantFrom(files, files.slice(1), []),
    nginx: fc.constantFrom("up" as const, "down" as const, "starting" as const),
    draining: fc.boolean(),
    load: fc.constantFrom(full, { ...full, bitsPerSecond: 0 }),
    times: fc.integer({ min: 1, max: 4 }),
  });
  const ids = ["a1", "a2", "x1", "origin", "strange"];
  fc.assert(
    fc.property(
      fc.record({ a1: told, a2: told, x1: told }, { requiredKeys: [] }),
      fc.subarray(ids),
      fc.uniqueArray(fc.constantFrom("a1", "a2", "x1"), { maxLength: 2 }),
      fc.constantFrom("hls" as const, "dash" as const),
      (reports, used, named, kind) => {
        const fleet = fleetOf(reports);
        const order = asking(fleet, used, [...named, "origin"]);
        const { manifest, ordered } = steeringAnswer(order, kind, "http://c/r");
        steeringManifest.parse(manifest);
        assert.ok(ordered.ids.includes("origin"));
        for (const id of ordered.ids) {
          if (id !== "origin") assert.equal(Object(reports)[id].verified.length, files.length, id);
        }
      },
    ),
    { seed, numRuns: 600 },
  );
});

test("[CO83] a player that asks too often is told what its manifest said, and to rest as long as any does", () => {
  const { grant } = asking(fleetOf(well));
  const answer = steeringManifest.parse(sparingAnswer(grant, settings, "http://c/r"));
  assert.deepEqual([answer.TTL, answer["PATHWAY-PRIORITY"]], [300, ["a2", "a1", "origin"]]);
});

test("[ST90] among many equals a player is not sent to the origin while its own appliances are well", () => {
  const boxes = Array.from({ length: 24 }, (_, i) => ({
    ...{ id: `m${i}`, role: "flash" as const, storageBytes: 1e9, throughputBps: 1e9 },
    listen: `127.0.2.${i + 1}:8181`,
  }));
  const sites = smallSites.sites.map((site) => (site.id === "isp-a" ? { ...site, appliances: boxes } : site));
  const many = readNetwork({ ...smallSites, sites }, "http://127.0.1.1:8180");
  hold(many.kind === "read", "the fixture is well formed");
  const listed = ["m3", "m4"];
  let fleet = emptyFleet(settings);
  for (const appliance of many.network.appliances.values()) {
    const bitsPerSecond = listed.includes(appliance.id) ? 9e8 : 1e8;
    const report = { ...goodReport(appliance.baseUrl, files), load: { ...full, bitsPerSecond } };
    fleet = reported(fleet, appliance, { report, catalogue, now, interval: milliseconds(2000) });
  }
  const order = { ...asking(fleet, listed, [...listed, "origin"]), network: many.network };
  const { manifest, ordered } = steeringAnswer(order, "dash", "http://c/r");
  assert.deepEqual(manifest["PATHWAY-PRIORITY"], [...listed, "origin"]);
  assert.equal(ordered.state, "healthy");
  const third = many.network.appliances.get("m3");
  hold(third !== undefined, "it is one of the many");
  const down = reported(fleet, third, {
    ...{ report: { ...goodReport("http://127.0.2.4:8181", files), nginx: "down" as const } },
    ...{ catalogue, now, interval: milliseconds(2000) },
  });
  assert.deepEqual(
    steeringAnswer({ ...order, fleet: down }, "dash", "http://c/r").manifest["PATHWAY-PRIORITY"],
    ["m4", "origin"],
  );
});

test("[ST91] an appliance that was not admitted is no pathway, and makes no player ask sooner", () => {
  const admission = { kind: "require", days: 90 } as const;
  const fleet = { ...fleetOf(well), admission };
  const { manifest, ordered } = steeringAnswer(asking(fleet, ["a2"]), "hls", "http://c/r");
  assert.deepEqual(manifest["PATHWAY-PRIORITY"], ["origin"]);
  assert.equal(ordered.state, "healthy");
  assert.ok(manifest.TTL >= 270);
});

/** Counts how often something is looked up. */
class Counted<V> extends Map<string, V> {
  looks = 0;

  override get(key: string): V | undefined {
    this.looks += 1;
    return super.get(key);
  }
}

test("[ST92] among thousands of appliances an answer looks at those that its ranking comes across", () => {
  const far = Array.from({ length: 500 }, (_, s) => ({
    ...{ id: `far-${s}`, name: `Far ${s}`, kind: "embedded" as const },
    appliances: Array.from({ length: 4 }, (_, i) => ({
      ...{ id: `far-${s}-${i}`, role: "flash" as const, storageBytes: 1e9, throughputBps: 1e9 },
      listen: `127.${3 + (s >> 8)}.${s & 255}.${i + 1}:8181`,
    })),
  }));
  const large = readNetwork({ ...smallSites, sites: [...smallSites.sites, ...far] }, "http://127.0.1.1:8180");
  hold(large.kind === "read", "the fixture is well formed");
  for (const told of [well, { ...well, a2: { nginx: "down" as const } }]) {
    const fleet = fleetOf(told);
    const boxes = new Counted(fleet.boxes);
    const box = fleet.boxes.get("x1");
    hold(box !== undefined, "it reported");
    for (const { appliances } of far) for (const { id } of appliances) boxes.set(id, box);
    const order: Asking = { ...asking({ ...fleet, boxes }, ["a2"]), network: large.network };
    assert.deepEqual(pathwaysFor(order), pathwaysFor(asking(fleet, ["a2"])));
    assert.ok(boxes.looks > 0 && boxes.looks < 100, `${boxes.looks} looks`);
  }
});
