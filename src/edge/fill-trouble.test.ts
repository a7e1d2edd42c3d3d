import assert from "node:assert/strict";
import { test } from "node:test";
import { unreadable } from "./fill-rot.ts";
import { bundle, FillWorld, hashOf } from "./fill-world.ts";

function filled(budget: number, ...bundles: Parameters<typeof bundle>[]): FillWorld {
  const world = new FillWorld(budget);
  world.tell({ kind: "desired", bundles: bundles.map((one) => bundle(...one)) });
  world.begin();
  world.settle();
  return world;
}

test("[ED72] a held file that rots is withdrawn at once, set aside, counted and fetched again", () => {
  const world = filled(1000, ["t1", "v", 2, 100], ["t1", "a", 1, 10]);
  const { version } = world.state;
  world.rot("t1/v/1.m4s");
  assert.deepEqual(world.advertised(), ["t1/a"]);
  assert.ok(world.state.version > version, "and that is news");
  assert.equal(world.log.at(-1), "quarantine t1/v/1.m4s");
  world.settle();
  assert.deepEqual(world.advertised(), ["t1/a", "t1/v"]);
  assert.equal(world.disk.get("t1/v/1.m4s")?.sha256, hashOf("t1/v/1.m4s"));
  assert.equal(world.state.rotten, 1);
});

test("[ED72] a file that is gone is withdrawn and fetched again; one of a former plan is only withdrawn", () => {
  const world = filled(1000, ["t1", "v", 1, 100]);
  world.disk.delete("t1/v/0.m4s");
  world.tell({ kind: "scrubbed", key: "t1/v/0.m4s", proof: hashOf("t1/v/0.m4s"), sha256: undefined });
  assert.deepEqual(world.advertised(), []);
  world.settle();
  assert.deepEqual(world.advertised(), ["t1/v"]);
  world.habits.set("peer-1", "is-down").set("origin", "is-down");
  world.tell({ kind: "desired", bundles: [bundle("t2", "v", 1, 100)] });
  assert.deepEqual(world.advertised(), ["t1/v"]);
  world.rot("t1/v/0.m4s");
  assert.deepEqual(world.advertised(), []);
});

test("[ED72] what was found about a file that was replaced since, or is on its way out, changes nothing", () => {
  const world = filled(1000, ["t1", "v", 1, 100]);
  world.tell({ kind: "scrubbed", key: "t1/v/0.m4s", proof: "another", sha256: "rotten" });
  world.tell({ kind: "scrubbed", key: "t1/v/9.m4s", proof: hashOf("t1/v/9.m4s"), sha256: "rotten" });
  assert.deepEqual([world.advertised(), world.state.rotten], [["t1/v"], 0]);
});

test("[ED72] a file that the disk does not give back at the start is rot of that file", () => {
  const world = new FillWorld(1000);
  world.disk.set("t1/v/0.m4s", { bytes: 100, sha256: unreadable });
  world.tell({ kind: "desired", bundles: [bundle("t1", "v", 1, 100)] });
  world.begin();
  world.settle();
  assert.deepEqual([world.advertised(), world.state.rotten], [["t1/v"], 1]);
});

test("[ED72] a download that the disk does not give back is fetched again after a pause, and no source is blamed", () => {
  const world = new FillWorld(1000);
  world.tell({ kind: "desired", bundles: [bundle("t1", "v", 1, 100)] });
  world.begin();
  world.carryOut(0);
  for (const [name, file] of world.partials) world.partials.set(name, { ...file, sha256: unreadable });
  world.settle();
  assert.deepEqual([world.advertised(), world.state.rotten, world.state.counts.rejected], [["t1/v"], 1, 0]);
  assert.deepEqual(world.fetchedFrom, ["t1/v/0.m4s peer-1", "t1/v/0.m4s peer-1"]);
});

test("[ED78] a full disk pauses all of the fill, says so, and the pause ends by itself", () => {
  const world = new FillWorld(10_000);
  world.tell({ kind: "desired", bundles: [bundle("t1", "v", 20, 100)] });
  world.begin();
  const begun = world.fetchedFrom.length;
  for (let i = 0; i < begun; i += 1) world.findNoRoom();
  assert.equal(world.fetchedFrom.length, begun, "nobody is asked for what has no room");
  assert.match(world.state.problem, /the disk is full \(ENOSPC\): the fill pauses/);
  world.now += 99;
  world.tell({ kind: "tick" });
  assert.equal(world.fetchedFrom.length, begun);
  world.now += 1;
  world.tell({ kind: "tick" });
  assert.ok(world.fetchedFrom.length > begun);
  world.settle();
  assert.deepEqual(world.advertised(), ["t1/v"]);
});

test("[ED78] what nobody wants any more makes room on a disk that is smaller than its budget", () => {
  const world = filled(10_000, ["t1", "v", 3, 100]);
  world.tell({ kind: "desired", bundles: [bundle("t2", "v", 1, 100)] });
  world.findNoRoom();
  assert.deepEqual([...world.state.leaving.keys()], ["t1/v/0.m4s"]);
  assert.deepEqual(world.advertised(), [], "withdrawn before it goes");
});

test("[ED87] what was handed over is advertised at once, and only what the plan wants otherwise is hashed or fetched", () => {
  const world = new FillWorld(1000);
  const plan = { kind: "desired", bundles: [bundle("t1", "v", 2, 100), bundle("t1", "a", 1, 100)] } as const;
  const lying = ["t1/v/0.m4s", "t1/v/1.m4s", "t1/a/0.m4s"];
  for (const key of lying) world.disk.set(key, { bytes: 100, sha256: hashOf(key) });
  const files = lying.map((key, i) => ({
    key,
    bytes: 100,
    proof: i === 2 ? "of another plan" : hashOf(key),
  }));
  world.tell(plan);
  world.tell({ kind: "inventory", files, partials: [], quarantineBytes: 0 });
  assert.deepEqual(world.advertised(), ["t1/v"]);
  assert.deepEqual(world.log, ["quarantine t1/a/0.m4s"]);
  const later = new FillWorld(1000);
  later.tell({ kind: "inventory", files, partials: [], quarantineBytes: 0 });
  later.tell(plan);
  assert.deepEqual(later.advertised(), ["t1/v"], "in the other order too");
});
