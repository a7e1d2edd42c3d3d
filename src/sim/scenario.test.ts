import assert from "node:assert/strict";
import { test } from "node:test";
import { smallScenario } from "./sample.ts";
import { complaintsAbout, type Scenario } from "./scenario.ts";
import { defaultScenario } from "./scenario-default.ts";
import { scenarioOf } from "./variation.ts";

test("[SI5] what is built in can be run, and so can what tests use", () => {
  assert.deepEqual(complaintsAbout(defaultScenario), []);
  assert.deepEqual(complaintsAbout(smallScenario()), []);
  assert.equal(new Date(defaultScenario.startsAtMs).toISOString(), "2026-10-12T00:00:00.000Z");
});

test("[SI5] every complaint at once, each naming what it is about", () => {
  const good = smallScenario();
  const [site, ...sites] = good.sites;
  const [region, ...regions] = good.viewers;
  assert.ok(site !== undefined && region !== undefined);
  const bad: Scenario = {
    ...good,
    days: 0,
    minCopies: 1.5,
    startsAtMs: 5,
    sites: [{ ...site, zone: "Mars/Olympus", feeds: [{ regionId: "nowhere", share: 2 }] }, ...sites, site],
    viewers: [
      { ...region, routes: [{ siteId: "gone", prefixLength: 8, asPathLength: 1, med: 0 }] },
      ...regions,
    ],
    events: [
      { day: 0, hour: 1, kind: "fail", serverId: "nobody" },
      { day: 99, hour: 1, kind: "drain", serverId: "ix-s1" },
      { day: 0, hour: 1, kind: "premiere", share: 1, startsAfterHours: 1 },
    ],
  };
  const all = complaintsAbout(bad).join("\n");
  for (const part of [
    ...[/days: wanted 1…366, found 0/, /minCopies: wanted a whole number/, /midnight UTC/],
    ...[/site metro: there is no time zone "Mars\/Olympus"/, /site metro: feeds name no region nowhere/],
    ...[/share is 2/, /site metro is listed twice/, /server metro-s1 is listed twice/],
    ...[/viewers north: there is no site gone/, /event 0 \(fail\): there is no server nobody/],
    ...[/event 1 \(drain\): day 99 hour 1 is not in the run/, /event 2 \(premiere\): share is 1/],
  ])
    assert.match(all, part);
});

test("[SI5] more bytes than can be counted exactly are refused, and more boxes than can be told apart", () => {
  const good = smallScenario();
  const large = { ...good, days: 30, viewers: good.viewers.map((one) => ({ ...one, peakBps: 1e13 })) };
  assert.match(complaintsAbout(large).join(), /scale rates and sizes down together/);
  const [site, ...sites] = good.sites;
  const [box] = site?.servers ?? [];
  assert.ok(site !== undefined && box !== undefined);
  const servers = Array.from({ length: 27 }, (_, i) => ({ ...box, id: `b${i}` }));
  assert.match(complaintsAbout({ ...good, sites: [{ ...site, servers }, ...sites] }).join(), /at most 26/);
});

test("[SI5] a file with sites of its own has no events of the region that is built in", () => {
  assert.deepEqual(scenarioOf({ sites: smallScenario().sites }, {}).events, []);
  assert.ok(scenarioOf(undefined, {}).events.length > 5);
  const week = scenarioOf(undefined, { days: 8, files: 10_000 });
  assert.ok(week.events.every(({ day }) => day < 8) && week.events.length > 0);
  assert.equal(week.catalogue.newTitlesPerDay, 2);
  assert.equal(week.catalogue.bytes, defaultScenario.catalogue.bytes);
});
