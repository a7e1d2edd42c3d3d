import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { FileDemand, PlacementPlan, PlacementServer } from "#model/placement.ts";
import { uniformRing } from "./baseline.ts";
import { type PlanOrder, plan } from "./plan.ts";
import { boxes, zipfCatalogue } from "./sample.ts";

const MB = 1e6;

function planned(order: PlanOrder): PlacementPlan {
  const planning = plan(order);
  if (planning.kind === "refused") assert.fail(planning.because);
  return planning.plan;
}

function refusal(order: Partial<PlanOrder>): string {
  const planning = plan({ servers: boxes("a", 2, 1, 1), files: [], minCopies: 2, ...order });
  return planning.kind === "refused" ? planning.because : "planned";
}

function server(id: string, megabytes: number, megabits: number): PlacementServer {
  return { id, siteId: "site", storageBytes: megabytes * MB, throughputBps: megabits * MB };
}

function file(id: string, megabytes: number, playsPerDay: number): FileDemand {
  return { id, titleId: id.split("/")[0] ?? id, sizeBytes: megabytes * MB, playsPerDay };
}

const demo = [
  server("flash-a1", 32, 100),
  server("flash-b1", 32, 100),
  server("storage-x1", 96, 40),
  server("storage-x2", 96, 40),
];

/** Clusters of 1–6 boxes, some of them useless, and 0–40 files that may or may not fit. */
const anyServers = fc
  .array(fc.record({ megabytes: fc.nat(200), megabits: fc.nat(100) }), { minLength: 1, maxLength: 6 })
  .map((list) => list.map(({ megabytes, megabits }, i) => server(`s${i}`, megabytes, megabits)))
  .filter((list) => list.some((one) => one.storageBytes > 0 && one.throughputBps > 0));
const anyFiles = fc
  .array(fc.record({ title: fc.nat(8), size: fc.nat(60), plays: fc.nat(1000) }), { maxLength: 40 })
  .map((list) => list.map(({ title, size, plays }, i) => file(`t${title}/r${i}`, size, plays)));
const anyOrder = fc.record({
  servers: anyServers,
  files: anyFiles,
  minCopies: fc.integer({ min: 1, max: 3 }),
});

function bytesOn(order: PlanOrder, made: PlacementPlan): Map<string, number> {
  const size = new Map(order.files.map((one) => [one.id, one.sizeBytes]));
  const held = new Map<string, number>();
  for (const { fileId, serverIds } of made.assignment) {
    for (const id of serverIds) held.set(id, (held.get(id) ?? 0) + (size.get(fileId) ?? 0));
  }
  return held;
}

function previousOf(made: PlacementPlan): NonNullable<PlanOrder["previous"]> {
  const assignment = Object.fromEntries(made.assignment.map((one) => [one.fileId, one.serverIds]));
  return { cutoff: made.cutoff, assignment };
}

test("[PL1] garbage is refused with a sentence that names the row", () => {
  const one = server("a", 1, 1);
  assert.equal(refusal({ servers: [] }), "there is no server");
  assert.equal(refusal({ servers: [one, one] }), "server a is listed twice");
  assert.equal(refusal({ servers: [{ ...one, storageBytes: -1 }] }), "server a: storageBytes is -1");
  assert.equal(
    refusal({ servers: [{ ...one, throughputBps: Number.NaN }] }),
    "server a: throughputBps is NaN",
  );
  assert.match(refusal({ servers: [server("a", 0, 1), server("b", 1, 0)] }), /no server has both/);
  assert.equal(refusal({ files: [file("f", 1, 1), file("f", 2, 1)] }), "file f is listed twice");
  assert.equal(refusal({ files: [file("f", 1, Number.NaN)] }), "file f: playsPerDay is NaN");
  assert.equal(refusal({ files: [file("f", Number.POSITIVE_INFINITY, 1)] }), "file f: sizeBytes is Infinity");
  assert.match(refusal({ minCopies: 0 }), /minCopies is 0/);
});

test("[PL2] servers that cannot hold or cannot send get no weight and no file", () => {
  const order = {
    servers: [...demo, server("no-disk", 0, 100), server("no-link", 500, 0)],
    files: Array.from({ length: 30 }, (_, i) => file(`f${i}`, 5, 100 / (i + 1))),
    minCopies: 2,
  };
  const made = planned(order);
  for (const id of ["no-disk", "no-link"]) {
    assert.deepEqual(
      made.weights.find((weight) => weight.serverId === id),
      { serverId: id, alpha: 0, beta: 0 },
    );
    assert.equal(bytesOn(order, made).get(id), undefined);
  }
});

test("[PL3] without any demand every file counts alike, and nothing is NaN", () => {
  const files = Array.from({ length: 20 }, (_, i) => file(`f${i}`, 10, 0));
  const made = planned({ servers: demo, files, minCopies: 1 });
  assert.ok(made.assignment.every((one) => one.serverIds.length > 0));
  assert.ok(made.predicted.effectiveCapacity > 0 && made.predicted.effectiveCapacity <= 1);
  assert.equal(made.predicted.holePercent, 0);
});

test("[PL4] both weights sum to 1 and none is negative, whatever the cluster", () => {
  fc.assert(
    fc.property(anyOrder, (order) => {
      const { weights, lambda, cutoff } = planned(order);
      for (const key of ["alpha", "beta"] as const) {
        assert.ok(Math.abs(weights.reduce((sum, weight) => sum + weight[key], 0) - 1) < 1e-9);
        assert.ok(weights.every((weight) => weight[key] >= 0));
      }
      assert.ok(lambda >= 0 && lambda <= 1 && cutoff >= 0 && cutoff <= 1);
    }),
    { seed: 21 },
  );
});

test("[PL9] scaling all throughput, or all demand, or storage and sizes together changes no weight", () => {
  const files = Array.from({ length: 90 }, (_, i) => file(`f${i}`, 2, 100 / (i + 1)));
  const plain = planned({ servers: demo, files, minCopies: 1 });
  const faster = demo.map((one) => ({ ...one, throughputBps: one.throughputBps * 10 }));
  const busier = files.map((one) => ({ ...one, playsPerDay: one.playsPerDay * 7 }));
  const larger = {
    servers: demo.map((one) => ({ ...one, storageBytes: one.storageBytes * 3 })),
    files: files.map((one) => ({ ...one, sizeBytes: one.sizeBytes * 3 })),
  };
  for (const change of [{ servers: faster }, { files: busier }, larger]) {
    const scaled = planned({ servers: demo, files, minCopies: 1, ...change });
    scaled.weights.forEach((weight, i) => {
      assert.ok(Math.abs(weight.alpha - (plain.weights[i]?.alpha ?? Number.NaN)) < 1e-9);
      assert.ok(Math.abs(weight.beta - (plain.weights[i]?.beta ?? Number.NaN)) < 1e-9);
    });
  }
  assert.notEqual(plain.weights[0]?.alpha, plain.weights[0]?.beta);
});

test("[PL10] no box is planned beyond its storage less 3 % headroom", () => {
  fc.assert(
    fc.property(anyOrder, (order) => {
      const held = bytesOn(order, planned(order));
      for (const { id, storageBytes } of order.servers) {
        assert.ok((held.get(id) ?? 0) <= storageBytes * 0.97 + 1e-3, id);
      }
    }),
    { seed: 22 },
  );
});

test("[PL11] the order of servers and files does not matter", () => {
  fc.assert(
    fc.property(anyOrder, (order) => {
      const turned = { ...order, servers: order.servers.toReversed(), files: order.files.toReversed() };
      assert.deepEqual(planned(turned), planned(order));
    }),
    { seed: 23 },
  );
});

test("[PL12] planning again with unchanged input moves nothing", () => {
  fc.assert(
    fc.property(anyOrder, (order) => {
      const first = planned(order);
      const again = planned({ ...order, previous: previousOf(first) });
      assert.equal(again.predicted.churnBytes, 0);
      assert.deepEqual(previousOf(again), previousOf(first));
    }),
    { numRuns: 300, seed: 24 },
  );
});

test("[PL13] a file too hot for few boxes is held by every box", () => {
  const files = [
    file("hot", 1, 1e6),
    ...Array.from({ length: 200 }, (_, i) => file(`f${i}`, 2, 100 / (i + 1))),
  ];
  const made = planned({ servers: demo, files, minCopies: 1 });
  assert.ok(made.head.includes("hot"));
  const [hot] = made.assignment;
  assert.equal(hot?.serverIds.length, 4);
  assert.match(hot?.because ?? "", /99\.\d % of all traffic is too much for few boxes/);
});

test("[PL14] a catalogue of 1 to 10 files that fits everywhere is held everywhere", () => {
  for (let count = 1; count <= 10; count++) {
    const files = Array.from({ length: count }, (_, i) => file(`t/r${i}`, 3, 10 - i));
    const made = planned({ servers: demo, files, minCopies: 2 });
    assert.deepEqual(
      made.assignment.map((one) => one.serverIds.length),
      files.map(() => 4),
    );
    assert.equal(made.lambda, 0);
  }
});

test("[PL14] two copies on different boxes where room allows, and first copies before second ones", () => {
  const half = Array.from({ length: 40 }, (_, i) => file(`f${i}`, 2.4, 100 / (i + 1)));
  const roomy = planned({ servers: demo, files: half, minCopies: 2 });
  assert.ok(roomy.assignment.every((one) => new Set(one.serverIds).size >= 2));

  const tight = Array.from({ length: 80 }, (_, i) => file(`f${i}`, 2.4, 100 / (i + 1)));
  const made = planned({ servers: demo, files: tight, minCopies: 2 });
  assert.ok(made.assignment.every((one) => one.serverIds.length >= 1));
  const copies = made.assignment.map((one) => one.serverIds.length);
  assert.ok((copies[0] ?? 0) >= 2, "the most played file has a second copy");
});

test("[PL14] a file with fewer copies than wanted means that no other box has room for it", () => {
  fc.assert(
    fc.property(anyOrder, (order) => {
      const made = planned(order);
      const held = bytesOn(order, made);
      const size = new Map(order.files.map((one) => [one.id, one.sizeBytes]));
      const usable = order.servers.filter((one) => one.storageBytes > 0 && one.throughputBps > 0);
      for (const one of made.assignment) {
        assert.equal(one.band === "hole", one.serverIds.length === 0);
        if (one.serverIds.length === 0 || one.serverIds.length >= order.minCopies) continue;
        const bytes = size.get(one.fileId) ?? 0;
        const free = usable.filter(
          (box) =>
            !one.serverIds.some((id) => id === box.id) &&
            box.storageBytes * 0.97 - (held.get(box.id) ?? 0) > bytes + 1,
        );
        assert.deepEqual(free, []);
      }
    }),
    { seed: 25 },
  );
});

test("[PL15] while all files fit in sum with their largest to spare, there is no hole", () => {
  fc.assert(
    fc.property(anyOrder, (order) => {
      const usable = order.servers.filter((one) => one.storageBytes > 0 && one.throughputBps > 0);
      const largest = Math.max(0, ...order.files.map((one) => one.sizeBytes));
      const rooms = usable.map((box) => Math.max(0, box.storageBytes * 0.97 - largest));
      const all = order.files.reduce((sum, one) => sum + one.sizeBytes, 0);
      fc.pre(all <= rooms.reduce((sum, room) => sum + room, 0) && all > 0);
      assert.equal(planned({ ...order, minCopies: 1 }).predicted.holePercent, 0);
    }),
    { seed: 26 },
  );
});

test("[PL15] a file larger than every box is a hole that says so; one box alone holds the densest", () => {
  const made = planned({
    servers: [server("only", 100, 10)],
    files: [file("giant", 500, 9), file("a", 60, 8), file("b", 60, 7), file("c", 30, 1)],
    minCopies: 2,
  });
  assert.deepEqual(
    made.assignment.map((one) => [one.fileId, one.serverIds.length]),
    [
      ["giant", 0],
      ["a", 1],
      ["b", 0],
      ["c", 1],
    ],
  );
  assert.match(
    made.assignment[0]?.because ?? "",
    /500 MB fit on no box: the most that one may hold is 97 MB/,
  );
  assert.match(made.assignment[2]?.because ?? "", /7 plays a day are not enough/);
});

test("[PL17] renditions of a title in one band share their boxes", () => {
  const files = Array.from({ length: 240 }, (_, i) =>
    file(`t${i % 60}/r${i}`, 1, 50 / (1 + Math.floor(i / 4))),
  );
  const made = planned({ servers: boxes("s", 6, 60e-6, 1), files, minCopies: 1 });
  const first = new Map<string, string>();
  let alike = 0;
  for (const one of made.assignment) {
    if (one.band === "head" || one.band === "hole" || one.because.includes("no room left")) continue;
    const key = `${one.band} ${one.fileId.split("/")[0]}`;
    const box = one.serverIds[0] ?? "";
    assert.equal(box, first.get(key) ?? box, `${key} is torn apart`);
    if (first.has(key)) alike += 1;
    first.set(key, box);
  }
  assert.ok(alike >= 50, `only ${alike} files lie beside one of their title`);
});

test("[PL18] a held file is not pushed out by one that is only a little more popular", () => {
  const servers = [server("only", 100, 10)];
  const before = planned({ servers, files: [file("old", 60, 100), file("new", 60, 90)], minCopies: 1 });
  const next = (plays: number): string[] =>
    planned({
      servers,
      files: [file("old", 60, 100), file("new", 60, plays)],
      minCopies: 1,
      previous: previousOf(before),
    }).assignment.flatMap((one) => (one.serverIds.length > 0 ? [one.fileId] : []));
  assert.deepEqual(next(135), ["old"]);
  assert.deepEqual(next(145), ["new"]);
});

test("[PL19] every file has a sentence with a number in it", () => {
  const files = Array.from({ length: 120 }, (_, i) => file(`f${i}`, 3, 100 / (i + 1)));
  const made = planned({ servers: demo, files, minCopies: 1 });
  assert.ok(new Set(made.assignment.map((one) => one.band)).size >= 3);
  for (const one of made.assignment) assert.match(one.because, /\d.*\.$/, one.fileId);
});

test("[PL19] a plan of one band speaks of no cutoff", () => {
  const servers = [server("a", 100, 10), server("b", 100, 10), server("c", 100, 10)];
  const files = Array.from({ length: 30 }, (_, i) => file(`f${i}`, 6, 100 - i));
  const made = planned({ servers, files, minCopies: 1 });
  assert.equal(made.theory?.method, "one-band");
  const drawn = made.assignment.filter(({ band }) => band === "popular" || band === "tail");
  assert.ok(drawn.length > 0);
  for (const one of drawn) assert.match(one.because, /no cutoff: all below the head is drawn alike/);
});

test("[PL21] churn counts what a box must fetch anew", () => {
  const servers = [server("a", 100, 10)];
  const first = planned({ servers, files: [file("f", 10, 1)], minCopies: 1 });
  assert.equal(first.predicted.churnBytes, 10 * MB);
  const files = [file("f", 10, 1), file("g", 20, 1)];
  const next = planned({ servers, files, minCopies: 1, previous: previousOf(first) });
  assert.equal(next.predicted.churnBytes, 20 * MB);
});

test("[PL22] far better than uniform consistent hashing on the four-and-four cluster", () => {
  const servers = [...boxes("storage", 4, 200, 40), ...boxes("flash", 4, 18, 100)];
  const files = zipfCatalogue({ count: 20_000, exponent: 0.9, totalBytes: 872e12 * 0.97 * 0.995, seed: 7 });
  const { predicted, lambda } = planned({ servers, files, minCopies: 1 });
  const ring = uniformRing({ servers, files }, 3);
  if ("kind" in ring) assert.fail(ring.because);
  const found = `plan ${predicted.effectiveCapacity.toFixed(3)}, holes ${predicted.holePercent.toFixed(2)} %, λ ${lambda.toFixed(3)}; ring ${ring.effectiveCapacity.toFixed(3)}, holes ${ring.holePercent.toFixed(2)} %`;
  assert.ok(predicted.effectiveCapacity >= 0.75 && predicted.holePercent <= 0.1, found);
  assert.ok(ring.effectiveCapacity < 0.5 && ring.holePercent > 10, found);
});
