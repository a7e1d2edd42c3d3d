import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { defaultsOf } from "#config/setting.ts";
import type { Ranking } from "#model/steering.ts";
import { orderPathways, type SteeringState, timeToLive } from "./pathway-order.ts";
import { steerSettings } from "./settings.ts";

const seed = 61;
const settings = defaultsOf(steerSettings);

function ranking(...ids: readonly string[]): Ranking {
  const ranked = [...ids, "origin"].map((id) => ({
    ...{ id, siteId: "s", siteName: "S", rule: "distance" as const, because: "", prefix: undefined },
    ...{ asPathLength: undefined, med: undefined, distanceKm: undefined, steps: [] },
  }));
  return { ranked, eliminated: [], best: [], appliances: ids.length };
}

interface Case {
  readonly now: readonly string[];
  readonly ideal?: readonly string[];
  readonly overloaded?: readonly string[];
  readonly used?: readonly string[];
  readonly listed?: readonly string[];
  /** As well as the others, but below the end of the list. */
  readonly below?: readonly string[];
  readonly most?: number;
}

function ordered(one: Case): ReturnType<typeof orderPathways> {
  const {
    now,
    ideal = ["a1", "b1", "x1"],
    overloaded = [],
    used = [],
    listed = [],
    below = [],
    most = 3,
  } = one;
  const eliminated = below.map((id) => ({ id, by: "list-full" as const, because: "" }));
  const facts = { ideal: ranking(...ideal), overloaded: new Set(overloaded), used, listed, most };
  return orderPathways({ ...facts, now: { ...ranking(...now), eliminated } });
}

test("[ST61] the ranking's order is kept, whoever is not well is gone, the overloaded stand behind the origin", () => {
  assert.deepEqual(ordered({ now: ["a1", "b1", "x1"] }).ids, ["a1", "b1", "x1", "origin"]);
  assert.deepEqual(ordered({ now: ["b1", "x1"] }).ids, ["b1", "x1", "origin"]);
  assert.deepEqual(ordered({ now: ["b1"], overloaded: ["x1", "a1"] }).ids, ["b1", "origin", "a1", "x1"]);
  assert.deepEqual(ordered({ now: [] }).ids, ["origin"]);
});

test("[ST90] what the player's manifest names and the list has no room for stands before the origin", () => {
  const below = ["c1", "d1", "a1"];
  const one = { now: ["x1"], ideal: ["x1"], below };
  assert.deepEqual(ordered({ ...one, listed: ["a1", "b1", "c1", "origin"] }).ids, [
    "x1",
    "a1",
    "c1",
    "origin",
  ]);
  assert.deepEqual(ordered({ ...one, listed: ["b1", "origin"] }).ids, ["x1", "origin"]);
  const used = ordered({ now: ["x1"], below, listed: ["a1", "origin"], used: ["a1"] });
  assert.equal(used.state, "degraded", "the one it uses is well");
});

test("[ST61] an appliance that may not serve this viewer even when well is not named for being overloaded", () => {
  assert.deepEqual(ordered({ now: ["a1"], overloaded: ["far"] }).ids, ["a1", "origin"]);
});

test("[ST65] healthy, degraded and incident are told apart, with the reason", () => {
  const cases: readonly (readonly [Case, SteeringState, RegExp])[] = [
    [{ now: ["a1", "b1", "x1"] }, "healthy", /is well/],
    [{ now: ["a1", "b1", "x1"], used: ["x1", "who"] }, "healthy", /is well/],
    [{ now: ["a1", "b1"] }, "degraded", /^x1 is not well/],
    [{ now: ["a1", "b1"], most: 2 }, "healthy", /is well/],
    [{ now: ["b1", "x1"], used: ["b1"] }, "degraded", /^a1/],
    [{ now: ["b1", "x1"], used: ["b1", "a1"] }, "incident", /uses a1/],
    [{ now: [], used: [] }, "incident", /None of 3/],
    [{ now: [], ideal: [] }, "healthy", /is well/],
  ];
  for (const [one, state, because] of cases) {
    const found = ordered(one);
    assert.equal(found.state, state, JSON.stringify(one));
    assert.match(found.because, because);
  }
});

test("[ST64] the time to live is the setting's within 10 %, whole, at least 1, and the same for the same session and epoch", () => {
  const states = { healthy: 300, degraded: 60, incident: 20 } as const;
  for (const [name, base] of Object.entries(states)) {
    const state = name === "healthy" || name === "degraded" ? name : "incident";
    fc.assert(
      fc.property(fc.string(), fc.nat(), (sessionKey, epoch) => {
        const ttl = timeToLive(state, { sessionKey, epoch }, settings);
        assert.ok(ttl >= 0.9 * base && ttl <= 1.1 * base && Number.isInteger(ttl), `${ttl}`);
        assert.equal(timeToLive(state, { sessionKey, epoch }, settings), ttl);
      }),
      { seed },
    );
  }
  const short = { ...settings, incidentTtlSeconds: 1 };
  assert.equal(timeToLive("incident", { sessionKey: "s", epoch: 1 }, short), 1);
});

test("[ST64] sessions are spread evenly over the 20 %, and drawn anew with each epoch", () => {
  const ttls = Array.from({ length: 6000 }, (_, n) =>
    timeToLive("healthy", { sessionKey: `s${n}`, epoch: 4 }, settings),
  );
  const early = ttls.filter((ttl) => ttl < 290).length;
  const late = ttls.filter((ttl) => ttl > 310).length;
  assert.ok(Math.abs(early - 2000) < 150 && Math.abs(late - 2000) < 150, `${early} early, ${late} late`);
  const moved = ttls.filter((ttl, n) => {
    return ttl !== timeToLive("healthy", { sessionKey: `s${n}`, epoch: 5 }, settings);
  });
  assert.ok(moved.length > 5700);
});
