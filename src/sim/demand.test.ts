import assert from "node:assert/strict";
import { test } from "node:test";
import { bytesAsked, countedPlays } from "./asking.ts";
import { normal, poisson, streamOf } from "./chance.ts";
import { Demand } from "./demand.ts";
import { LocalTime } from "./local-time.ts";
import { smallScenario } from "./sample.ts";

const dayMs = 86_400_000;
const sum = (values: Iterable<number>): number => [...values].reduce((all, one) => all + one, 0);

test("[SI1] one more box changes nothing that is watched", () => {
  const scenario = smallScenario();
  const [first, ...others] = scenario.sites;
  assert.ok(first !== undefined);
  const more = { ...scenario, sites: [{ ...first, servers: first.servers.slice(1) }, ...others] };
  const watched = (of: typeof scenario) => new Demand(of, 0).watch(0).plays.map((row) => [...row]);
  assert.deepEqual(watched(more), watched(scenario));
  assert.notDeepEqual(watched({ ...scenario, seed: 2 }), watched(scenario));
});

test("[SI2] the busiest hour of a usual day asks for the region's peak", () => {
  const scenario = smallScenario({ startsAtMs: Date.UTC(2026, 9, 14) });
  const demand = new Demand(scenario, 0);
  const { plays, hourShares } = demand.watch(0);
  const bytes = sum(
    [...(plays[0] ?? [])].map((count, title) => count * demand.catalogue.bytesPerPlay(title)),
  );
  const peak = (bytes * Math.max(...(hourShares[0] ?? [])) * 8) / 3600;
  const asked = scenario.viewers[0]?.peakBps ?? 0;
  // A Wednesday, and a day on which popularity moved a little.
  assert.ok(peak > 0.75 * asked && peak < 1.1 * asked, `${peak} of ${asked}`);
});

test("[SI2] hours sum to a day by the local clock, also when clocks are changed", () => {
  for (const zone of ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "UTC"]) {
    const time = new LocalTime(zone);
    for (const day of [Date.UTC(2026, 9, 24), Date.UTC(2026, 9, 25), Date.UTC(2026, 2, 29)]) {
      const shares = time.hourShares(day);
      assert.equal(shares.length, 24);
      assert.ok(Math.abs(sum(shares) - 1) < 1e-12);
    }
  }
  const peakAt = (zone: string, day: number): number => {
    const shares = new LocalTime(zone).hourShares(day);
    return shares.indexOf(Math.max(...shares));
  };
  assert.equal(peakAt("UTC", Date.UTC(2026, 9, 14)), 21);
  assert.equal(peakAt("Europe/Berlin", Date.UTC(2026, 9, 14)), 19);
  assert.equal(peakAt("Europe/Berlin", Date.UTC(2026, 10, 11)), 20);
  const saturday = new LocalTime("UTC").dayFactor(Date.UTC(2026, 9, 17));
  assert.ok(saturday > new LocalTime("UTC").dayFactor(Date.UTC(2026, 9, 14)));
});

test("[SI3] popularity drifts and keeps its spread", () => {
  const random = streamOf(7, "drift");
  let logs = Array.from({ length: 2000 }, () => 0.6 * normal(random));
  const push = 0.6 * Math.sqrt(1 - 0.97 ** 2);
  for (let day = 0; day < 100; day++) logs = logs.map((one) => 0.97 * one + push * normal(random));
  const spread = Math.sqrt(sum(logs.map((one) => one * one)) / logs.length);
  assert.ok(Math.abs(spread - 0.6) < 0.05, `${spread}`);

  const demand = new Demand(smallScenario(), 0);
  const before = sum(demand.watch(0).plays.flatMap((row) => [...row]));
  for (let day = 1; day < 27; day++) demand.watch(day);
  const after = sum(demand.watch(28).plays.flatMap((row) => [...row]));
  assert.ok(Math.abs(after / before - 1) < 0.1, "the same weekday four weeks later");
});

test("[SI3] nobody asks for a title before it is published, nor for a premiere before it opens", () => {
  const scenario = smallScenario();
  const demand = new Demand(scenario, 0);
  const titles = demand.catalogue.titles;
  const day = demand.watch(0);
  assert.equal(day.plays[0]?.length, titles);
  assert.equal(demand.publish(1).length, 2);
  assert.equal(demand.watch(1).plays[0]?.length, titles + 2);

  const title = demand.premiere(2, 0.2);
  const watched = demand.withPremiere(demand.watch(2), title);
  const opensAtMs = scenario.startsAtMs + 2 * dayMs + 18 * 3_600_000;
  const openings = new Map([[title, { startsAtMs: opensAtMs }]]);
  const askedAt = (ms: number): number =>
    sum(
      (bytesAsked(demand.catalogue, watched, openings, ms)[0] ?? new Float64Array()).slice(
        title * 5,
        title * 5 + 5,
      ),
    );
  assert.equal(askedAt(opensAtMs - 1), 0);
  assert.ok(askedAt(opensAtMs) > 0);
  const all = sum(watched.plays[0] ?? []);
  const own = watched.plays[0]?.[title] ?? 0;
  assert.ok(own / all > 0.15 && own / all < 0.35, `${own} of ${all}`);
  const counted = countedPlays(watched, openings).plays[0]?.[title] ?? 0;
  assert.ok(counted > 0 && counted < own, "it was open for a part of the day");
});

test("[SI4] Poisson draws have the mean that was asked for", () => {
  const random = streamOf(11, "poisson");
  for (const mean of [0, 0.05, 1, 12, 29.9, 31, 500]) {
    const draws = Array.from({ length: 4000 }, () => poisson(random, mean));
    const found = sum(draws) / draws.length;
    assert.ok(Math.abs(found - mean) <= 5 * Math.sqrt(mean / draws.length), `${found} for ${mean}`);
    assert.ok(draws.every((one) => Number.isInteger(one) && one >= 0));
  }
});
