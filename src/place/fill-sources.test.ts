import assert from "node:assert/strict";
import { test } from "node:test";
import { defaultsOf } from "#config/setting.ts";
import type { FillBox, FillFile, Way } from "./fill-facts.ts";
import { nearestOf, ringsOf, sourcesFor, sourcesOfHeld, turnOf } from "./fill-sources.ts";
import { placeSettings } from "./settings.ts";

const settings = defaultsOf(placeSettings);
const nowhere: Way = { asPathLength: undefined, kind: "embedded", km: undefined };

function box(id: string, more: Partial<FillBox> = {}): FillBox {
  const [siteId = id] = id.split("-");
  return {
    ...{ id, siteId, clusterId: siteId, storageBytes: 1e9, throughputBps: 1e9, isHealthy: true, load: 0 },
    ...{ holds: () => true, secures: () => true, leads: () => false, defers: () => false },
    progress: "done",
    ...more,
  };
}

const file = (id: string, serverIds: readonly string[]): FillFile => ({
  ...{ id, titleId: id, sizeBytes: 1, playsPerDay: 1, publishedAtMs: 1, serverIds },
});

const lacking = { holds: () => false, secures: () => false };

function asked(
  me: FillBox,
  boxes: readonly FillBox[],
  ways: Record<string, Way> = {},
  fileId = "f",
): string[] {
  const rings = ringsOf(me, boxes, (siteId) => ways[siteId] ?? nowhere, 0.7);
  return sourcesFor(fileId, me.id, rings, 0, settings).map(({ boxId, kind }) =>
    `${kind} ${boxId ?? ""}`.trim(),
  );
}

test("[PL110] peers before tier before origin; nobody who is not well, lacks the file, or is the box itself", () => {
  const me = box("a-1");
  const others = [
    me,
    box("b-1"),
    box("a-2"),
    box("a-3", lacking),
    box("a-4", { isHealthy: false }),
    box("c-1", { clusterId: "a" }),
  ];
  assert.deepEqual(asked(me, others), ["peer a-2", "peer c-1", "tier b-1", "origin"]);
  assert.deepEqual(asked(me, [me]), ["origin"]);
  const many = Array.from({ length: 20 }, (_, i) => box(`a-${i + 2}`));
  const further = Array.from({ length: 20 }, (_, i) => box(`x${i}-1`));
  const kinds = asked(me, [...many, ...further]).map((words) => words.split(" ")[0]);
  assert.deepEqual(kinds, [...Array(3).fill("peer"), ...Array(6).fill("tier"), "origin"]);
});

test("[PL111] the tier goes by AS path, then exchange before ISP, then distance; the unknown is last, and not at (0, 0)", () => {
  const ways: Record<string, Way> = {
    far: { asPathLength: 1, kind: "exchange", km: 9000 },
    near: { asPathLength: 2, kind: "embedded", km: 10 },
    ix: { asPathLength: 2, kind: "exchange", km: 500 },
    town: { asPathLength: undefined, kind: "embedded", km: 20 },
    village: { asPathLength: undefined, kind: "embedded", km: 30 },
    lost: { asPathLength: undefined, kind: "embedded", km: undefined },
  };
  const order = ["far", "ix", "near", "town", "village", "lost"];
  const boxes = order.toReversed().map((site) => box(`${site}-1`));
  assert.deepEqual(asked(box("a-1"), boxes, ways), [...order.map((site) => `tier ${site}-1`), "origin"]);
});

test("[PL112] among equals each box begins with another one, and who is busy comes last", () => {
  const peers = ["a-1", "a-2", "a-3", "a-4"].map((id) => box(id));
  const first = new Map<string, number>();
  for (const me of Array.from({ length: 400 }, (_, i) => box("a-0", { id: `me-${i}` }))) {
    const [words = ""] = asked(me, peers);
    first.set(words, (first.get(words) ?? 0) + 1);
  }
  assert.equal(first.size, 4);
  for (const [words, times] of first) assert.ok(times > 60 && times < 140, `${words}: ${times} of 400`);
  const busy = [box("a-1", { load: 0.9 }), box("a-2", { load: 0.69 })];
  for (const id of ["f", "g", "h", "i"]) {
    assert.deepEqual(asked(box("a-0"), busy, {}, id), ["peer a-2", "peer a-1", "origin"]);
  }
});

const clusterOf = (boxes: readonly FillBox[]): ReadonlyMap<string, FillBox> =>
  new Map(boxes.map((one) => [one.id, one]));

test("[PL113] one box of those that lack a file is its master, in proportion to throughput; the k-th of the rest waits k times", () => {
  const boxes = [1, 2, 3, 4].map((i) => box(`a-${i}`, { ...lacking, throughputBps: i === 4 ? 3e9 : 1e9 }));
  const ids = boxes.map(({ id }) => id);
  const masters = new Map<string, number>();
  for (let i = 0; i < 600; i++) {
    const turns = boxes.map((me) => turnOf(file(`f${i}`, ids), me, clusterOf(boxes), 1));
    assert.deepEqual(turns.toSorted(), [0, 1, 2, 3]);
    const master = ids[turns.indexOf(0)] ?? "";
    masters.set(master, (masters.get(master) ?? 0) + 1);
    const two = boxes.map((me) => turnOf(file(`f${i}`, ids), me, clusterOf(boxes), 2));
    assert.deepEqual(two.toSorted(), [0, 0, 1, 2]);
  }
  for (const [id, times] of masters) {
    const due = id === "a-4" ? 300 : 100;
    assert.ok(Math.abs(times - due) < 60, `${id} leads ${times} of 600, wanted about ${due}`);
  }
  const [me = box("a-1")] = boxes;
  const outside = [...Array(5).keys()].map((i) => box(`x${i}-1`));
  const rings = ringsOf(me, [...outside, box("a-9")], () => nowhere, 0.7);
  const waits = (turn: number): readonly string[] =>
    sourcesFor("f", me.id, rings, turn, settings).map(({ kind, afterMs }) => `${kind} ${afterMs / 1000}`);
  const told = (tier: number, network: number, origin: number): string[] => [
    ...["peer 0", ...Array(3).fill(`tier ${tier}`), ...Array(2).fill(`tier ${network}`), `origin ${origin}`],
  ];
  assert.deepEqual(waits(0), told(0, 0, 0));
  assert.deepEqual(waits(1), told(300, 1800, 3600));
  assert.deepEqual(waits(2), told(600, 3600, 7200));
  assert.deepEqual(waits(100), told(30_000, 86_400, 86_400));
});

test("[PL114] a master that dies is replaced at once, one that leads goes on, and who puts it off leads nothing", () => {
  const ids = ["a-1", "a-2", "a-3"];
  const turns = (boxes: readonly FillBox[]): readonly number[] =>
    boxes.map((me) => turnOf(file("f", ids), me, clusterOf(boxes), 1));
  const plain = ids.map((id) => box(id, lacking));
  const before = turns(plain);
  const master = before.indexOf(0);
  const next = before.indexOf(1);
  const last = before.indexOf(2);
  const without = (change: Partial<FillBox>, at: number): readonly FillBox[] =>
    plain.map((one, i) => (i === at ? { ...one, ...change } : one));
  assert.equal(turns(without({ isHealthy: false }, master))[next], 0);
  assert.equal(turns(without({ defers: () => true }, master))[next], 0);
  assert.equal(turns(without({ holds: () => true }, master))[next], 0);
  const led = turns(without({ leads: () => true }, last));
  assert.deepEqual([led[last], led[master], led[next]], [0, 1, 2]);
  const gone = without({ leads: () => true, isHealthy: false }, last);
  assert.deepEqual([turns(gone)[master], turns(gone)[next]], [0, 1]);
  assert.equal(turns(gone)[last], 2, "it waits behind those that are well");
  const elsewhere = [...plain, box("b-1", lacking)];
  assert.deepEqual(turns(elsewhere).slice(0, 3), before, "another cluster's boxes change nothing");
});

test("[PL110] what is held already has its places as sources, for when it rots, and nobody waits", () => {
  const me = box("a-1");
  const boxes = [me, box("a-2"), box("b-1"), box("c-1", lacking), box("d-1", { isHealthy: false })];
  const nearest = nearestOf(ringsOf(me, boxes, () => nowhere, 0.7));
  const places = ["b-1", "a-1", "a-2", "c-1", "d-1"];
  const sources = sourcesOfHeld(file("f", places), me, nearest, 3);
  assert.deepEqual(
    sources.map(({ boxId, kind, afterMs }) => [boxId, kind, afterMs]),
    [
      ["a-2", "peer", 0],
      ["b-1", "tier", 0],
      [undefined, "origin", 0],
    ],
  );
});
