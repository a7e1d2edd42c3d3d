import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { FileDemand, PlacementServer } from "#model/placement.ts";
import { type BaselineOrder, baseline, type OwnerRule, ownerRules, uniformRing } from "./baseline.ts";
import { boxes, sampleClusters, storageOf, zipfCatalogue } from "./sample.ts";

type Placed = Extract<ReturnType<typeof baseline>, { kind: "placed" }>;

function placed(order: Partial<BaselineOrder> & Pick<BaselineOrder, "servers" | "files" | "rule">): Placed {
  const made = baseline({ headroomPercent: 3, whenFull: "hole", head: [], ...order });
  if (made.kind === "refused") assert.fail(made.because);
  return made;
}

/** Files that all weigh alike and never fill a box. */
function pebbles(count: number): FileDemand[] {
  return Array.from({ length: count }, (_, i) => file(`f${i}`, 1, 1));
}

function file(id: string, sizeBytes: number, playsPerDay: number): FileDemand {
  return { id, titleId: id, sizeBytes, playsPerDay };
}

function server(id: string, storageBytes: number, throughputBps: number): PlacementServer {
  return { id, siteId: "site", storageBytes, throughputBps };
}

const unlike = [server("a", 1e12, 10e9), server("b", 2e12, 50e9), server("c", 7e12, 40e9)];
const weightOf: Record<OwnerRule, (one: PlacementServer) => number> = {
  "uniform ring": () => 1,
  "storage-weighted": (one) => one.storageBytes,
  "throughput-weighted": (one) => one.throughputBps,
};
const anyCluster = fc.record({
  servers: fc
    .array(
      fc.record({ storage: fc.integer({ min: 1, max: 200 }), speed: fc.integer({ min: 1, max: 100 }) }),
      {
        minLength: 1,
        maxLength: 5,
      },
    )
    .map((list) => list.map(({ storage, speed }, i) => server(`s${i}`, storage, speed))),
  files: fc
    .array(fc.record({ size: fc.nat(50), plays: fc.nat(100) }), { minLength: 1, maxLength: 40 })
    .map((list) => list.map(({ size, plays }, i) => file(`f${i}`, size, plays))),
  rule: fc.constantFrom(...ownerRules),
});

function bytesOn(made: Placed, files: readonly FileDemand[], id: string): number {
  return files.reduce(
    (sum, one) => sum + (made.assignment.get(one.id)?.includes(id) === true ? one.sizeBytes : 0),
    0,
  );
}

test("[PL60] files fall to owners in proportion to what the rule counts", () => {
  const files = pebbles(30_000);
  for (const rule of ownerRules) {
    const made = placed({ servers: unlike, files, rule });
    const all = unlike.reduce((sum, one) => sum + weightOf[rule](one), 0);
    for (const one of unlike) {
      const share = bytesOn(made, files, one.id) / files.length;
      const wanted = weightOf[rule](one) / all;
      const give = rule === "uniform ring" ? 0.04 : 0.01;
      assert.ok(Math.abs(share - wanted) < give, `${rule} ${one.id}: ${share}, wanted ${wanted}`);
    }
  }
});

test("[PL60] a box that leaves moves only what it owned", () => {
  const files = pebbles(3000);
  for (const rule of ownerRules) {
    const before = placed({ servers: unlike, files, rule });
    const after = placed({ servers: unlike.slice(1), files, rule });
    let moved = 0;
    for (const { id } of files) {
      const [old] = before.assignment.get(id) ?? [];
      if (old === "a") moved += 1;
      else assert.deepEqual(after.assignment.get(id), [old], rule);
    }
    assert.ok(moved > 0, `${rule}: the box that left owned nothing`);
  }
});

test("[PL61] no box is filled beyond its storage less 3 %, head and spills included", () => {
  fc.assert(
    fc.property(anyCluster, fc.constantFrom("hole", "next"), fc.nat(5), (cluster, whenFull, heads) => {
      const head = cluster.files.slice(0, heads).map(({ id }) => id);
      const made = placed({ ...cluster, whenFull, head });
      for (const { id, storageBytes } of cluster.servers) {
        assert.ok(bytesOn(made, cluster.files, id) <= storageBytes * 0.97 + 1e-9);
      }
    }),
    { seed: 61 },
  );
});

test("[PL61] a hole means that the owner is full, or with spilling that every box is", () => {
  const holes = { skipping: 0, spilling: 0 };
  fc.assert(
    fc.property(anyCluster, ({ servers, files, rule }) => {
      const skipping = placed({ servers, files, rule });
      const spilling = placed({ servers, files, rule, whenFull: "next" });
      const vast = servers.map((box) => ({ ...box, storageBytes: box.storageBytes * 1e4 }));
      const owners = placed({ servers: vast, files, rule }).assignment;
      const freeOn = (made: Placed, box: PlacementServer): number =>
        box.storageBytes * 0.97 - bytesOn(made, files, box.id);
      for (const { id, sizeBytes } of files) {
        const [owner = ""] = owners.get(id) ?? [];
        const [taker = "nobody"] = skipping.assignment.get(id) ?? [];
        assert.ok(taker === owner || taker === "nobody");
        const ownerBox = servers.filter((box) => box.id === owner);
        if (taker === "nobody") {
          holes.skipping += 1;
          assert.ok(ownerBox.every((box) => freeOn(skipping, box) < sizeBytes));
        }
        if (spilling.assignment.get(id)?.length !== 0) continue;
        holes.spilling += 1;
        assert.ok(servers.every((box) => freeOn(spilling, box) < sizeBytes));
      }
    }),
    { seed: 62 },
  );
  assert.ok(holes.skipping > holes.spilling && holes.spilling > 0, JSON.stringify(holes));
});

test("[PL62] a given head lies on every box, even where nothing else fits", () => {
  const servers = [server("a", 100, 10), server("b", 20, 90)];
  const files = [file("cold", 12, 3), file("hot", 15, 1), file("warm", 12, 2)];
  for (const rule of ownerRules) {
    const { assignment, predicted } = placed({ servers, files, rule, head: ["hot"], whenFull: "next" });
    assert.deepEqual(assignment.get("hot"), ["a", "b"]);
    assert.deepEqual(assignment.get("cold"), ["a"]);
    assert.equal(predicted.holePercent, 0);
  }
});

test("[PL63] the answer has what the plan's prediction has, utilisation by server, and the churn", () => {
  const servers = [server("a", 100, 30), server("b", 100, 10), server("no-disk", 0, 40)];
  const files = [file("x", 10, 4), file("y", 10, 2)];
  const made = placed({ servers, files, rule: "uniform ring", head: ["x", "y"] });
  assert.deepEqual(
    made.predicted.servers.map((one) => one.trafficShare),
    [0.75, 0.25, 0],
  );
  assert.deepEqual(made.utilisation, [2, 2, 0]);
  assert.equal(made.predicted.effectiveCapacity, 0.5);
  assert.equal(made.predicted.churnBytes, 40);
  const again = placed({
    servers,
    files,
    rule: "uniform ring",
    head: ["x", "y"],
    previous: new Map([["x", ["a", "b"]]]),
  });
  assert.equal(again.predicted.churnBytes, 20);
});

test("[PL63] bad input is refused as the plan refuses it", () => {
  const order = {
    files: pebbles(2),
    headroomPercent: 3,
    rule: "uniform ring",
    whenFull: "hole",
    head: [],
  } as const;
  const made = baseline({ ...order, servers: [server("a", -1, 1)] });
  assert.equal(made.kind === "refused" && made.because, "server a: storageBytes is -1");
  const ring = uniformRing({ servers: [], files: [] }, 3);
  assert.equal("because" in ring && ring.because, "there is no server");
});

test("[PL68] three clusters, and a catalogue that fills its part of one", () => {
  const sizes = Object.values(sampleClusters).map((servers) => [servers.length, storageOf(servers) / 1e12]);
  assert.deepEqual(sizes, [
    [3, 236],
    [8, 872],
    [6, 636],
  ]);
  const speeds = Object.values(sampleClusters).map((servers) =>
    servers.reduce((sum, one) => sum + one.throughputBps / 1e9, 0),
  );
  assert.deepEqual(speeds, [240, 560, 460]);
  const total = 0.97 * storageOf(sampleClusters.B);
  const files = zipfCatalogue({ count: 1000, exponent: 0.9, totalBytes: total, seed: 1 });
  const filled = files.reduce((sum, one) => sum + one.sizeBytes, 0);
  assert.ok(filled <= total && filled > total - 1000, `${filled}`);
  assert.equal(boxes("x", 2, 1, 1).length, 2);
});
