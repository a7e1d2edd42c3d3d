import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { defaultsOf } from "#config/setting.ts";
import type { GeoPoint, RouteMatch, Site } from "#model/network.ts";
import type { Ranking } from "#model/steering.ts";
import { applianceId, siteId } from "#units/id.ts";
import { bitsPerSecond, bytes } from "#units/quantity.ts";
import { distance } from "./distance.ts";
import type { Health } from "./health.ts";
import { type ApplianceNow, rankOnce as rank } from "./rank.ts";
import { steerSettings } from "./settings.ts";

const bern = { latitude: 46.95, longitude: 7.45 };
const zurich = { latitude: 47.38, longitude: 8.54 };
const hamburg = { latitude: 53.55, longitude: 9.99 };

function site(id: string, kind: Site["kind"], location?: GeoPoint): Site {
  return { id: siteId(id), name: id.toUpperCase(), kind, location };
}

function box(
  id: string,
  at: string,
  given: { health?: Health; load?: number; most?: number } = {},
): ApplianceNow {
  const { health = "healthy", load = 0, most = 100 } = given;
  return {
    appliance: {
      id: applianceId(id),
      siteId: siteId(at),
      role: "flash",
      storage: bytes(1),
      throughput: bitsPerSecond(most * 1e6),
    },
    health,
    because: `${id} is ${health}`,
    load: bitsPerSecond(load * 1e6),
  };
}

function match(at: string, prefixLength: number, asPathLength: number, med = 0): RouteMatch {
  return { siteId: siteId(at), prefix: `203.0.113.0/${prefixLength}`, prefixLength, asPathLength, med };
}

type RankOrder = Parameters<typeof rank>[0];

function order(given: Partial<RankOrder>): RankOrder {
  const appliances = given.appliances ?? [];
  return {
    matches: [],
    sites: [site("a", "embedded", bern), site("b", "embedded", hamburg), site("x", "exchange", zurich)],
    appliances,
    holders: new Set(appliances.map((now) => now.appliance.id)),
    viewer: undefined,
    sessionKey: "session",
    settings: defaultsOf(steerSettings),
    ...given,
  };
}

function ids(ranking: Ranking): string[] {
  return ranking.ranked.map((entry) => entry.id);
}

const two = [box("one", "a"), box("two", "b")];

test("[ST5] the best tier is told with all of its appliances, in the running or not, and nobody of another", () => {
  const at = (id: string, given = {}) => box(id, "a", given);
  const appliances = [
    ...[at("well"), at("full", { load: 100 }), at("silent", { health: "silent" }), at("empty")],
    box("elsewhere", "b"),
  ];
  const holders = new Set(["well", "full", "silent", "elsewhere"]);
  const matches = [match("a", 24, 1), match("b", 22, 1)];
  const { best } = rank(order({ matches, appliances, holders }));
  assert.deepEqual(Object.fromEntries(best.map(({ id, out }) => [id, out])), {
    ...{ well: undefined, full: "full", silent: "silent", empty: "not-held" },
  });
  assert.deepEqual(rank(order({})).best, []);
});

test("[ST1] prefix, then path, then MED, then distance", () => {
  const cases: [RouteMatch[], string, string][] = [
    [[match("a", 22, 1, 0), match("b", 24, 9, 9)], "two", "longest-prefix"],
    [[match("a", 24, 2, 0), match("b", 24, 1, 9)], "two", "as-path"],
    [[match("a", 24, 1, 5), match("b", 24, 1, 0)], "two", "med"],
    [[match("a", 24, 1, 0), match("b", 24, 1, 0)], "one", "distance"],
  ];
  for (const [matches, first, rule] of cases) {
    const [top] = rank(order({ matches, appliances: two, viewer: bern })).ranked;
    assert.deepEqual([top?.id, top?.rule], [first, rule]);
  }
});

test("[ST2] an unknown distance sorts after a known one", () => {
  const sites = [site("a", "exchange"), site("b", "exchange", hamburg)];
  const ranking = rank(order({ sites, appliances: two, viewer: bern }));
  assert.deepEqual(ids(ranking), ["two", "one", "origin"]);
  assert.equal(ranking.ranked[1]?.distanceKm, undefined);
  assert.equal(distance(bern, undefined), undefined);
  assert.ok(Math.abs((distance(bern, zurich) ?? 0) - 95.4) < 1);
});

test("[ST3] sessions divide by free throughput, and a full appliance comes last", () => {
  const appliances = [box("busy", "x", { load: 40 }), box("idle", "x"), box("full", "x", { load: 120 })];
  const first = new Map<string, number>();
  for (let i = 0; i < 4000; i++) {
    const list = ids(rank(order({ matches: [match("x", 24, 1)], appliances, sessionKey: `s${i}` })));
    assert.equal(list[2], "full");
    first.set(list[0] ?? "", (first.get(list[0] ?? "") ?? 0) + 1);
  }
  const share = (first.get("idle") ?? 0) / 4000;
  assert.ok(Math.abs(share - 0.625) < 0.03, `${share}`);
});

const anyOrder = fc
  .record({
    boxes: fc.uniqueArray(
      fc.record({
        id: fc.constantFrom("p", "q", "r", "s", "t", "u"),
        at: fc.constantFrom("a", "b", "x", "y", "nowhere"),
        health: fc.constantFrom<Health>("healthy", "healthy", "healthy", "unhealthy", "draining", "silent"),
        load: fc.nat(150),
        held: fc.boolean(),
      }),
      { selector: (one) => one.id },
    ),
    routes: fc.uniqueArray(
      fc.tuple(fc.constantFrom("a", "b", "x", "y"), fc.constantFrom(0, 16, 24), fc.nat(2), fc.nat(2)),
      { selector: ([at]) => at },
    ),
    located: fc.boolean(),
    sessionKey: fc.string(),
  })
  .map(({ boxes, routes, located, sessionKey }) =>
    order({
      matches: routes.map((given) => match(...given)),
      sites: [
        site("a", "embedded", bern),
        site("b", "embedded"),
        site("x", "exchange", zurich),
        site("y", "exchange"),
      ],
      appliances: boxes.map(({ id, at, health, load }) => box(id, at, { health, load })),
      holders: new Set(boxes.flatMap((one) => (one.held ? [one.id] : []))),
      viewer: located ? hamburg : undefined,
      sessionKey,
    }),
  );

test("[ST4] the origin is in every list, once and last", () => {
  fc.assert(
    fc.property(anyOrder, (given) => {
      const list = ids(rank(given));
      assert.equal(list.indexOf("origin"), list.length - 1);
    }),
    { seed: 21 },
  );
});

test("[ST5] only healthy holders are ranked, and every appliance is named once", () => {
  fc.assert(
    fc.property(anyOrder, (given) => {
      const { ranked, eliminated } = rank(given);
      const healthy = new Set(
        given.appliances.flatMap((now) => (now.health === "healthy" ? [`${now.appliance.id}`] : [])),
      );
      for (const entry of ranked.slice(0, -1)) {
        assert.ok(given.holders.has(entry.id) && healthy.has(entry.id), entry.id);
      }
      const named = [...ranked.slice(0, -1), ...eliminated].map((entry) => entry.id);
      assert.deepEqual(named.sort(), given.appliances.map((now) => `${now.appliance.id}`).sort());
    }),
    { seed: 22 },
  );
});

test("[ST5] the reason is the first that holds: no route, then not held, then health", () => {
  const appliances = [
    box("bare", "a", { health: "silent" }),
    box("sick", "a", { health: "unhealthy" }),
    box("leaving", "a", { health: "draining" }),
    box("mute", "a", { health: "silent" }),
    box("foreign", "b"),
    box("good", "a"),
  ];
  const holders = new Set(["sick", "leaving", "mute", "foreign", "good"]);
  const ranking = rank(order({ matches: [match("a", 24, 1)], appliances, holders }));
  assert.deepEqual(ids(ranking), ["good", "origin"]);
  assert.deepEqual(Object.fromEntries(ranking.eliminated.map((one) => [one.id, one.by])), {
    bare: "not-held",
    sick: "unhealthy",
    leaving: "draining",
    mute: "silent",
    foreign: "no-route",
  });
});

test("[ST6] an embedded site never serves strangers, an exchange helps out", () => {
  const appliances = [box("own", "a"), box("foreign", "b"), box("ix1", "x"), box("ix2", "x")];
  const nobody = rank(order({ appliances, viewer: bern }));
  assert.deepEqual(ids(nobody).slice(0, 2).sort(), ["ix1", "ix2"]);
  assert.deepEqual(nobody.eliminated.map((one) => one.id).sort(), ["foreign", "own"]);

  const alone = ids(rank(order({ appliances, matches: [match("a", 24, 1)] })));
  assert.deepEqual([alone[0], ...alone.slice(1, 3).sort(), alone[3]], ["own", "ix1", "ix2", "origin"]);

  const enough = rank(order({ appliances, matches: [match("a", 24, 1), match("b", 24, 2)] }));
  assert.deepEqual(ids(enough), ["own", "foreign", "origin"]);
});

test("[ST7] two healthy holders that may serve are two appliances in the list", () => {
  fc.assert(
    fc.property(anyOrder, (given) => {
      const routed = new Set(given.matches.map((one) => one.siteId));
      const able = given.appliances.filter(
        ({ appliance, health }) =>
          health === "healthy" &&
          given.holders.has(appliance.id) &&
          given.sites.some(
            (one) => one.id === appliance.siteId && (one.kind === "exchange" || routed.has(one.id)),
          ),
      );
      assert.ok(rank(given).ranked.length >= Math.min(2, able.length) + 1);
    }),
    { seed: 23 },
  );
});

test("[ST8] the order of appliances does not matter, and losing one moves nothing else", () => {
  fc.assert(
    fc.property(anyOrder, (given) => {
      const turned = rank({ ...given, appliances: given.appliances.toReversed() });
      assert.deepEqual(turned, rank(given));
    }),
    { seed: 24 },
  );
  const appliances = [box("p", "x"), box("q", "x", { load: 40 }), box("r", "x", { load: 20 })];
  for (let i = 0; i < 200; i++) {
    const given = order({ matches: [match("x", 24, 1)], appliances, sessionKey: `s${i}` });
    const without = { ...given, holders: new Set(["p", "q"]) };
    assert.deepEqual(
      ids(rank(without)),
      ids(rank(given)).filter((id) => id !== "r"),
    );
  }
});

test("[ST9] each entry says which rule and which numbers placed it", () => {
  const appliances = [box("own", "a"), box("ix1", "x", { load: 40 }), box("ix2", "x")];
  const matches = [match("a", 24, 1), match("x", 24, 2)];
  const ranking = rank(order({ appliances, matches, sessionKey: "viewer-1" }));
  assert.deepEqual(
    ranking.ranked.map((entry) => [entry.id, entry.rule, entry.because]),
    [
      ["own", "as-path", "AS path 1 hop; the next, ix2, needs 2."],
      ["ix2", "load", "100.0 Mbit/s free, and this session drew it; the next, ix1, has 60.0 Mbit/s free."],
      [
        "ix1",
        "load",
        "It has 60.0 Mbit/s free; ix2 above it: 100.0 Mbit/s free, and this session drew it. Below is only the origin.",
      ],
      ["origin", "origin-last", "The origin holds every file and is asked last, so that it is spared."],
    ],
  );
  const [only] = rank(order({ appliances: [box("own", "a")], matches })).ranked;
  assert.equal(only?.because, "The only appliance left: A heard 203.0.113.0/24, AS path 1 hop, MED 0.");
});
