import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { hash64 } from "#units/hash.ts";
import { popularityCurve, shareAt } from "./curve.ts";
import { mixed, placed as placeOf } from "./draw.ts";
import { type Drawn, explainFile } from "./explain-file.ts";
import { explainServer } from "./explain-server.ts";
import { type PlanOrder, plan } from "./plan.ts";
import { boxes, zipfCatalogue } from "./sample.ts";

const seed = 20261126;

const cluster = [
  ...boxes("flash", 2, 18, 100),
  ...boxes("middle", 2, 100, 90),
  ...boxes("storage", 2, 200, 40),
];

function ordered(part: number, minCopies: number, catalogueSeed: number, count = 300): PlanOrder {
  const room = cluster.reduce((sum, box) => sum + box.storageBytes, 0);
  const files = zipfCatalogue({ count, exponent: 0.9, totalBytes: room * part, seed: catalogueSeed });
  return { servers: cluster, files, minCopies };
}

function planned(order: PlanOrder): Parameters<typeof explainFile>[0] & { readonly plan: object } {
  const planning = plan(order);
  if (planning.kind === "refused") assert.fail(planning.because);
  return { ...order, plan: planning.plan };
}

/** The key as a reader computes it from the row and the formula beside the table. */
function byHand(formula: Drawn["formula"], row: Drawn["rows"][number]): number {
  if (formula === "exponential") return -Math.log(1 - row.u) / row.weight;
  const chance = row.chance ?? Number.NaN;
  return (row.u * (1 - chance)) / ((1 - row.u) * chance);
}

test("[PL142] every explained draw can be done again by hand, and the holders are its first", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(0.3, 0.45, 0.9, 0.97, 1.3),
      fc.integer({ min: 1, max: 3 }),
      fc.nat(1000),
      (part, minCopies, catalogueSeed) => {
        const order = planned(ordered(part, minCopies, catalogueSeed, 120));
        for (const placed of order.plan.assignment) {
          const found = explainFile(order, placed.fileId);
          assert.ok(found !== undefined);
          const { drawn } = found;
          if (placed.band === "head" || placed.band === "hole") {
            assert.equal(drawn, undefined);
            continue;
          }
          assert.ok(drawn !== undefined);
          assert.equal(drawn.rows.length, cluster.length);
          let least = Number.NEGATIVE_INFINITY;
          for (const row of drawn.rows) {
            assert.equal(row.u, placeOf(mixed(...hash64(found.titleId), ...hash64(row.serverId))));
            if (row.key === undefined) {
              assert.equal(row.weight, 0);
              continue;
            }
            const key = byHand(drawn.formula, row);
            assert.ok(Math.abs(row.key - key) <= 1e-6 * Math.abs(key), `${row.key} is not ${key}`);
            assert.ok(row.key >= least);
            least = row.key;
          }
          const chosen = drawn.rows.filter((row) => !row.passedOver).slice(0, placed.serverIds.length);
          assert.deepEqual(
            chosen.map((row) => row.serverId).sort(),
            [...placed.serverIds].sort(),
            placed.because,
          );
        }
      },
    ),
    { seed, numRuns: 25 },
  );
});

test("[PL143] depth, cutoff and rank are the plan's own", () => {
  const order = planned(ordered(0.96, 1, 7));
  const drawn = order.plan.assignment.filter((one) => one.band === "popular" || one.band === "tail");
  assert.ok(drawn.length > 200);
  for (const placed of drawn) {
    const found = explainFile(order, placed.fileId);
    const said = /^depth ([\d.]+) of the stored bytes, cutoff ([\d.]+)/.exec(placed.because);
    assert.equal(found?.drawn?.depth.toFixed(3), Number(said?.[1]).toFixed(3));
    assert.equal(found?.drawn?.cutoff.toFixed(3), Number(said?.[2]).toFixed(3));
    assert.equal(found?.drawn?.stayed, /so it stays/.test(placed.because));
    const { from = 0, to = 0, depth = -1 } = found?.drawn ?? {};
    assert.ok(depth >= from && depth <= to, "nothing held it yesterday");
    assert.equal(found?.fileId, `file-${(found?.rank ?? 0) - 1}`, "the catalogue is in the order of plays");
    assert.equal(found?.because, placed.because);
  }
});

test("[PL143] a file that stays over the cutoff says so, with who held it before", () => {
  const first = ordered(0.96, 1, 7, 3000);
  const made = planned(first);
  const assignment = Object.fromEntries(made.plan.assignment.map((one) => [one.fileId, one.serverIds]));
  // Each file near the cutoff changes places with its neighbour: depths shift, holders must not.
  const plays = first.files.map((file, i) => ({
    ...file,
    playsPerDay: file.playsPerDay * (i % 2 === 0 ? 0.985 : 1.015),
  }));
  const second = {
    ...first,
    files: plays,
    previous: { cutoff: made.plan.cutoff, assignment },
  };
  const again = planned(second);
  const stayed = again.plan.assignment.filter((one) => /so it stays/.test(one.because));
  assert.ok(stayed.length > 0, "nothing crossed the cutoff: this checks nothing");
  for (const placed of stayed) {
    const before = assignment[placed.fileId];
    const found = explainFile({ ...again, before }, placed.fileId);
    assert.equal(found?.drawn?.stayed, true, placed.because);
    const rows = found?.drawn?.rows.filter((row) => row.holds);
    for (const row of rows ?? [])
      assert.equal(
        row.heldBefore,
        before?.some((id) => id === row.serverId),
      );
  }
});

test("[PL53] who is leaving or cannot send was not asked: it is not said to have had no room", () => {
  const leaving = ordered(0.8, 2, 7, 200);
  const servers = [
    ...leaving.servers.map((one, i) => (i === 2 ? { ...one, state: "draining" as const } : one)),
    { id: "mute", siteId: "site", storageBytes: 9e12, throughputBps: 0 },
  ];
  const order = planned({ ...leaving, servers });
  let drawn = 0;
  for (const { fileId } of order.plan.assignment) {
    const rows = explainFile(order, fileId)?.drawn?.rows ?? [];
    drawn += rows.length;
    assert.ok(rows.every((row) => row.serverId !== "mute" && row.serverId !== servers[2]?.id));
  }
  assert.ok(drawn > 300);
  const found = explainServer({ ...order, servers }, servers[2]?.id ?? "");
  assert.match(found?.because ?? "", /^It is draining/);
});

test("[PL50] the curve that is told has a point at each edge, where it is exactly that of the files", () => {
  for (const part of [0.6, 0.96]) {
    const order = planned(ordered(part, 1, 7, 2000));
    const demand = new Map(order.files.map((file) => [file.id, file]));
    const below = order.plan.assignment
      .flatMap(({ fileId, drawn }) => {
        const file = demand.get(fileId);
        if (drawn === undefined || file === undefined) return [];
        const { sizeBytes, playsPerDay } = file;
        return [{ ...drawn, sizeBytes: sizeBytes * drawn.copies, traffic: sizeBytes * playsPerDay }];
      })
      .sort((a, b) => a.depth - b.depth);
    const curve = popularityCurve(below);
    const { theory } = order.plan;
    assert.ok(theory !== undefined && order.plan.assignment.every((placed) => placed.band !== "hole"));
    for (const { to } of theory.bands) {
      const point = theory.curve.find(({ depth }) => depth === to);
      assert.ok(point !== undefined, `no point at ${to}`);
      assert.ok(Math.abs(point.share - shareAt(curve, to)) < 1e-9, `${point.share} at ${to}`);
    }
  }
});

test("[PL143] what neither plan nor files have is not explained", () => {
  const order = planned(ordered(0.5, 1, 7));
  assert.equal(explainFile(order, "no such file"), undefined);
  assert.equal(explainFile({ ...order, files: [] }, "file-0"), undefined);
});
