import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { defaultsOf } from "#config/setting.ts";
import type { GeoPoint, RouteMatch, Site } from "#model/network.ts";
import type { Ranking } from "#model/steering.ts";
import { applianceId, siteId } from "#units/id.ts";
import { bitsPerSecond, bytes } from "#units/quantity.ts";
import { groundOf } from "./ground.ts";
import { type ApplianceNow, type RankSettings, rank, rankOnce } from "./rank.ts";
import { steerSettings } from "./settings.ts";
import { routedTiers } from "./tiers.ts";

type Order = Parameters<typeof rankOnce>[0];

const near = { latitude: 1, longitude: 0 };
const far = { latitude: 40, longitude: 0 };
const viewer = { latitude: 0, longitude: 0 };

function site(id: string, kind: Site["kind"] = "exchange", location?: GeoPoint): Site {
  return { id: siteId(id), name: id.toUpperCase(), kind, location };
}

/** 100 Mbit/s, `load` of them used. */
function box(id: string, at: string, load = 0): ApplianceNow {
  return {
    appliance: {
      id: applianceId(id),
      siteId: siteId(at),
      role: "flash",
      storage: bytes(1),
      throughput: bitsPerSecond(100e6),
    },
    health: "healthy",
    because: "It is well.",
    load: bitsPerSecond(load * 1e6),
  };
}

function match(at: string, given: Partial<RouteMatch> = {}): RouteMatch {
  const prefix = `203.0.113.0/${given.prefixLength ?? 24}`;
  return { siteId: siteId(at), prefix, prefixLength: 24, asPathLength: 1, med: 0, neighbourAs: 1, ...given };
}

function order(given: Partial<Order>, settings: Partial<RankSettings> = {}): Order {
  const appliances = given.appliances ?? [];
  return {
    matches: [],
    sites: [],
    appliances,
    holders: new Set(appliances.map((now) => now.appliance.id)),
    viewer,
    sessionKey: "session",
    settings: { ...defaultsOf(steerSettings), ...settings },
    ...given,
  };
}

function ids({ ranked }: Ranking): string[] {
  return ranked.slice(0, -1).map((entry) => entry.id);
}

test("[ST20] MEDs of different neighbours are compared always, or not at all", () => {
  const appliances = [box("far", "f"), box("near", "n"), box("other", "o")];
  const sites = [site("f", "exchange", far), site("n", "exchange", near), site("o", "exchange", near)];
  const matches = [
    match("f", { med: 0, neighbourAs: 1 }),
    match("n", { med: 5, neighbourAs: 1 }),
    match("o", { med: 9, neighbourAs: 2 }),
  ];
  const given = { appliances, sites, matches };
  assert.deepEqual(ids(rankOnce(order(given))), ["far", "near", "other"]);
  const grouped = rankOnce(order(given, { medCompare: "same-neighbour" }));
  // Of AS 1 only `far` is in the running, `other` is nearer; `near` comes once `far` has its place.
  assert.deepEqual(grouped.ranked.map(({ id, rule }) => [id, rule]).slice(0, 3), [
    ["other", "distance"],
    ["far", "med"],
    ["near", "med"],
  ]);
  assert.equal(grouped.ranked[0]?.because, "O is 111 km away; the next, far, is 4448 km away.");
});

test("[ST20] within a neighbour the lowest MED goes first, whatever order the routes come in", () => {
  const places = ["p", "q", "r", "s", "t"];
  const ground = groundOf(
    places.map((id, i) => site(id, "exchange", { latitude: i % 3, longitude: 0 })),
    places.map((id) => box(id, id).appliance),
  );
  const anyMatches = fc
    .uniqueArray(
      fc.record({
        at: fc.constantFrom(...places),
        med: fc.nat(2),
        neighbourAs: fc.integer({ min: 1, max: 2 }),
      }),
      { selector: ({ at }) => at, minLength: 1 },
    )
    .map((rows) => rows.map(({ at, ...facts }) => match(at, facts)));
  fc.assert(
    fc.property(anyMatches, (matches) => {
      const tiersOf = (list: readonly RouteMatch[]): string[][] =>
        [...routedTiers(ground, list, viewer, "same-neighbour")].map((tier) =>
          tier.sites.map((one) => `${one.ground.site.id}`).sort(),
        );
      const tiers = tiersOf(matches);
      assert.deepEqual(tiersOf(matches.toReversed()), tiers);
      assert.deepEqual(tiers.flat().sort(), matches.map((one) => `${one.siteId}`).sort());
      // The first tier is the RFC's: strike out per neighbour what is not its lowest MED, then the nearest.
      const running = matches.filter((one) =>
        matches.every((other) => other.neighbourAs !== one.neighbourAs || other.med >= one.med),
      );
      const distanceOf = ({ siteId: id }: RouteMatch): number => places.indexOf(id) % 3;
      const least = Math.min(...running.map(distanceOf));
      const first = running.filter((one) => distanceOf(one) === least).map((one) => `${one.siteId}`);
      assert.deepEqual(tiers[0], first.sort());
    }),
    { seed: 20 },
  );
});

test("[ST21] among equals, whoever is used more than the bound is passed over", () => {
  const appliances = [
    box("calm", "x", 30),
    box("busy", "x", 90),
    box("full", "x", 100),
    box("idle", "x", 20),
  ];
  // Mean 60 %, bound 75 %.
  const given = { sites: [site("x")], matches: [match("x")], appliances };
  for (let i = 0; i < 50; i++) {
    const ranking = rankOnce(order({ ...given, sessionKey: `s${i}` }));
    assert.deepEqual(ids(ranking).slice(2), ["busy", "full"]);
    assert.equal(ranking.ranked[1]?.rule, "load-bound");
  }
  const [, second] = rankOnce(order(given)).ranked;
  assert.match(
    second?.because ?? "",
    /% used, below its tier's bound of 75 %; the next, busy, is used 90 % and/,
  );
  // Below the floor nobody is passed over: busy draws its share.
  const light = [box("calm", "x", 0), box("busy", "x", 49)];
  const firsts = new Set<string | undefined>();
  for (let i = 0; i < 50; i++)
    firsts.add(ids(rankOnce(order({ ...given, appliances: light, sessionKey: `s${i}` })))[0]);
  assert.deepEqual([...firsts].sort(), ["busy", "calm"]);
});

test("[ST21] somebody is always in the running", () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(99), { minLength: 1, maxLength: 8 }),
      fc.integer({ min: 100, max: 150 }),
      (loads, percent) => {
        const appliances = loads.map((load, i) => box(`b${i}`, "x", load));
        const ranking = rankOnce(
          order(
            { sites: [site("x")], matches: [match("x")], appliances },
            { boundPercent: percent, boundFromPercent: 0 },
          ),
        );
        const mean = loads.reduce((sum, load) => sum + load, 0) / loads.length;
        const first = appliances.find(({ appliance }) => appliance.id === ids(ranking)[0]);
        assert.ok((first?.load ?? 0) <= (mean * percent * 1e6) / 100 + 1);
      },
    ),
    { seed: 21 },
  );
});

test("[ST22] a full list keeps a place for a second site", () => {
  const sites = [site("a", "embedded"), site("b", "embedded"), site("x"), site("y")];
  const own = ["a1", "a2", "a3", "a4"].map((id) => box(id, "a"));
  const matches = [match("a"), match("b", { asPathLength: 3 })];
  const three = { listLength: 3 };
  const ranking = rankOnce(order({ sites, matches, appliances: [...own, box("b1", "b")] }, three));
  assert.equal(ids(ranking).length, 3);
  assert.equal(ids(ranking)[2], "b1");
  assert.deepEqual(
    [ranking.ranked[2]?.rule, ranking.ranked[2]?.because],
    [
      "spread",
      "All above it stand at A; B (heard 203.0.113.0/24, at an unknown distance) is the best elsewhere.",
    ],
  );
  assert.deepEqual(
    ranking.eliminated.map((one) => one.by),
    ["list-full", "list-full"],
  );
  // An exchange point is elsewhere, too; with no other site the list is one site's.
  const helped = rankOnce(
    order({ sites, matches: [match("a")], appliances: [...own, box("x1", "x")] }, three),
  );
  assert.equal(ids(helped)[2], "x1");
  const alone = rankOnce(order({ sites, matches, appliances: own }, three));
  assert.equal(
    ids(alone).every((id) => id.startsWith("a")),
    true,
  );
  assert.equal(ids(alone).length, 3);
});

/** Some sites of both kinds, some routes, appliances in any state. */
const anyOrder = fc
  .record({
    boxes: fc.uniqueArray(
      fc.record({
        id: fc.nat(30),
        at: fc.constantFrom("a", "a", "a", "a", "b", "c", "x", "x", "x", "y", "z", "nowhere"),
        load: fc.nat(120),
        health: fc.constantFrom<ApplianceNow["health"]>(
          "healthy",
          "healthy",
          "healthy",
          "unhealthy",
          "silent",
        ),
        held: fc.boolean(),
      }),
      { selector: ({ id }) => id, minLength: 8, maxLength: 30 },
    ),
    routes: fc.uniqueArray(
      fc.record({
        at: fc.constantFrom("a", "b", "c", "x", "y", "z", "gone"),
        prefixLength: fc.constantFrom(16, 24),
        asPathLength: fc.integer({ min: 1, max: 2 }),
        med: fc.nat(2),
        neighbourAs: fc.integer({ min: 1, max: 2 }),
      }),
      { selector: ({ at }) => at },
    ),
    medCompare: fc.constantFrom("always", "same-neighbour"),
    listLength: fc.integer({ min: 2, max: 4 }),
    sessionKey: fc.string(),
  })
  .map(({ boxes, routes, medCompare, listLength, sessionKey }) => {
    const appliances = boxes.map(({ id, at, load, health }) => ({ ...box(`b${id}`, at, load), health }));
    const sites = [
      site("a", "embedded", near),
      site("b", "embedded"),
      site("c", "embedded", far),
      site("x", "exchange", near),
      site("y", "exchange", far),
      site("z"),
    ];
    const matches = routes.map(({ at, ...facts }) => match(at, facts));
    const holders = new Set(boxes.flatMap(({ id, held }) => (held ? [`b${id}`] : [])));
    return order({ sites, appliances, matches, holders, sessionKey }, { medCompare, listLength });
  });

test("[ST22] of two sites that may serve, two are in the list", () => {
  let spread = 0;
  fc.assert(
    fc.property(anyOrder, (given) => {
      const { ranked } = rankOnce(given);
      const heard = new Set(given.matches.map((one) => one.siteId));
      const able = given.appliances.filter(
        ({ appliance, health }) =>
          health === "healthy" &&
          given.holders.has(appliance.id) &&
          given.sites.some(
            (one) => one.id === appliance.siteId && (one.kind === "exchange" || heard.has(one.id)),
          ),
      );
      const sites = new Set(able.map(({ appliance }) => appliance.siteId));
      const listed = new Set(ranked.slice(0, -1).map((entry) => entry.siteId));
      assert.ok(listed.size >= Math.min(2, sites.size));
      assert.ok(ranked.length - 1 <= given.settings.listLength);
      if (ranked.some((entry) => entry.rule === "spread")) spread++;
    }),
    { seed: 22, numRuns: 300 },
  );
  assert.ok(spread > 3, `only ${spread} lists needed the rule`);
});

test("[ST23] what the rules took out of the running, and the one left, are all there are", () => {
  fc.assert(
    fc.property(anyOrder, (given) => {
      for (const entry of rankOnce(given).ranked.slice(0, -1)) {
        const out = entry.steps.reduce((sum, step) => sum + step.out, 0);
        assert.equal(out + 1, given.appliances.length, JSON.stringify(entry));
      }
    }),
    { seed: 23, numRuns: 300 },
  );
});

test("[ST24] the list does not depend on who is named", () => {
  fc.assert(
    fc.property(anyOrder, (given) => {
      const all = rankOnce(given);
      const nows = new Map(given.appliances.map((now) => [`${now.appliance.id}`, now]));
      const met = rank({
        ...given,
        ground: groundOf(
          given.sites,
          given.appliances.map(({ appliance }) => appliance),
        ),
        now: ({ id }) => nows.get(id) ?? assert.fail(id),
        holds: ({ id }) => given.holders.has(id),
        name: "met",
      });
      assert.deepEqual(met.ranked, all.ranked);
      assert.ok(met.eliminated.length <= all.eliminated.length);
    }),
    { seed: 24, numRuns: 300 },
  );
});
