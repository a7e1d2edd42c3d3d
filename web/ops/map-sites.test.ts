import assert from "node:assert/strict";
import { test } from "node:test";
import { frameOf, loadClass, nextOf, sitesOf } from "./map-sites.ts";

const whole = { x: 0, y: 0, width: 960 };

test("[WE107] a site is what its appliances are together, and those that can send the most stand first", () => {
  const box = (id: string, siteId: string, throughputBps: number) => {
    return { id, siteId, health: "healthy" as const, throughputBps, bitsPerSecond: throughputBps / 4 };
  };
  const sites = sitesOf({
    sites: ["a", "b", "empty"].map((id) => ({ id, name: id, kind: "embedded" as const, location: null })),
    appliances: [box("1", "a", 10), box("2", "b", 30), box("3", "b", 10)],
    viewpoints: [],
    flows: [
      { viewpointId: "x", applianceId: "2", sessions: 5 },
      { viewpointId: "", applianceId: "3", sessions: 2 },
    ],
    ...{ sessionsSinceMs: null, viewpointsLeftOut: 0 },
  });
  assert.deepEqual(
    sites.map(({ id, throughputBps, bitsPerSecond, sessions }) => [
      id,
      throughputBps,
      bitsPerSecond,
      sessions,
    ]),
    [
      ["b", 40, 10, 7],
      ["a", 10, 2.5, 0],
      ["empty", 0, 0, 0],
    ],
  );
});

test("[WE107] load has five colours, of which a full site has the last and an empty one the first", () => {
  const of = (bitsPerSecond: number, throughputBps = 100) => loadClass({ bitsPerSecond, throughputBps });
  assert.deepEqual(
    [of(0), of(19.9), of(20), of(79), of(80), of(100), of(130), of(0, 0)],
    [0, 0, 1, 3, 4, 4, 4, 0],
  );
});

test("[WE107] the map shows all that has a place, no closer than a tenth of the world, or the whole world", () => {
  assert.deepEqual(frameOf([], whole), whole);
  const one = frameOf([[500, 100]], whole);
  assert.deepEqual([one.width, one.x + one.width / 2, one.y + one.width / 4], [96, 500, 100]);
  const far = frameOf(
    [
      [10, 20],
      [900, 400],
    ],
    whole,
  );
  assert.equal(far.width, 960);
  for (const [x, y] of [
    [10, 20],
    [900, 400],
  ] as const)
    assert.ok(x >= far.x && x <= far.x + far.width && y >= far.y && y <= far.y + far.width / 2);
});

test("[WE107] pressing a site again and again picks each of its appliances in turn", () => {
  const box = (id: string) => {
    return { id, siteId: "a", health: "healthy" as const, throughputBps: 1, bitsPerSecond: 0 };
  };
  const site = { appliances: ["1", "2"].map(box) };
  assert.deepEqual(
    ["", "1", "2", "of another site"].map((picked) => nextOf(site, picked)),
    ["1", "2", "1", "1"],
  );
  assert.equal(nextOf({ appliances: [] }, ""), undefined);
});
