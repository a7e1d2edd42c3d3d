import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import highs from "highs";
import type { FileDemand, PlacementServer } from "#model/placement.ts";
import { type BaselineOrder, baseline, ownerRules } from "./baseline.ts";
import {
  leastUtilisation,
  mostCapacity,
  mostServed,
  mostStored,
  placementBound,
  servedAtFull,
} from "./bound.ts";
import { plan } from "./plan.ts";
import { boxes } from "./sample.ts";

interface Cluster {
  readonly servers: readonly PlacementServer[];
  readonly files: readonly FileDemand[];
}

/** Servers of whole bytes and bit/s, files of whole bytes and plays: some of them empty, some alike, some huge. */
function clusters(most: { servers: number; files: number }): fc.Arbitrary<Cluster> {
  return fc.record({
    servers: fc
      .array(fc.record({ storageBytes: fc.nat(40), throughputBps: fc.nat(40) }), {
        minLength: 1,
        maxLength: most.servers,
      })
      .filter((list) => list.some((one) => one.storageBytes > 0 && one.throughputBps > 0))
      .map((list) => list.map((one, i) => ({ id: `s${i}`, siteId: "site", ...one }))),
    files: fc
      .array(fc.record({ sizeBytes: fc.nat(12), playsPerDay: fc.nat(30) }), {
        minLength: 1,
        maxLength: most.files,
      })
      .map((list) => list.map((one, i) => ({ id: `f${i}`, titleId: `t${i % 7}`, ...one })))
      .filter((list) => list.some((one) => one.sizeBytes * one.playsPerDay > 0)),
  });
}

function boundOf(cluster: Cluster, headroomPercent = 0): ReturnType<typeof placementBound> {
  return placementBound({ ...cluster, headroomPercent });
}

/** The package's types speak of its CommonJS build; as a module, what it exports is the loader itself. */
function isLoader(loaded: unknown): loaded is typeof highs.default {
  return typeof loaded === "function";
}

const loader: unknown = highs;
assert.ok(isLoader(loader));
const solver = await loader();

/**
 * The relaxation as a linear program, xᵢ the part of a file on server i, u the highest utilisation:
 * Σᵢ xᵢ ≤ 1 for each file, Σ size·x ≤ S and Σ traffic·x − u·T·(all traffic ÷ all throughput) ≤ 0 for each server.
 */
function relaxation(cluster: Cluster): { readonly rows: readonly string[]; readonly served: string } {
  const { servers, files } = cluster;
  const traffic = files.map((file) => file.sizeBytes * file.playsPerDay);
  const perSpeed = sum(traffic) / sum(servers.map((one) => one.throughputBps));
  const over = (factor: (file: number) => number, server: number): string =>
    files.map((_, f) => `+ ${factor(f)} x${f}_${server}`).join("\n ");
  const served = servers.map((_, i) => over((f) => traffic[f] ?? 0, i)).join("\n ");
  const rows = [
    ...files.map((_, f) => `${servers.map((_, i) => `+ x${f}_${i}`).join(" ")} <= 1`),
    ...servers.map((one, i) => `${over((f) => files[f]?.sizeBytes ?? 0, i)} <= ${one.storageBytes}`),
    ...servers.map(
      (one, i) => `${over((f) => traffic[f] ?? 0, i)}\n - ${one.throughputBps * perSpeed} u <= 0`,
    ),
  ];
  return { rows, served };
}

function optimum(sense: "Maximize" | "Minimize", goal: string, rows: readonly string[]): number {
  const constraints = rows.map((row, i) => ` c${i}: ${row}`).join("\n");
  const solution = solver.solve(`${sense}\n goal: ${goal}\nSubject To\n${constraints}\nEnd\n`);
  assert.equal(solution.Status, "Optimal");
  return solution.ObjectiveValue;
}

function sum(values: readonly number[]): number {
  return values.reduce((acc, value) => acc + value, 0);
}

test("[PL64] the bound is the optimum that a solver finds for the relaxation, served and utilisation", () => {
  fc.assert(
    fc.property(
      clusters({ servers: 5, files: 7 }),
      fc.integer({ min: 1, max: 200 }),
      fc.integer({ min: 1, max: 100 }),
      (cluster, utilisationPercent, servedPercent) => {
        const { rows, served } = relaxation(cluster);
        const all = sum(cluster.files.map((file) => file.sizeBytes * file.playsPerDay));
        const bound = boundOf(cluster);
        const utilisation = utilisationPercent / 100;
        const most = optimum("Maximize", served, [...rows, `u <= ${utilisation}`]);
        near(mostServed(bound, utilisation), most / all);
        const wanted = (servedPercent / 100) * mostStored(bound);
        const least = optimum("Minimize", "u", [...rows, `${served} >= ${wanted * all}`]);
        near(leastUtilisation(bound, wanted), least);
      },
    ),
    { numRuns: 100, seed: 64 },
  );
});

function near(found: number, wanted: number): void {
  assert.ok(Math.abs(found - wanted) < 1e-6 * Math.max(1, Math.abs(wanted)), `${found}, solver ${wanted}`);
}

test("[PL65] no plan serves more, or more evenly, than the bound allows, with one copy or several", () => {
  let reached = 0;
  fc.assert(
    fc.property(clusters({ servers: 6, files: 40 }), fc.integer({ min: 1, max: 3 }), (cluster, minCopies) => {
      const planning = plan({ ...cluster, minCopies });
      if (planning.kind === "refused") assert.fail(planning.because);
      const bound = boundOf(cluster, 3);
      const { predicted } = planning.plan;
      const served = 1 - predicted.holePercent / 100;
      assert.ok(served <= mostStored(bound) + 1e-9);
      const ratio = predicted.effectiveCapacity / mostCapacity(bound, served);
      assert.ok(ratio <= 1 + 1e-9, `${ratio}`);
      assert.ok(servedAtFull(cluster.servers, predicted) <= mostServed(bound, 1) + 1e-9);
      if (ratio > 1 - 1e-9) reached += 1;
    }),
    { numRuns: 300, seed: 65 },
  );
  assert.ok(reached > 5, `${reached} plans of 300 reached the bound: is it loose, or not compared at all?`);
});

test("[PL65] no baseline serves more, or more evenly, than the bound allows", () => {
  const order: fc.Arbitrary<Pick<BaselineOrder, "rule" | "whenFull">> = fc.record({
    rule: fc.constantFrom(...ownerRules),
    whenFull: fc.constantFrom("hole", "next"),
  });
  fc.assert(
    fc.property(clusters({ servers: 6, files: 40 }), order, fc.nat(4), (cluster, choice, heads) => {
      const head = cluster.files.slice(0, heads).map(({ id }) => id);
      const made = baseline({ ...cluster, ...choice, head, headroomPercent: 3, tokens: 20 });
      if (made.kind === "refused") assert.fail(made.because);
      const bound = boundOf(cluster, 3);
      const served = 1 - made.predicted.holePercent / 100;
      assert.ok(made.predicted.effectiveCapacity <= mostCapacity(bound, served) + 1e-9);
      assert.ok(servedAtFull(cluster.servers, made.predicted) <= mostServed(bound, 1) + 1e-9);
    }),
    { numRuns: 300, seed: 66 },
  );
});

test("[PL66] order and units do not matter; more storage or throughput never lowers what can be served", () => {
  fc.assert(
    fc.property(
      clusters({ servers: 6, files: 12 }),
      fc.nat(5),
      fc.integer({ min: 1, max: 150 }),
      (cluster, which, percent) => {
        const { servers, files } = cluster;
        const utilisation = percent / 100;
        const plain = mostServed(boundOf(cluster), utilisation);
        const turned = { servers: servers.toReversed(), files: files.toReversed() };
        assert.ok(Math.abs(mostServed(boundOf(turned), utilisation) - plain) < 1e-12);
        const faster = servers.map((one) => ({ ...one, throughputBps: one.throughputBps * 1e9 }));
        assert.ok(Math.abs(mostServed(boundOf({ files, servers: faster }), utilisation) - plain) < 1e-12);
        const larger = servers.map((one, i) =>
          i === which ? { ...one, storageBytes: one.storageBytes + 5 } : one,
        );
        assert.ok(mostServed(boundOf({ files, servers: larger }), utilisation) >= plain - 1e-12);
        assert.ok(mostServed(boundOf(cluster), utilisation + 0.1) >= plain - 1e-12);
      },
    ),
    { seed: 67 },
  );
});

test("[PL66] a throughput that grows with all demand lets no server be busier than before", () => {
  const files = [{ id: "a", titleId: "a", sizeBytes: 10, playsPerDay: 9 }];
  const slow = boundOf({ servers: [server("s", 10, 1), server("no-disk", 0, 1)], files });
  const fast = boundOf({ servers: [server("s", 10, 3), server("no-disk", 0, 1)], files });
  assert.equal(mostCapacity(slow, 1), 1 / 2);
  assert.equal(mostCapacity(fast, 1), 3 / 4);
});

function server(id: string, storageBytes: number, throughputBps: number): PlacementServer {
  return { id, siteId: "site", storageBytes, throughputBps };
}

test("[PL67] by hand: a fast box with room for the hot half, a slow one for the cold half", () => {
  const servers = [server("fast", 10, 60), server("slow", 10, 40)];
  const files = [
    { id: "hot", titleId: "hot", sizeBytes: 10, playsPerDay: 75 },
    { id: "cold", titleId: "cold", sizeBytes: 10, playsPerDay: 25 },
  ];
  const even = boundOf({ servers, files });
  assert.deepEqual(even.prefixes, [
    { traffic: 0, spare: 1 },
    { traffic: 0.75, spare: 0.4 },
    { traffic: 1, spare: 0 },
  ]);
  assert.equal(mostCapacity(even, 1), 1);
  const level = boundOf({
    servers,
    files: files.map((one) => ({ ...one, playsPerDay: 50 })),
  });
  assert.equal(
    mostServed(level, 1),
    0.9,
    "the fast box can draw only half of all, the slow one send only 40 %",
  );
  assert.equal(leastUtilisation(level, 1), 1.25);
  assert.equal(mostCapacity(level, 1), 0.8);
  assert.equal(mostCapacity(level, 0.5), 1, "who serves half has it easier");
});

test("[PL67] what does not fit is a hole in the bound, and cannot be served at any utilisation", () => {
  const files = [
    { id: "hot", titleId: "hot", sizeBytes: 10, playsPerDay: 80 },
    { id: "cold", titleId: "cold", sizeBytes: 10, playsPerDay: 20 },
  ];
  const bound = boundOf({ servers: boxes("s", 1, 15e-12, 1e-9), files });
  assert.ok(Math.abs(mostStored(bound) - 0.9) < 1e-12);
  assert.equal(leastUtilisation(bound, 0.95), Number.POSITIVE_INFINITY);
  assert.equal(mostStored(boundOf({ servers: [server("no-link", 99, 0)], files })), 0);
});
