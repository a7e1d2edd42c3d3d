// What is held stays; what is new takes its share, and no more.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { defaultsOf } from "#config/setting.ts";
import type { FileDemand, PlacementPlan, PlacementServer } from "#model/placement.ts";
import { seededRandom } from "#units/random.ts";
import { type PlanOrder, plan, previousOf } from "./plan.ts";
import { boxes, sampleClusters, storageOf, zipfCatalogue } from "./sample.ts";
import { placeSettings } from "./settings.ts";

const settings = defaultsOf(placeSettings);

function planned(order: PlanOrder, change: Partial<typeof settings> = {}): PlacementPlan {
  const planning = plan(order, { ...settings, ...change });
  if (planning.kind === "refused") assert.fail(planning.because);
  return planning.plan;
}

/** Cluster B and more than it can hold. */
const brimful = {
  servers: sampleClusters.B,
  minCopies: 1,
  files: zipfCatalogue({
    ...{ count: 8000, exponent: 0.9, seed: 3 },
    totalBytes: 1.5 * storageOf(sampleClusters.B),
  }),
};

function shaken(files: readonly FileDemand[], by: number, seed: number): FileDemand[] {
  const random = seededRandom(seed);
  return files.map((file) => ({
    ...file,
    playsPerDay: file.playsPerDay * (1 + by * (2 * random.next() - 1)),
  }));
}

function byId(made: PlacementPlan): Map<string, PlacementPlan["assignment"][number]> {
  return new Map(made.assignment.map((file) => [file.fileId, file]));
}

test("[PL38] a file that stays stored in its band stays on its boxes, however full they are", () => {
  let before = planned(brimful);
  let stayed = 0;
  for (let night = 1; night <= 4; night++) {
    const files = shaken(brimful.files, 0.6, night);
    const made = planned({ ...brimful, files, previous: previousOf(before) });
    const had = byId(before);
    for (const { fileId, band, serverIds } of made.assignment) {
      const was = had.get(fileId);
      if (was?.band !== band || (band !== "popular" && band !== "tail")) continue;
      const weights = new Map(
        made.weights.map((one) => [`${one.serverId}`, band === "popular" ? one.alpha : one.beta]),
      );
      const [home] = was.serverIds;
      if (home === undefined || (weights.get(home) ?? 0) <= 1e-6) continue;
      assert.equal(serverIds[0], home, `${fileId} left ${home}`);
      stayed += 1;
    }
    before = made;
  }
  assert.ok(stayed > 10_000, `${stayed}`);
});

test("[PL39] a file that crossed the cutoff goes to boxes with weight there, or stays where it was", () => {
  const before = planned(brimful);
  const files = shaken(brimful.files, 0.6, 9);
  const made = planned({ ...brimful, files, previous: previousOf(before) }, { bandMarginPercent: 0 });
  const had = byId(before);
  let [moved, returned] = [0, 0];
  for (const { fileId, band, serverIds } of made.assignment) {
    const was = had.get(fileId);
    if (!((was?.band === "popular" && band === "tail") || (was?.band === "tail" && band === "popular")))
      continue;
    const first = serverIds[0] ?? "";
    const own = made.weights.find(({ serverId }) => serverId === first);
    const weight = band === "popular" ? own?.alpha : own?.beta;
    if ((weight ?? 0) > 1e-6) moved += 1;
    else if (was.serverIds.some((id) => id === first)) returned += 1;
  }
  assert.ok(moved > 5 && moved > returned, `${moved} moved, ${returned} stayed`);
});

test("[PL40] a box that comes takes its share of what is held and no more; what it does not draw stays", () => {
  const old = boxes("s", 4, 100, 10);
  const files = zipfCatalogue({ count: 5000, exponent: 0.6, totalBytes: 600e12, seed: 5 });
  const cold = { headTrafficPercent: 100 };
  const before = planned({ servers: old, files, minCopies: 1 }, cold);
  for (const told of [true, false]) {
    const previous = { ...previousOf(before), ...(told ? {} : { weights: undefined }) };
    const made = planned({ servers: boxes("s", 5, 100, 10), files, minCopies: 1, previous }, cold);
    const [had, sizes] = [byId(before), new Map(files.map((file) => [file.id, file.sizeBytes]))];
    let [moved, held] = [0, 0];
    for (const { fileId, serverIds } of made.assignment) {
      const was = had.get(fileId)?.serverIds ?? [];
      if (was.length === 0 || serverIds.length === 0) continue;
      const size = sizes.get(fileId) ?? 0;
      held += size;
      if (serverIds[0] === was[0]) continue;
      assert.equal(serverIds[0], "s5", `${fileId} went from ${was[0]} to ${serverIds[0]}`);
      moved += size;
    }
    assert.ok(moved <= held / 5 + 1 && moved > held / 6, `${moved / held} of what is held moved`);
  }
});

test("[PL41] a box that comes into a cluster with room to spare makes no old box fetch", () => {
  const files = zipfCatalogue({ count: 3000, exponent: 0.6, totalBytes: 340e12, seed: 6 });
  const cold = { headTrafficPercent: 100, headBytesPercent: 0 };
  const before = planned({ servers: boxes("s", 4, 100, 10), files, minCopies: 1 }, cold);
  const servers: readonly PlacementServer[] = boxes("s", 5, 100, 10);
  const made = planned({ servers, files, minCopies: 1, previous: previousOf(before) }, cold);
  const [had, sizes] = [byId(before), new Map(files.map((file) => [file.id, file.sizeBytes]))];
  let [fetched, onNew] = [0, 0];
  for (const { fileId, band, serverIds } of made.assignment) {
    // The head grows with the room, and all hold it.
    if (band === "head") continue;
    const was = new Set<string>(had.get(fileId)?.serverIds);
    for (const id of serverIds) {
      if (id === "s5") onNew += sizes.get(fileId) ?? 0;
      else if (!was.has(id)) fetched += sizes.get(fileId) ?? 0;
    }
  }
  assert.ok(onNew > 50e12 && fetched < 0.05 * onNew, `${fetched / 1e12} TB beside ${onNew / 1e12} TB`);
});

test("[PL42] a plan from a past moves nothing when it is made again", () => {
  const order = fc.record({
    rooms: fc.array(
      fc.record({ room: fc.integer({ min: 20, max: 200 }), rate: fc.integer({ min: 1, max: 99 }) }),
      {
        minLength: 2,
        maxLength: 6,
      },
    ),
    files: fc.array(
      fc.record({ title: fc.nat(9), size: fc.integer({ min: 1, max: 30 }), plays: fc.nat(999) }),
      {
        maxLength: 60,
      },
    ),
    minCopies: fc.constant(1),
    seed: fc.nat(1000),
  });
  fc.assert(
    fc.property(order, ({ rooms, files, minCopies, seed }) => {
      const servers = rooms.map(({ room, rate }, i): PlacementServer => {
        return { id: `s${i}`, siteId: "site", storageBytes: room * 1e6, throughputBps: rate * 1e6 };
      });
      const list = files.map(({ title, size, plays }, i): FileDemand => {
        return { id: `f${i}`, titleId: `t${title}`, sizeBytes: size * 1e6, playsPerDay: plays + 1 };
      });
      const first = planned({ servers: servers.slice(1), files: list, minCopies });
      const today = { servers, files: shaken(list, 0.9, seed), minCopies };
      const second = planned({ ...today, previous: previousOf(first) });
      const third = planned({ ...today, previous: previousOf(second) });
      assert.equal(third.predicted.churnBytes, 0);
    }),
    { numRuns: 120, seed: 42 },
  );
});
