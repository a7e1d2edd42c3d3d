import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { FillBox, FillFile, FillWorld } from "./fill-facts.ts";
import { giveWay } from "./fill-keep.ts";
import { isLive, isUrgent } from "./fill-live.ts";
import { type BoxMemory, heardFrom, nothingKnown, ownBox, seenBox, toldTo } from "./fill-memory.ts";
import { ModelBox, ModelControl } from "./fill-model.ts";
import { admitTonight, fillRateOf, isZone, nightBudget, nightOf } from "./fill-night.ts";
import { fillOf } from "./fill-plan.ts";
import { box, file, fill, hourMs, itemIds, published, settings, settled, worldOf } from "./fill-sample.ts";
import type { PlaceSettings } from "./settings.ts";

const ids = (files: readonly FillFile[]): string[] => files.map(({ id }) => id);

test("[PL116] what is left out of a night gains least, nothing is lost, and no night brings more than its bytes", () => {
  const rows = fc.array(fc.record({ size: fc.integer({ min: 1, max: 30 }), plays: fc.nat(50) }), {
    minLength: 1,
    maxLength: 30,
  });
  fc.assert(
    fc.property(rows, fc.integer({ min: 5, max: 100 }), (files, percent) => {
      const all = files.map(({ size, plays }, i) => file(`f${i}`, { sizeBytes: size, playsPerDay: plays }));
      const world = worldOf(all, [box("b1", [])]);
      const { items, deferred, night } = fill(world, settled(), { fillChurnPercent: percent / 10 });
      const told = items.map((item) => item.file);
      assert.deepEqual([...ids(told), ...ids(deferred)].sort(), ids(all).sort());
      const least = Math.min(...told.map(({ playsPerDay }) => playsPerDay));
      for (const { playsPerDay } of deferred) assert.ok(playsPerDay <= least);
      const bytes = told.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
      assert.ok(bytes <= percent || told.length === 1, `${bytes} of ${percent}`);
      const held = ids(told);
      const later = worldOf(all, [box("b1", held)]);
      const again = fill(later, { ...settled(held), night }, { fillChurnPercent: percent / 10 });
      assert.deepEqual(ids(again.deferred), ids(deferred), "what arrived makes no room in the same night");
    }),
    { seed: 1_116, numRuns: 200 },
  );
});

test("[PL116] the next night goes on, a night's rate is its role's where there is a zone, and an urgent file never waits", () => {
  const lacking = [file("a", { sizeBytes: 60 }), file("b", { sizeBytes: 60 }), file("c", { sizeBytes: 60 })];
  const order = { lacking, budget: 100, cost: () => 60, isUrgent: () => false };
  const first = admitTonight({ ...order, before: undefined, nightId: "1" });
  assert.deepEqual([ids(first.tonight), ids(first.deferred)], [["a"], ["b", "c"]]);
  const second = admitTonight({ ...order, lacking: lacking.slice(1), before: first.night, nightId: "2" });
  assert.deepEqual(ids(second.tonight), ["b"]);
  const premiere = admitTonight({
    ...order,
    before: first.night,
    nightId: "1",
    isUrgent: ({ id }) => id === "c",
  });
  assert.deepEqual(ids(premiere.tonight), ["a", "c"]);
  const withdrawn = admitTonight({
    ...order,
    lacking: lacking.slice(1),
    before: first.night,
    nightId: "1",
    cost: () => 0,
  });
  assert.deepEqual(ids(withdrawn.tonight), ["b"], "what is no longer wanted and never came costs nothing");

  const budget = (role: "storage" | "flash" | "global", storageBytes: number, zone?: string): number =>
    nightBudget({ role, storageBytes, zone }, settings);
  assert.equal(budget("storage", 200e12, "Europe/London"), 6.48e12);
  assert.equal(budget("flash", 18e12, "Europe/London"), 1.62e12);
  assert.equal(budget("global", 1e12, "Europe/London"), 2.16e12);
  assert.equal(budget("flash", 18e12), Number.POSITIVE_INFINITY);
  const small = { role: "global", storageBytes: 1e12, zone: undefined } as const;
  assert.equal(nightBudget(small, { ...settings, fillChurnPercent: 5 }), 5e10);
  assert.equal(fillRateOf("flash", undefined, { ...settings, fillRates: "all" }), 3e8);
});

test("[PL117] urgent first, then plays gained per byte, where a second copy gains half; then held, then kept", () => {
  const nowMs = published + 1000 * hourMs;
  const both = ["b1", "b2"];
  const files = [
    file("few", { playsPerDay: 3 }),
    file("second", { playsPerDay: 8, serverIds: both }),
    file("first", { playsPerDay: 5, serverIds: both }),
    file("new", { playsPerDay: 0, publishedAtMs: nowMs - hourMs }),
    file("held", { playsPerDay: 100 }),
    file("kept", { playsPerDay: 100, serverIds: ["b2"] }),
  ];
  const world = worldOf(files, [box("b1", ["held", "kept"]), box("b2", ["second"])]);
  const result = fill(world, settled(["held", "kept"]));
  assert.deepEqual(itemIds(result), ["new", "first", "second", "few", "held", "kept"]);
  assert.deepEqual(
    result.items.map(({ why, isUrgent: urgent }) => `${why}${urgent ? "!" : ""}`),
    ["add!", "add", "add", "add", "held", "kept"],
  );
});

test("[PL120] where a file is larger than the headroom and nobody can move, the least played of the kept gives way", () => {
  const files = [
    file("big", { sizeBytes: 500 }),
    ...[1, 2, 3].map((i) => file(`k${i}`, { sizeBytes: 300, playsPerDay: i, serverIds: ["b2"] })),
  ];
  const held = ["k1", "k2", "k3"];
  const other = (progress: FillBox["progress"]): FillWorld =>
    worldOf(files, [box("b1", held), box("b2", [], { progress })]);
  const stuck = fill(other("blocked"), settled(held));
  assert.deepEqual([ids(stuck.gaveWay), stuck.progress], [["k1", "k2"], "filling"]);
  assert.deepEqual(itemIds(stuck), ["big", "k3"]);
  for (const progress of ["filling", "unknown"] as const) {
    const waiting = fill(other(progress), settled(held));
    assert.deepEqual([ids(waiting.gaveWay), waiting.progress], [[], "blocked"], progress);
  }
  assert.deepEqual(giveWay(files.slice(1, 2), 0, 500), [], "nothing is given up where it would not do");
});

test("[PL121] a title is urgent for a day from its publication until enough copies are verified", () => {
  const fresh = file("f", { serverIds: ["b1", "b2", "b3"] });
  const urgent = (holders: number, hours: number): boolean => {
    const boxes = ["b1", "b2", "b3"].map((id, i) => box(id, i < holders ? ["f"] : []));
    return isUrgent(fresh, worldOf([fresh], boxes), published + hours * hourMs, settings);
  };
  assert.deepEqual([urgent(0, 1), urgent(1, 23.9), urgent(2, 1), urgent(0, 24)], [true, true, false, false]);
  const single = file("f", { serverIds: ["b1"] });
  assert.equal(isUrgent(single, worldOf([single], [box("b1", ["f"])]), published, settings), false);
});

test("[PL121] what is said to be published far in the future is not urgent either, and is live", () => {
  const odd = file("f", { publishedAtMs: published + 1000 * hourMs });
  const world = worldOf([odd], [box("b1", [])]);
  assert.equal(isUrgent(odd, world, published, settings), false);
  assert.equal(isLive([odd], world, published, { ...settings, liveClusters: 1 }), true);
});

test("[PL126] what is kept for boxes that are gone gives way to what a full box lacks, and nothing else does", () => {
  const files = [
    file("new", { sizeBytes: 300 }),
    ...[1, 2, 3].map((i) =>
      file(`k${i}`, { sizeBytes: 300, playsPerDay: i, serverIds: [i === 1 ? "b2" : "dead"] }),
    ),
  ];
  const held = ["k1", "k2", "k3"];
  const told = (progress: FillBox["progress"]) => {
    const dead = box("dead", [], { isHealthy: false, progress });
    return fill(worldOf(files, [box("b1", held), box("b2", []), dead]), settled(held));
  };
  const freed = told("gone");
  assert.deepEqual([ids(freed.gaveWay), freed.progress], [["k2"], "filling"]);
  assert.deepEqual(itemIds(freed), ["new", "k1", "k3"]);
  assert.deepEqual([ids(told("unknown").gaveWay), told("unknown").progress], [[], "blocked"]);
});

test("[PL127] no more boxes fetch an urgent file by day than copies are wanted, and who cannot is replaced", () => {
  const all = Array.from({ length: 20 }, (_, i) => `b${i + 1}`);
  const nowMs = published + 1000 * hourMs;
  fc.assert(
    fc.property(
      fc.record({ holders: fc.nat(20), ill: fc.nat(20), copies: fc.nat(4), name: fc.string() }),
      ({ holders, ill, copies, name }) => {
        const fresh = file(name, { serverIds: all, publishedAtMs: nowMs - hourMs });
        const boxes = all.map((id, i) => box(id, i < holders ? [name] : [], { isHealthy: i < 20 - ill }));
        const world = worldOf([fresh], boxes);
        const urgent = boxes.filter((me) => {
          const { items } = fillOf({
            ...{
              world,
              me,
              memory: settled(me.holds(name) ? [name] : []),
              role: "storage",
              zone: "UTC",
              nowMs,
            },
            wayFrom: () => ({ asPathLength: undefined, kind: "embedded", km: undefined }),
            settings: { ...settings, fillUrgentCopies: copies },
          });
          return me.isHealthy && items.some(({ isUrgent: isIt }) => isIt);
        });
        const secured = Math.min(holders, 20 - ill);
        assert.equal(urgent.length, Math.min(Math.max(0, copies - secured), 20 - ill - secured));
      },
    ),
    { seed: 1_127, numRuns: 200 },
  );
});

test("[PL122] a title is live when enough clusters hold enough whole copies, or nobody asked, or its day is over", () => {
  const title = [file("v"), file("a")];
  const live = (
    holders: Record<string, readonly string[]>,
    more: Partial<PlaceSettings>,
    hours = 1,
  ): boolean => {
    const boxes = Object.entries(holders).map(([id, held]) => box(id, held, { clusterId: id.slice(0, 1) }));
    const world = worldOf(title, boxes);
    return isLive(title, world, published + hours * hourMs, { ...settings, ...more });
  };
  const whole = ["v", "a"];
  assert.equal(live({}, {}), true);
  assert.equal(live({ x1: whole, y1: ["v"] }, { liveClusters: 2 }), false);
  assert.equal(live({ x1: whole, y1: whole }, { liveClusters: 2 }), true);
  assert.equal(live({ x1: whole, x2: whole, y1: whole }, { liveClusters: 2, liveCopies: 2 }), false);
  assert.equal(live({ x1: whole, x2: whole }, { liveClusters: 1, liveCopies: 2 }), true);
  assert.equal(live({}, { liveClusters: 5 }, 24), true);
});

test("[PL123] a night begins when the window opens by the site's clock, also on days when clocks are changed", () => {
  const at = (text: string, zone: string | undefined, opens = 120): string =>
    nightOf(zone, Date.parse(text), opens);
  assert.equal(at("2026-06-10T00:59:00Z", "Europe/London"), "2026-06-09");
  assert.equal(at("2026-06-10T01:00:00Z", "Europe/London"), "2026-06-10");
  assert.equal(at("2026-03-29T00:59:59Z", "Europe/London"), "2026-03-28", "the last second of winter time");
  assert.equal(at("2026-03-29T01:00:00Z", "Europe/London"), "2026-03-29", "02:00 of the day without 01:00");
  assert.equal(at("2026-10-25T23:30:00Z", "Europe/London", 1439), "2026-10-24", "a day of 25 hours");
  assert.equal(at("2026-01-01T00:30:00Z", "Pacific/Auckland"), "2026-01-01");
  assert.equal(at("2026-01-01T01:59:00Z", undefined), "2025-12-31");
  assert.deepEqual(["Europe/London", "UTC", "Europe/Lundon", "+02:00", ""].map(isZone), [
    true,
    true,
    false,
    false,
    false,
  ]);
});

test("[PL124] after a restart what is hashed anew is neither lost nor put off, and a replaced title is no longer held", () => {
  const told = toldTo(nothingKnown, [{ file: file("f"), isMaster: false }]);
  const verified = heardFrom(told, { verified: ["f", "stray"], follows: "told", isIdle: true });
  const restarted = heardFrom(verified, { verified: [], follows: "told", isIdle: false });
  assert.deepEqual([...restarted.owned], ["f"]);
  const facts = { ...box("b1", []) };
  const version = (ms: number) => (): number => ms;
  assert.equal(ownBox(facts, restarted, version(published)).holds("f"), true);
  assert.equal(ownBox(facts, restarted, version(published + 1)).holds("f"), false, "another version of it");
  const seen = (memory: BoxMemory, ms: number): FillBox =>
    seenBox(facts, new Set(["f"]), memory, version(ms));
  assert.deepEqual(
    [seen(verified, published).holds("f"), seen(verified, published).secures("f")],
    [true, true],
  );
  assert.deepEqual(
    [seen(verified, published + 1).holds("f"), seen(told, published).secures("f")],
    [false, false],
  );
  const anew = toldTo(verified, [{ file: file("f", { publishedAtMs: published + 1 }), isMaster: true }]);
  assert.equal(anew.owned.has("f"), false);
  const late = heardFrom(anew, { verified: ["f"], follows: "other", isIdle: true });
  assert.equal(late.owned.has("f"), false, "it still follows the state before, and holds what that wanted");
  assert.equal(heardFrom(late, { verified: ["f"], follows: "told", isIdle: true }).owned.has("f"), true);

  const files = [file("f1", { sizeBytes: 60 }), file("f2", { sizeBytes: 60 })];
  const world = worldOf(files, [box("b1", [])]);
  const tight = { fillChurnPercent: 10 };
  assert.equal(fill(world, { ...settled(), isSettled: false }, tight).deferred.length, 0);
  assert.equal(fill(world, settled(), tight).deferred.length, 1);
});

test("[PL125] while files wait for another night, what they push out stays where there is room", () => {
  const files = [
    ...[1, 2].map((i) => file(`new${i}`, { sizeBytes: 400, playsPerDay: 10 - i })),
    ...[1, 2, 3].map((i) => file(`old${i}`, { sizeBytes: 300, playsPerDay: i, serverIds: [] })),
  ];
  const held = ["old1", "old2", "old3"];
  const world = worldOf(files, [box("b1", held)]);
  const result = fill(world, settled(held), { fillChurnPercent: 50 });
  assert.deepEqual([itemIds(result), ids(result.deferred)], [["new1", "old3"], ["new2"]]);
  assert.deepEqual(itemIds(fill(world, settled(held))), ["new1", "new2"]);
});

test("[PL115] without a failure a file comes into a cluster from outside once, in whatever order boxes report and fetch", () => {
  const moves = fc.array(fc.nat(1000), { minLength: 5, maxLength: 120 });
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 2 }),
      moves,
      (count, masters, steps) => {
        const files = Array.from({ length: 8 }, (_, i) =>
          file(`f${i}`, { serverIds: Array.from({ length: count }, (__, n) => `b${n}`) }),
        );
        const boxes = Array.from({ length: count }, (_, i) => new ModelBox(`b${i}`, 1000, () => 10));
        const control = new ModelControl(boxes, { fillMasters: masters });
        control.plan(files);
        const outside = new Map<string, number>();
        const isThere = (from: string, id: string): boolean => control.boxes.get(from)?.disk.has(id) === true;
        const step = (move: number): void => {
          const one = boxes[move % count];
          if (one === undefined) return;
          if (Math.floor(move / count) % 3 === 0) control.exchange(one);
          const fetched = one.act(isThere);
          if (fetched?.from === "origin") outside.set(fetched.id, (outside.get(fetched.id) ?? 0) + 1);
        };
        for (const move of steps) step(move);
        for (let move = 0; move < 40 * count; move++) step(move % 2 === 0 ? move % count : move);
        for (const [id, times] of outside) assert.ok(times <= masters, `${id} came ${times} times`);
        assert.ok(
          boxes.every((one) => one.disk.size === files.length),
          "everything arrived",
        );
      },
    ),
    { seed: 1_115, numRuns: 100 },
  );
});
