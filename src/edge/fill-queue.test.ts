import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { bundle, FillWorld, type Habit, hashOf } from "./fill-world.ts";

function begun(budget: number, ...bundles: Parameters<typeof bundle>[]): FillWorld {
  const world = new FillWorld(budget);
  world.tell({ kind: "desired", bundles: bundles.map((one) => bundle(...one)) });
  world.begin();
  return world;
}

test("[ED20] a disk filled from an honest peer is advertised, and says where the bytes came from", () => {
  const world = new FillWorld(1000);
  world.tell({ kind: "desired", bundles: [bundle("t1", "v", 3, 100)] });
  world.begin();
  assert.deepEqual(world.advertised(), []);
  world.settle();
  assert.deepEqual(world.advertised(), ["t1/v"]);
  assert.deepEqual(world.state.counts, {
    filesVerified: 3,
    bytesFromPeers: 300,
    bytesFromTier: 0,
    bytesFromOrigin: 0,
    rejected: 0,
  });
  assert.equal(world.usedBytes(), 300);
});

test("[ED21] a peer that lies is rejected and counted, and the origin is asked", () => {
  const world = begun(1000, ["t1", "v", 2, 100]);
  world.habits.set("peer-1", "lies");
  world.settle();
  assert.deepEqual(world.advertised(), ["t1/v"]);
  assert.equal(world.state.counts.rejected, 2);
  assert.deepEqual(world.fetchedFrom.slice(0, 2), ["t1/v/0.m4s peer-1", "t1/v/1.m4s peer-1"]);
  assert.deepEqual(world.fetchedFrom.slice(2).sort(), ["t1/v/0.m4s origin", "t1/v/1.m4s origin"]);
  assert.equal(world.partials.size, 0);
});

test("[ED21] a source that is down rests, for longer each time, and is asked for no other file meanwhile", () => {
  const world = begun(10_000, ["t1", "v", 20, 100]);
  world.habits.set("peer-1", "is-down");
  world.habits.set("origin", "is-down");
  const asked = (): number => world.fetchedFrom.length;
  while (world.open.length > 0) world.carryOut(0);
  const first = asked();
  assert.ok(first <= 6, `${first} requests to two dead sources`);
  world.now = 50;
  world.tell({ kind: "tick" });
  assert.equal(asked(), first, "nobody is asked during the first pause");
  world.habits.clear();
  world.settle();
  assert.deepEqual(world.advertised(), ["t1/v"]);
});

test("[ED22] a half-fetched file goes on where it ended, also after a restart", () => {
  const world = begun(1000, ["t1", "v", 1, 100]);
  world.habits.set("peer-1", "breaks-off");
  world.carryOut(0);
  assert.equal([...world.partials.values()][0]?.bytes, 50);
  const again = new FillWorld(1000);
  for (const [name, file] of world.partials) again.partials.set(name, file);
  again.tell({ kind: "desired", bundles: [bundle("t1", "v", 1, 100)] });
  again.begin();
  again.settle();
  assert.deepEqual(again.advertised(), ["t1/v"]);
  assert.equal(again.state.counts.bytesFromPeers, 50);
});

test("[ED22] a beginning that was a lie costs one rejection, then the whole is asked of the same source", () => {
  const world = begun(1000, ["t1", "v", 1, 100]);
  const [command] = world.open;
  assert.ok(command?.kind === "fetch");
  world.partials.set(command.name, { bytes: 50, sha256: "a lie" });
  world.settle();
  assert.deepEqual(world.advertised(), ["t1/v"]);
  assert.equal(world.state.counts.rejected, 1);
  assert.deepEqual(world.fetchedFrom, ["t1/v/0.m4s peer-1", "t1/v/0.m4s peer-1"]);
});

test("[ED23] what lies on the disk at the start is hashed before it is advertised", () => {
  const world = new FillWorld(1000);
  for (const i of [0, 1]) world.disk.set(`t1/v/${i}.m4s`, { bytes: 100, sha256: hashOf(`t1/v/${i}.m4s`) });
  world.tell({ kind: "desired", bundles: [bundle("t1", "v", 2, 100)] });
  world.begin();
  assert.deepEqual(world.advertised(), []);
  assert.deepEqual(world.log, ["inspect t1/v/0.m4s", "inspect t1/v/1.m4s"]);
  world.settle();
  assert.deepEqual(world.advertised(), ["t1/v"]);
  assert.equal(world.fetchedFrom.length, 0);
});

test("[ED24] a corrupt file is set aside and fetched again; until then its bundle is not advertised", () => {
  const world = new FillWorld(1000);
  world.disk.set("t1/v/0.m4s", { bytes: 100, sha256: hashOf("t1/v/0.m4s") });
  world.disk.set("t1/v/1.m4s", { bytes: 100, sha256: "rotten" });
  world.disk.set("t1/a/0.m4s", { bytes: 99, sha256: "cut off" });
  world.tell({ kind: "desired", bundles: [bundle("t1", "v", 2, 100), bundle("t1", "a", 1, 100)] });
  world.begin();
  while (!world.log.includes("quarantine t1/v/1.m4s")) world.carryOut(0);
  assert.deepEqual(world.advertised(), []);
  assert.ok(!world.log.includes("inspect t1/a/0.m4s"), "a file of the wrong size needs no hash");
  world.settle();
  assert.deepEqual(world.advertised(), ["t1/a", "t1/v"]);
  assert.deepEqual(world.fetchedFrom.sort(), ["t1/a/0.m4s peer-1", "t1/v/1.m4s peer-1"]);
});

test("[ED25] a plan beyond the budget is filled as far as it fits, and told", () => {
  const world = begun(250, ["t1", "v", 2, 100], ["t2", "v", 2, 100]);
  world.settle();
  assert.deepEqual(world.advertised(), ["t1/v"]);
  assert.equal(world.realBytes(), 200);
  assert.match(world.state.problem, /the plan asks for 400 bytes, the budget is 250/);
});

test("[ED26] with room for both, the old set goes only after the whole new set is verified and told", () => {
  const world = begun(1000, ["t1", "v", 2, 100]);
  world.settle();
  world.tell({ kind: "desired", bundles: [bundle("t2", "v", 2, 100)] });
  assert.deepEqual(world.advertised(), ["t1/v"], "whole, and of use to viewers and peers until it goes");
  while (world.open.length > 0) world.carryOut(0);
  assert.deepEqual(world.advertised(), ["t2/v"], "withdrawn");
  assert.equal(world.disk.size, 4, "but still there, because the control plane does not know yet");
  world.tell({ kind: "reported", version: world.state.version - 1 });
  assert.equal(world.open.length, 0);
  world.settle();
  assert.deepEqual([...world.disk.keys()].sort(), ["t2/v/0.m4s", "t2/v/1.m4s"]);
});

test("[ED27] without room, what is no longer wanted gives way piece by piece", () => {
  const world = begun(300, ["t1", "v", 1, 100], ["t2", "v", 1, 100], ["t3", "v", 1, 100]);
  world.settle();
  const next = [bundle("t1", "v", 1, 100), bundle("t4", "v", 1, 100)];
  world.tell({ kind: "desired", bundles: next });
  assert.deepEqual(
    world.advertised(),
    ["t1/v", "t3/v"],
    "one bundle was withdrawn, the other can stay for now",
  );
  world.settle();
  assert.deepEqual(world.advertised(), ["t1/v", "t4/v"]);
});

test("[ED28] an empty plan deletes nothing", () => {
  const world = begun(300, ["t1", "v", 1, 100]);
  world.settle();
  world.tell({ kind: "desired", bundles: [] });
  world.settle();
  assert.equal(world.disk.size, 1);
});

test("[ED27] a file that is wanted again while it is being removed is fetched again", () => {
  const world = begun(1000, ["t1", "v", 1, 100]);
  world.settle();
  world.tell({ kind: "desired", bundles: [bundle("t2", "v", 1, 100)] });
  while (world.open.length > 0) world.carryOut(0);
  world.tell({ kind: "reported", version: world.state.version });
  assert.deepEqual(
    world.open.map((command) => command.kind),
    ["remove"],
  );
  world.tell({ kind: "desired", bundles: [bundle("t1", "v", 1, 100), bundle("t2", "v", 1, 100)] });
  assert.deepEqual(world.advertised(), ["t2/v"]);
  world.settle();
  assert.deepEqual(world.advertised(), ["t1/v", "t2/v"]);
  assert.equal(world.disk.size, 2);
});

const habits: readonly Habit[] = ["honest", "lies", "sends-too-much", "breaks-off", "refuses", "is-down"];
const move = fc.oneof(
  { weight: 12, arbitrary: fc.record({ kind: fc.constant("carry" as const), index: fc.nat(20) }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("habit" as const), peer: fc.nat(5), origin: fc.nat(5) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("time" as const), ms: fc.nat(1500) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("report" as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("break" as const), index: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("full" as const), index: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("rot" as const), index: fc.nat(20) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("plan" as const),
      titles: fc.uniqueArray(fc.nat(7), { maxLength: 6 }),
    }),
  },
);

type Move = typeof move extends fc.Arbitrary<infer T> ? T : never;

function planOf(titles: readonly number[]): ReturnType<typeof bundle>[] {
  return titles.map((n) => bundle(`t${n}`, "v", 1 + (n % 3), 40 + 30 * n));
}

function make(world: FillWorld, one: Move): void {
  switch (one.kind) {
    case "carry":
      world.carryOut(one.index);
      return;
    case "habit":
      world.habits.set("peer-1", habits[one.peer] ?? "honest");
      world.habits.set("origin", habits[one.origin] ?? "honest");
      return;
    case "time":
      world.now += one.ms;
      world.tell({ kind: "tick" });
      return;
    case "report":
      world.tell({ kind: "reported", version: world.state.version });
      return;
    case "break": {
      const at = world.open.findIndex((command) => command.kind === "inspect" || command.kind === "remove");
      const [command] = at < 0 ? [] : world.open.splice(at, 1);
      if (command !== undefined && "key" in command)
        world.tell({ kind: "broke", key: command.key, detail: "disk" });
      return;
    }
    case "full":
      world.findNoRoom();
      return;
    case "rot":
      world.rot([...world.disk.keys()][one.index] ?? "");
      return;
    case "plan":
      world.tell({ kind: "desired", bundles: planOf(one.titles) });
      return;
  }
}

/** What must hold after every single event. */
function holdTheLaws(world: FillWorld, budget: number): void {
  assert.ok(world.usedBytes() <= budget, `the queue counts ${world.usedBytes()} of ${budget}`);
  assert.ok(world.realBytes() <= world.usedBytes(), "and the disk holds no more than the queue counts");
  const ids = new Set(world.advertised());
  for (const [key] of world.state.planned) {
    const bundleId = key.slice(0, key.lastIndexOf("/"));
    if (ids.has(bundleId)) assert.equal(world.disk.get(key)?.sha256, hashOf(key), `${key} is advertised`);
  }
  for (const command of world.open) {
    if (command.kind !== "remove") continue;
    const file = world.state.planned.get(command.key);
    const advertisedStill = ids.has(command.key.slice(0, command.key.lastIndexOf("/")));
    assert.ok(file !== undefined || !advertisedStill, `${command.key} is removed while it is advertised`);
  }
}

test("[ED20] [ED25] [ED26] [ED72] [ED78] laws of the fill hold for any order of events, and it always comes to its end", () => {
  const budget = 900;
  const start = fc.array(fc.record({ title: fc.nat(7), right: fc.boolean() }), {
    maxLength: 4,
  });
  fc.assert(
    fc.property(start, fc.array(move, { maxLength: 120 }), (found, moves) => {
      const world = new FillWorld(budget);
      for (const { title, right } of found) {
        const [file] = planOf([title])[0]?.files ?? [];
        if (file === undefined) continue;
        if (world.realBytes() + file.bytes > budget) continue;
        const key = `t${title}/${file.path}`;
        world.disk.set(key, { bytes: file.bytes, sha256: right ? file.sha256 : "rotten" });
      }
      world.begin();
      for (const one of moves) {
        make(world, one);
        holdTheLaws(world, budget);
      }
      world.habits.clear();
      const last = planOf([1, 3, 5]);
      world.tell({ kind: "desired", bundles: last });
      world.settle();
      holdTheLaws(world, budget);
      assert.deepEqual(
        world.advertised(),
        last.map((one) => one.id),
      );
      assert.deepEqual(
        [...world.disk.keys()].sort(),
        [...world.state.planned.keys()].sort(),
        "exactly the plan is left on the disk",
      );
      assert.equal(world.partials.size, 0);
      assert.equal(world.usedBytes(), world.realBytes());
    }),
    { numRuns: 300, seed: 20_260_101 },
  );
});
