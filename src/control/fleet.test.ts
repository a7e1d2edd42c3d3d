import assert from "node:assert/strict";
import { test } from "node:test";
import { type GeoTable, geoTableOf, noGeography, readGeoRow } from "#bgp/geo-table.ts";
import { emptyTable, fold } from "#bgp/route-table.ts";
import { defaultsOf } from "#config/setting.ts";
import { placeSettings } from "#place/settings.ts";
import { steerSettings } from "#steer/settings.ts";
import { memoryStores } from "#test/fixtures/memory-stores.ts";
import {
  goodReport,
  smallRoutes,
  smallSites,
  smallTitle,
  smallTitleFiles,
} from "#test/fixtures/small-network.ts";
import { wellBoxes } from "#test/fixtures/well-boxes.ts";
import { assert as hold } from "#units/assert.ts";
import { milliseconds } from "#units/quantity.ts";
import { catalogueOf } from "./catalogue.ts";
import { contentPolicy } from "./content-policy.ts";
import { drain, emptyFleet, type Fleet, healthIn, holds, type Moment, reported, rivalOf } from "./fleet.ts";
import { type Network, originOf, readNetwork, routeEvents } from "./network.ts";
import { replanTitles } from "./place-titles.ts";
import { explanationOf, placeOf, rankFor } from "./steering.ts";

const title = smallTitle("film");
const catalogue = catalogueOf([title]);
const files = smallTitleFiles("film");
const network = networkOf();
const at = (ms: number): Moment => ({ wallMs: milliseconds(1e12 + ms), monoMs: milliseconds(ms) });

function networkOf(): Network {
  const reading = readNetwork(smallSites, "http://127.0.1.1:8180");
  hold(reading.kind === "read", "the fixture is well formed");
  return reading.network;
}

function heard(fleet: Fleet, id: string, verified: readonly string[], ms = 0): Fleet {
  const appliance = network.appliances.get(id);
  hold(appliance !== undefined, "the fixture has it");
  const report = goodReport(appliance.baseUrl, [...verified]);
  return reported(fleet, appliance, { report, catalogue, now: at(ms), interval });
}

function health(fleet: Fleet, id: string, ms: number): string {
  const appliance = network.appliances.get(id);
  hold(appliance !== undefined, "the fixture has it");
  return healthIn(fleet, appliance, at(ms)).health;
}

const interval = milliseconds(2000);
const start = emptyFleet(defaultsOf(steerSettings));

test("[CO22] silence is noticed without a report, and a report ends it", () => {
  assert.equal(health(start, "a1", 0), "silent");
  const fleet = heard(start, "a1", files);
  assert.equal(health(fleet, "a1", 1000), "healthy");
  assert.equal(health(fleet, "a1", 60_000), "silent");
  assert.equal(health(heard(fleet, "a1", files, 60_000), "a1", 60_001), "healthy");
});

test("[ED86] an appliance that says its next report is far off is believed up to the interval that control named", () => {
  const a1 = network.appliances.get("a1");
  hold(a1 !== undefined, "the fixture has it");
  const lives = (nextReportMs: number, namedMs: number, ms: number): string => {
    const report = { ...goodReport(a1.baseUrl, []), nextReportMs };
    const order = { report, catalogue, now: at(0), interval: milliseconds(namedMs) };
    return health(reported(start, a1, order), "a1", ms);
  };
  assert.deepEqual([lives(3_600_000, 2000, 6000), lives(3_600_000, 2000, 6001)], ["healthy", "silent"]);
  assert.deepEqual(
    [lives(3_600_000, 10_000, 30_000), lives(3_600_000, 10_000, 30_001)],
    ["healthy", "silent"],
  );
  assert.deepEqual([lives(8000, 10_000, 20_000), lives(8000, 10_000, 20_001)], ["healthy", "silent"]);
});

test("[CO31] of two agents under one id the one that began last is believed, the other again when it is silent", () => {
  const a1 = network.appliances.get("a1");
  hold(a1 !== undefined, "the fixture has it");
  const says = (bootId: string) => ({ ...goodReport(`http://${bootId}:8181`, []), bootId });
  const tell = (fleet: Fleet, bootId: string, ms: number): Fleet =>
    reported(fleet, a1, { report: says(bootId), catalogue, now: at(ms), interval });
  const rival = (fleet: Fleet, bootId: string, ms: number): string | undefined =>
    rivalOf(fleet, a1, says(bootId), at(ms))?.bootId;
  assert.equal(rival(start, "first", 0), undefined);
  const both = tell(tell(start, "first", 0), "second", 1000);
  assert.equal(rival(both, "second", 1100), undefined);
  assert.equal(rival(both, "third", 1100), undefined, "an agent that was started again");
  assert.equal(rival(both, "first", 1100), "second");
  assert.equal(rival(both, "first", 60_000), undefined, "the second has gone");
  const back = tell(both, "first", 60_000);
  assert.equal(rival(back, "first", 61_000), undefined);
  assert.equal(rival(back, "second", 61_000), "first");
  const many = Array.from({ length: 50 }, (_, n) => `boot-${n}`).reduce(
    (fleet, id) => tell(fleet, id, 1),
    start,
  );
  assert.equal(many.boxes.get("a1")?.formerBoots.length, 8);
});

test("[CO22] files that the catalogue does not know are not believed", () => {
  const fleet = heard(start, "a1", ["film/v360-1", "other/v360-1", "film/../secrets"]);
  assert.deepEqual([...(fleet.boxes.get("a1")?.verified ?? [])], ["film/v360-1"]);
  assert.equal(holds(fleet, "a1", "other/v360-1"), false);
  assert.equal(holds(fleet, "origin", "other/v360-1"), true);
});

test("[CO6] drained boxes are neither ranked nor peers, at once", () => {
  const both = heard(heard(start, "a1", files), "x1", files);
  const fleet = drain(both, "a1", "drain");
  assert.equal(health(fleet, "a1", 0), "draining");
  assert.deepEqual(wellBoxes(fleet, network, at(0)), ["x1"]);
  const { table } = fold(emptyTable, routeEvents(smallRoutes));
  const place = placeOf(network, "in-a", "127.0.0.1");
  hold(place.kind === "known", "the fixture has it");
  const order = {
    network,
    table,
    title,
    place: place.place,
    sessionKey: "s",
    now: at(0),
    geography: noGeography,
  };
  const ids = (state: Fleet): string[] =>
    rankFor({ ...order, fleet: state }).ranked.map((source) => source.id);
  assert.deepEqual(ids(both), ["a1", "x1", "origin"]);
  assert.deepEqual(ids(fleet), ["x1", "origin"]);
  assert.deepEqual(ids(drain(fleet, "a1", "undrain")), ["a1", "x1", "origin"]);
});

test("[ST27] a viewpoint is where it says, another address where the table of places has it", () => {
  const { table } = fold(emptyTable, routeEvents(smallRoutes));
  const reading = readGeoRow("192.0.2.0/24,10,20,30");
  hold(reading.kind === "row", "a row");
  const point = {
    id: "in-a",
    name: "In A",
    address: "203.0.113.10",
    location: { latitude: 1, longitude: 2 },
  };
  const located = { ...network, viewpoints: new Map([["in-a", point]]) };
  const shared = { network: located, table, title: undefined, sessionKey: "s", now: at(0), fleet: start };
  const locationOf = (address: string, viewpoint: string, geography: GeoTable): unknown =>
    explanationOf({ ...shared, geography, place: { address, viewpoint } }).location;
  const geography = geoTableOf([reading.row]);
  const said = { latitude: 1, longitude: 2, radiusKm: undefined, from: "viewpoint" };
  assert.deepEqual(locationOf("192.0.2.7", "in-a", geography), said);
  const found = { latitude: 10, longitude: 20, radiusKm: 30, from: "geography" };
  assert.deepEqual(locationOf("192.0.2.7", "", geography), found);
  assert.equal(locationOf("198.51.100.7", "", geography), undefined);
  assert.equal(locationOf("192.0.2.7", "", noGeography), undefined);
});

test("[CO19] without news the plan keeps its epoch; another title makes a new one", async () => {
  const stores = memoryStores();
  const order = { ports: { stores }, network, settings: defaultsOf(placeSettings), nowMs: 1.8e12 };
  const epoch = async (): Promise<number> => {
    const result = await replanTitles(order);
    hold(result.kind === "planned", "three boxes are enough");
    return result.inForce.epoch;
  };
  await stores.catalog.publish(title);
  assert.deepEqual([await epoch(), await epoch()], [1, 1]);
  await stores.catalog.publish(smallTitle("second"));
  assert.equal(await epoch(), 2);
  const demand = await stores.plans.popularity();
  assert.deepEqual(
    demand.map((row) => row.fileId).toSorted(),
    [...files, ...smallTitleFiles("second")].sort(),
  );
  assert.ok(demand.every((row) => row.playsPerDay > 0));
});

test("[CO20] every complaint about a topology is told at once", () => {
  const [site] = smallSites.sites;
  hold(site !== undefined, "the fixture has sites");
  const twice = {
    ...smallSites,
    sites: [site, site],
    viewpoints: [{ id: "v", name: "V", address: "nowhere" }],
  };
  const reading = readNetwork(twice, "127.0.0.1:8180/x");
  hold(reading.kind === "refused", "it is wrong in four ways");
  const said = reading.complaints.join("; ");
  for (const word of ["site isp-a", "appliance a1", "viewpoint v", "no URL"])
    assert.ok(said.includes(word), said);
});

test("[CO7] only a bare web origin may stand in a header and before a path", () => {
  assert.equal(originOf("http://127.0.1.11:8181"), "http://127.0.1.11:8181");
  assert.equal(originOf("https://box.example.org/"), "https://box.example.org");
  const odd = [
    "",
    "box",
    "ftp://box",
    "http://u@box",
    "http://box/path",
    "http://box?x",
    "http://a; script-src *",
  ];
  for (const text of odd) assert.equal(originOf(text), undefined, text);
});

test("[CO10] the policy names each box once and lets scripts come from here only", () => {
  const policy = contentPolicy(["http://b", "http://a", "http://b"]);
  assert.match(policy, /connect-src 'self' http:\/\/a http:\/\/b;/);
  assert.match(policy, /script-src 'self';/);
});
