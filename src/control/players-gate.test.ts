import assert from "node:assert/strict";
import { test } from "node:test";
import { noGeography } from "#bgp/geo-table.ts";
import { emptyTable, fold } from "#bgp/route-table.ts";
import { defaultsOf } from "#config/setting.ts";
import { openGate } from "#qoe/player-gate.ts";
import { steerSettings } from "#steer/settings.ts";
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
import { drain, emptyFleet, type Fleet, healthIn, heardPlayers, type Moment, reported } from "./fleet.ts";
import { readNetwork, routeEvents } from "./network.ts";
import { rankFor } from "./steering.ts";

const reading = readNetwork(smallSites, "http://127.0.1.1:8180");
hold(reading.kind === "read", "the fixture is well formed");
const { network } = reading;
const { table } = fold(emptyTable, routeEvents(smallRoutes));
const title = smallTitle("film");
const catalogue = catalogueOf([title]);
const sinceMs = 1e12;
const at = (ms: number): Moment => ({ wallMs: milliseconds(sinceMs + ms), monoMs: milliseconds(0) });

/** Everybody reports and is well in its own eyes; `holders` have the film; players complain of `degraded`. */
function fleetOf(holders: readonly string[], degraded: readonly string[]): Fleet {
  let fleet = emptyFleet(defaultsOf(steerSettings));
  for (const appliance of network.appliances.values()) {
    const files = holders.includes(appliance.id) ? smallTitleFiles("film") : [];
    const report = goodReport(appliance.baseUrl, files);
    fleet = reported(fleet, appliance, { report, catalogue, now: at(0), interval: milliseconds(2000) });
  }
  const closed = Object.fromEntries(
    degraded.map((id) => [id, { sinceMs, restMs: 120_000, because: "12 of its 12 plays failed." }]),
  );
  return heardPlayers(fleet, { ...openGate, closed }).fleet;
}

function rankedAt(fleet: Fleet, ms: number, sessionKey = "s") {
  const [viewpoint] = smallSites.viewpoints;
  hold(viewpoint !== undefined, "the fixture has a viewpoint");
  const place = { address: viewpoint.address, viewpoint: viewpoint.id };
  return rankFor({ network, table, geography: noGeography, fleet, title, place, sessionKey, now: at(ms) });
}

test("[CO347] who is degraded is left out with the figures, and stays a source of fills", () => {
  const fleet = fleetOf(["a1", "a2", "x1"], ["a1"]);
  const { ranked, eliminated } = rankedAt(fleet, 20_000);
  assert.deepEqual(
    ranked.map(({ id }) => id),
    ["a2", "x1", "origin"],
  );
  assert.deepEqual(
    eliminated.map(({ id, by, because }) => `${id} ${by}: ${because}`),
    ["a1 degraded: 12 of its 12 plays failed. No new plays for 100 s."],
  );
  assert.deepEqual(wellBoxes(fleet, network, at(0)).sort(), ["a1", "a2", "x1"]);
});

test("[CO347] the last appliances that hold a title are ranked whatever players say, the origin behind them", () => {
  const fleet = fleetOf(["a1"], ["a1"]);
  assert.deepEqual(
    rankedAt(fleet, 0).ranked.map(({ id }) => id),
    ["a1", "origin"],
  );
});

test("[CO347] what is worse than degraded is said instead", () => {
  const [a1] = [...network.appliances.values()];
  hold(a1 !== undefined, "the fixture has appliances");
  const fleet = drain(fleetOf(["a1"], ["a1"]), "a1", "drain");
  assert.equal(healthIn(fleet, a1, at(0)).health, "draining");
  assert.deepEqual(
    rankedAt(fleet, 0).ranked.map(({ id }) => id),
    ["origin"],
  );
});

test("[CO347] of the sessions after the rest one in ten is let in, each always or never; then all are", () => {
  const fleet = fleetOf(["a1", "a2", "x1"], ["a1"]);
  const lists = (ms: number, key: string) => rankedAt(fleet, ms, key).ranked.some(({ id }) => id === "a1");
  const keys = Array.from({ length: 2000 }, (_, nth) => `session-${nth}`);
  assert.equal(keys.filter((key) => lists(119_000, key)).length, 0);
  const letIn = keys.filter((key) => lists(120_000, key));
  assert.ok(letIn.length > 150 && letIn.length < 250, `${letIn.length}`);
  assert.deepEqual(
    keys.filter((key) => lists(300_000, key)),
    letIn,
  );
  assert.equal(keys.filter((key) => lists(720_000, key)).length, keys.length);
});
