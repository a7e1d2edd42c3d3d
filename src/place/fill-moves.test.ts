import assert from "node:assert/strict";
import { test } from "node:test";
import type { FillBox } from "./fill-facts.ts";
import { keptBy } from "./fill-keep.ts";
import { fillOf } from "./fill-plan.ts";
import { box, file, fill, hourMs, itemIds, published, settings, settled, worldOf } from "./fill-sample.ts";
import type { PlaceSettings } from "./settings.ts";

test("[PL118] what moves is kept until its new place has it for good, and by one box alone", () => {
  const moving = file("f", { serverIds: ["b2"] });
  const kept = (second: FillBox, third = box("b3", []), more: Partial<PlaceSettings> = {}): string[] =>
    itemIds(fill(worldOf([moving], [box("b1", ["f"]), second, third]), settled(["f"]), more));
  assert.deepEqual(kept(box("b2", [])), ["f"]);
  assert.deepEqual(kept(box("b2", ["f"], { secures: () => false })), ["f"], "verified is not yet for good");
  assert.deepEqual(kept(box("b2", ["f"], { isHealthy: false })), ["f"]);
  assert.deepEqual(kept(box("b2", ["f"])), []);
  const keepers = ["b1", "b3"].filter((id) => {
    const me = { ...box("b1", ["f"]), id };
    const other = { ...box("b3", ["f"]), id: id === "b1" ? "b3" : "b1" };
    const world = worldOf([moving], [me, other, box("b2", [])]);
    const order = { world, me, memory: settled(["f"]), role: "storage", zone: undefined } as const;
    const wayFrom = () => ({ asPathLength: undefined, kind: "embedded", km: undefined }) as const;
    return fillOf({ ...order, wayFrom, nowMs: published, settings }).items.length > 0;
  });
  assert.equal(keepers.length, 1);
  const two = worldOf(
    [file("f", { serverIds: ["b2", "b3"] })],
    [box("b1", ["f"]), box("b2", ["f"]), box("b3", [])],
  );
  assert.deepEqual(itemIds(fill(two, settled(["f"]), { fillKeepCopies: 2 })), ["f"]);
  assert.deepEqual(itemIds(fill(two, settled(["f"]))), []);
  assert.deepEqual(
    itemIds(fill(worldOf([file("f", { serverIds: [] })], [box("b1", ["f"])]), settled(["f"]))),
    [],
  );
});

test("[PL118] what moves inside a cluster is kept there for its new place, and by no more boxes than lack it", () => {
  const moving = file("f", { serverIds: ["a2", "b2"] });
  const holders = ["a1", "a3", "b1", "c1"];
  const keepers = (held: readonly string[], more: Partial<FillBox> = {}): string[] => {
    const of = (id: string, has: readonly string[]): FillBox => box(id, has, { clusterId: id.slice(0, 1) });
    const boxes = [...held.map((id) => of(id, ["f"])), of("a2", []), { ...of("b2", []), ...more }];
    const world = worldOf([moving], boxes);
    return holders.filter((id) => {
      const me = world.boxes.get(id);
      return me !== undefined && keptBy(me, ["f"], world, 1).length > 0;
    });
  };
  const kept = keepers(holders);
  assert.deepEqual(
    [kept.length, kept.filter((id) => id.startsWith("a")).length, kept.includes("b1")],
    [2, 1, true],
  );
  assert.deepEqual(keepers(["b1", "c1"]), ["b1"]);
  assert.deepEqual(keepers(["c1"]), ["c1"], "where no place has one beside it, the only one is kept");
  const second = { holds: () => true, secures: () => true };
  assert.deepEqual(keepers(["a1", "b1", "c1"], second), ["a1"], "b's place has it, a's comes from inside");
  assert.deepEqual(keepers(["b1", "c1"], second), [], "a has nobody to come from inside");
  assert.deepEqual(
    keepers(["b1", "c1"], { isHealthy: false }).length,
    1,
    "a place that is away is not waited for twice",
  );
});

test("[PL128] in a window a master that is well has most of the night, but for what is urgent", () => {
  const moving = [file("f", { serverIds: ["b1", "b2"] })];
  const originWait = (zone: string | undefined, nowMs: number, isWell = true): number => {
    const boxes = ["b1", "b2"].map((id) =>
      box(id, [], { clusterId: "a", isHealthy: id === "b1" || isWell, leads: () => id === "b2" }),
    );
    const world = worldOf(moving, boxes);
    const me = world.boxes.get("b1");
    assert.ok(me !== undefined);
    const wayFrom = () => ({ asPathLength: undefined, kind: "embedded", km: undefined }) as const;
    const order = { world, me, memory: settled(), role: "storage", zone, wayFrom, nowMs, settings } as const;
    return fillOf(order).items[0]?.sources.find(({ kind }) => kind === "origin")?.afterMs ?? -1;
  };
  const later = published + 1000 * hourMs;
  assert.equal(originWait(undefined, later), settings.fillOriginWaitMs);
  assert.equal(originWait("Europe/Oslo", later), 9 * hourMs);
  assert.equal(originWait("Europe/Oslo", published), settings.fillOriginWaitMs, "a premiere");
  assert.equal(originWait("Europe/Oslo", later, false), 0, "the master is away");
});
