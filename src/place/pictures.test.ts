import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { PlacementPlan, PlacementServer } from "#model/placement.ts";
import { unitInterval } from "#units/hash.ts";
import { churnDays } from "./churn-days.ts";
import { explainServer } from "./explain-server.ts";
import { picturesOf, uniformArcs } from "./pictures.ts";
import { plan } from "./plan.ts";
import { boxes, zipfCatalogue } from "./sample.ts";
import { summaryOf } from "./summary.ts";

const seed = 20261126;

const servers: readonly PlacementServer[] = [
  ...boxes("flash", 2, 18, 100),
  ...boxes("middle", 2, 100, 90),
  ...boxes("storage", 2, 200, 40),
];
const files = zipfCatalogue({ count: 1200, exponent: 0.9, totalBytes: 610e12, seed: 7 });
const byId = new Map(files.map((file) => [file.id, file]));

function planned(minCopies = 1): PlacementPlan {
  const planning = plan({ servers, files, minCopies });
  if (planning.kind === "refused") assert.fail(planning.because);
  return planning.plan;
}

const near = (a: number, b: number): void => assert.ok(Math.abs(a - b) < 1e-9, `${a} is not ${b}`);

test("[PL140] arcs of tokens are the whole circle, and a place belongs to the next token", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.string({ minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 12 }),
      fc.integer({ min: 1, max: 50 }),
      fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
      (ids, tokens, place) => {
        const arcs = uniformArcs(ids, tokens);
        assert.equal(arcs[0]?.from, 0);
        assert.equal(arcs.at(-1)?.to, 1);
        for (const [i, arc] of arcs.entries()) {
          assert.ok(arc.to > arc.from);
          assert.equal(arc.from, arcs[i - 1]?.to ?? 0);
        }
        const all = ids.flatMap((id) =>
          Array.from({ length: tokens }, (_, i) => ({ id, at: unitInterval(`${id}#${i}`) })),
        );
        const least = (list: typeof all): (typeof all)[number] | undefined =>
          list.toSorted((a, b) => a.at - b.at)[0];
        const next = least(all.filter((token) => token.at > place)) ?? least(all);
        const owner = arcs.find((arc) => place >= arc.from && place < arc.to);
        assert.equal(owner?.serverId, next?.id);
      },
    ),
    { seed },
  );
});

test("[PL140] a server's arc in a band is its weight there", () => {
  const made = planned();
  const { bands } = picturesOf(made, servers);
  assert.equal(bands.length, made.theory?.bands.length);
  assert.ok(bands.length > 1);
  for (const [i, band] of bands.entries()) {
    near(band.arcs[0]?.from ?? -1, 0);
    near(band.arcs.at(-1)?.to ?? -1, 1);
    const weights = made.theory?.bands[i]?.weights ?? [];
    for (const arc of band.arcs) {
      const number = made.weights.findIndex((one) => one.serverId === arc.serverId);
      near(arc.to - arc.from, weights[number] ?? -1);
    }
  }
  near(
    bands.reduce((sum, band) => sum + (band.traffic ?? 0), 0),
    1,
  );
});

test("[PL140] a band without depth has no circle", () => {
  const few = files.slice(0, 3).map((file) => ({ ...file, sizeBytes: 1e9 }));
  const all = plan({ servers, files: few, minCopies: 1 });
  assert.ok(all.kind === "planned" && all.plan.head.length === 3);
  const { bands } = picturesOf(all.plan, servers);
  assert.deepEqual(
    bands.map(({ from, to }) => [from, to]),
    [[0, 1]],
  );
});

test("[PL141] shares sum to 1, utilisation is their quotient, and kinds go by numbers", () => {
  const made = planned();
  const pictures = picturesOf(made, servers).servers;
  for (const share of ["storageShare", "trafficShare", "throughputShare"] as const) {
    near(
      pictures.reduce((sum, server) => sum + server[share], 0),
      1,
    );
  }
  for (const one of pictures) near(one.utilisation * one.throughputShare, one.trafficShare);
  near(Math.max(...pictures.map((one) => one.utilisation)), made.predicted.maxUtilisation);
  assert.deepEqual(
    pictures.map((one) => `${one.serverId} ${one.kind}`),
    ["flash1 fast", "flash2 fast", "middle1 even", "middle2 even", "storage1 large", "storage2 large"],
  );
});

test("[PL141] servers that left since, and plans of an earlier release, have pictures too", () => {
  const { theory: _, ...old } = planned();
  const pictures = picturesOf(old, servers.slice(1));
  assert.equal(pictures.servers.length, 5);
  assert.equal(pictures.bands.length, 2);
  for (const band of pictures.bands) near(band.arcs.at(-1)?.to ?? -1, 1);
  assert.deepEqual(picturesOf(old, []).servers, []);
});

test("[PL144] what an explained server holds adds up, and says why so much", () => {
  const made = planned();
  const summary = summaryOf({ plan: made, servers, files: byId, previous: new Map() });
  for (const { id } of servers) {
    const found = explainServer({ plan: made, servers, files }, id);
    assert.ok(found !== undefined);
    const held = made.assignment.filter((file) => file.serverIds.some((one) => one === id));
    const plays = held.map((file) => byId.get(file.fileId)?.playsPerDay ?? 0);
    assert.equal(found.densest?.playsPerDay, Math.max(...plays));
    assert.equal(found.leastDense?.playsPerDay, Math.min(...plays));
    const bytes = made.predicted.servers.find((one) => one.serverId === id)?.bytes ?? -1;
    assert.equal(found.bytes, bytes);
    assert.equal(
      found.bands.reduce((sum, band) => sum + band.bytes, 0),
      bytes,
    );
    assert.equal(summary.servers.find((one) => one.serverId === id)?.fetchBytes, bytes);
    assert.match(found.because, /% of the storage and .* % of the throughput/);
  }
  assert.match(explainServer({ plan: made, servers, files }, "flash1")?.because ?? "", /few bytes/);
  assert.match(explainServer({ plan: made, servers, files }, "storage1")?.because ?? "", /many bytes/);
  assert.equal(explainServer({ plan: made, servers, files }, "nobody"), undefined);
  const useless = { id: "empty", siteId: "s", storageBytes: 0, throughputBps: 1 };
  const both = plan({ servers: [...servers, useless], files, minCopies: 1 });
  assert.ok(both.kind === "planned");
  const none = explainServer({ plan: both.plan, servers: [...servers, useless], files }, "empty");
  assert.match(none?.because ?? "", /cannot both hold and send/);
});

test("[PL144] to be fetched is what a server did not hold before; in sum it is the plan's churn", () => {
  const before = new Map(planned(1).assignment.map((file) => [file.fileId, file.serverIds.slice(0, 1)]));
  const planning = plan({
    servers,
    files,
    minCopies: 2,
    previous: { cutoff: 0.1, assignment: Object.fromEntries(before) },
  });
  assert.ok(planning.kind === "planned");
  const { servers: rows, bands } = summaryOf({
    plan: planning.plan,
    servers,
    files: byId,
    previous: before,
  });
  near(
    rows.reduce((sum, row) => sum + row.fetchBytes, 0),
    planning.plan.predicted.churnBytes,
  );
  assert.equal(
    bands.reduce((sum, row) => sum + row.files, 0),
    files.length,
  );
  near(
    bands.reduce((sum, row) => sum + row.traffic, 0),
    1,
  );
});

test("[PL148] churn is summed by UTC day, also where no plan was made, and without the first plan", () => {
  const day = 86_400_000;
  assert.deepEqual(churnDays([]), []);
  assert.deepEqual(churnDays([{ epoch: 1, createdAtMs: 5, churnBytes: 99 }]), []);
  const plans = [
    { epoch: 1, createdAtMs: 0, churnBytes: 1000 },
    { epoch: 2, createdAtMs: day - 1, churnBytes: 5 },
    { epoch: 3, createdAtMs: day, churnBytes: 7 },
    { epoch: 4, createdAtMs: 2 * day - 1, churnBytes: 11 },
    { epoch: 5, createdAtMs: 3 * day, churnBytes: 13 },
  ];
  const all = [
    { startMs: 0, plans: 1, bytes: 5 },
    { startMs: day, plans: 2, bytes: 18 },
    { startMs: 2 * day, plans: 0, bytes: 0 },
    { startMs: 3 * day, plans: 1, bytes: 13 },
  ];
  assert.deepEqual(churnDays(plans), all);
  assert.deepEqual(churnDays(plans, 2), all.slice(2));
});
