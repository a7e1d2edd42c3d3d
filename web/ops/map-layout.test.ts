import assert from "node:assert/strict";
import { test } from "node:test";
import { discsOf } from "./map-layout.ts";
import { byKey, dragged, zoomed } from "./map-view.ts";

const world = { x: 0, y: 0, width: 960 };
const close = (a: number, b: number): boolean => Math.abs(a - b) < 1e-9;

/** Two thousand sites of one appliance each, all over the world, and a crowd of them in one city. */
const placed = Array.from({ length: 2000 }, (_, n) => {
  const box = {
    id: `b${n}`,
    siteId: `s${n}`,
    health: "healthy" as const,
    throughputBps: 10,
    bitsPerSecond: 4,
  };
  const site = {
    ...{ id: `s${n}`, name: `Site ${n}`, location: null, appliances: [box], sessions: 0 },
    ...{ throughputBps: 10, bitsPerSecond: 4 },
  };
  const at =
    n < 1000 ? ([(n * 607) % 960, (n * 211) % 480] as const) : ([500 + n / 1e4, 150 + n / 1e4] as const);
  return { site, at };
});

test("[WE162] two thousand sites are a few hundred discs that lose nobody and lie a good way apart", () => {
  const discs = discsOf(placed, world);
  assert.ok(discs.length > 100 && discs.length <= 35 * 19, `${discs.length} discs`);
  assert.equal(
    discs.reduce((sum, { sites }) => sum + sites.length, 0),
    2000,
  );
  assert.equal(
    discs.reduce((sum, { throughputBps }) => sum + throughputBps, 0),
    20_000,
  );
  for (const [n, a] of discs.entries())
    for (const b of discs.slice(n + 1))
      assert.ok(Math.hypot(a.x - b.x, a.y - b.y) >= 0.9 * 32, `${a.id} ${b.id}`);
});

test("[WE162] closer, a disc falls apart into its sites; what the frame does not show is not drawn", () => {
  const near = { x: 499, y: 149, width: 8 };
  const discs = discsOf(placed, near);
  assert.ok(discs.length < 20);
  const far = discsOf(placed, { x: 100, y: 100, width: 60 });
  assert.ok(far.every(({ x, y }) => x > 95 && x < 165 && y > 95 && y < 135));
  const two = placed.slice(0, 2);
  assert.equal(discsOf(two, world).length, 2);
});

test("[WE162] moved a little, or closer by a breath, the same sites stay together", () => {
  const groups = (frame: typeof world) =>
    discsOf(placed.slice(0, 200), frame)
      .map(({ sites }) => sites.map(({ id }) => id).join(" "))
      .sort();
  const wide = { x: -100, y: -100, width: 1160 };
  assert.deepEqual(groups({ ...wide, x: -90 }), groups(wide));
  assert.deepEqual(groups({ ...wide, width: 1190 }), groups(wide));
});

test("[WE161] what is under the hand stays under it, whether the map is dragged or zoomed, and the keys do the same", () => {
  const frame = { x: 100, y: 50, width: 400 };
  const moved = dragged(frame, [80, -40], 800);
  assert.deepEqual(moved, { x: 60, y: 70, width: 400 });
  const at = [200, 100] as const;
  const nearer = zoomed(frame, 0.5, at);
  const place = (one: typeof frame) => [(at[0] - one.x) / one.width, (at[1] - one.y) / one.width];
  assert.deepEqual(place(nearer), place(frame));
  const [middle, kept] = [zoomed(frame, 0.5), frame];
  assert.ok(
    close(middle.x + middle.width / 2, kept.x + 200) && close(middle.y + middle.width / 4, kept.y + 100),
  );
  assert.deepEqual(byKey(frame, "ArrowRight"), { ...frame, x: 140 });
  assert.deepEqual(byKey(frame, "-"), zoomed(frame, 1.3));
  assert.deepEqual([byKey(frame, "0"), byKey(frame, "a")], ["all", undefined]);
  assert.equal(zoomed(frame, 1e-9).width, 8);
  assert.equal(zoomed(frame, 1e9).width, 1600);
});
