// What a change of one thing may change in a plan: scales, a server that goes, a file that is played more, a day's drift.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { defaultsOf } from "#config/setting.ts";
import type { PlacedFile, PlacementPlan, PlacementServer } from "#model/placement.ts";
import { seededRandom } from "#units/random.ts";
import { type PlanOrder, plan, previousOf } from "./plan.ts";
import { boxes, zipfCatalogue } from "./sample.ts";
import { placeSettings } from "./settings.ts";

const settings = defaultsOf(placeSettings);
const seed = 20261126;

function planned(order: PlanOrder, change: Partial<typeof settings> = {}): PlacementPlan {
  const planning = plan(order, { ...settings, ...change });
  if (planning.kind === "refused") assert.fail(planning.because);
  return planning.plan;
}

const anyServers = fc
  .array(fc.record({ storage: fc.integer({ min: 5, max: 200 }), speed: fc.integer({ min: 5, max: 100 }) }), {
    minLength: 2,
    maxLength: 7,
  })
  .map((list) =>
    list.map(({ storage, speed }, i): PlacementServer => {
      return { id: `s${i}`, siteId: "x", storageBytes: storage * 1e9, throughputBps: speed * 1e9 };
    }),
  );

/** A cluster, and a catalogue that fills a part of it. */
const anyOrder = fc
  .record({
    servers: anyServers,
    part: fc.constantFrom(0.3, 0.7, 0.95, 1.2),
    exponent: fc.constantFrom(0.6, 0.9, 1.2),
    catalogue: fc.nat(1000),
    minCopies: fc.integer({ min: 1, max: 2 }),
  })
  .map(({ servers, part, exponent, catalogue, minCopies }): PlanOrder => {
    const totalBytes = part * servers.reduce((sum, one) => sum + one.storageBytes, 0);
    return {
      servers,
      minCopies,
      files: zipfCatalogue({ count: 300, exponent, totalBytes, seed: catalogue }),
    };
  });

test("[PL45] over all bands a server's weights are its part of the room below the head, and of traffic its target", () => {
  let unrelaxed = 0;
  fc.assert(
    fc.property(anyOrder, (order) => {
      const made = planned(order);
      const { theory, head, weights, lambda } = made;
      assert.ok(theory !== undefined);
      const size = new Map(order.files.map((file) => [file.id, file.sizeBytes]));
      const headBytes = head.reduce((sum, id) => sum + (size.get(id) ?? 0), 0);
      const room = new Map(
        order.servers.map((one) => [one.id, Math.max(0, 0.97 * one.storageBytes - headBytes)]),
      );
      const below = made.assignment.filter((file) => file.band === "popular" || file.band === "tail");
      const wholes = below.every((file) => file.drawn?.copies === 1);
      if (below.length === 0 || !wholes) return;
      const allRoom = [...room.values()].reduce((a, b) => a + b, 0);
      const shareAt = (depth: number): number =>
        theory.curve.find((point) => point.depth === depth)?.share ?? Number.NaN;
      const traffic = trafficBy(order, made);
      const headPart = traffic.head / (traffic.head + traffic.below);
      const throughput = order.servers.reduce((sum, one) => sum + one.throughputBps, 0);
      let all = 0;
      weights.forEach(({ serverId }, i) => {
        const over = (of: (band: { from: number; to: number }) => number): number =>
          theory.bands.reduce((sum, band) => sum + (band.weights[i] ?? 0) * of(band), 0);
        const [bytes, sent] = [
          over(({ from, to }) => to - from),
          over(({ from, to }) => shareAt(to) - shareAt(from)),
        ];
        const own = (room.get(serverId) ?? 0) / allRoom;
        assert.ok(Math.abs(bytes - own) < (theory.bands.length > 2 ? 1e-6 : 1e-9), `${bytes} is not ${own}`);
        all += sent;
        if (lambda > 0 || theory.method !== "two-bands") return;
        unrelaxed += 1;
        const server = order.servers.find((one) => one.id === serverId);
        const fair = (server?.throughputBps ?? 0) / throughput;
        // What a server is to send is at most what it carries, or where all are at their limit its part of throughput.
        const cap = Math.max(fair, (fair * settings.carryPercent) / 100 / Math.max(1e-9, 1 - headPart));
        assert.ok(sent <= cap + 1e-9, `${serverId} is to send ${sent}, at most ${cap}`);
      });
      assert.ok(Math.abs(all - 1) < 1e-6, `${all}`);
    }),
    { seed, numRuns: 120 },
  );
  assert.ok(unrelaxed > 20, `${unrelaxed} servers without relaxation`);
});

function trafficBy({ files }: PlanOrder, made: PlacementPlan): { head: number; below: number } {
  const traffic = new Map(files.map((file) => [file.id, file.sizeBytes * file.playsPerDay]));
  const of = (head: boolean): number =>
    made.assignment
      .filter((file) => file.band !== "hole" && (file.band === "head") === head)
      .reduce((sum, file) => sum + (traffic.get(file.fileId) ?? 0), 0);
  return { head: of(true), below: of(false) };
}

test("[PL46] all throughput, all demand, or all storage and sizes times two to the k: the same weights, the same boxes", () => {
  fc.assert(
    fc.property(anyOrder, fc.integer({ min: -6, max: 6 }), (order, power) => {
      const by = 2 ** power;
      const plain = planned(order);
      const faster = order.servers.map((one) => ({ ...one, throughputBps: one.throughputBps * by }));
      const busier = order.files.map((one) => ({ ...one, playsPerDay: one.playsPerDay * by }));
      const larger = {
        servers: order.servers.map((one) => ({ ...one, storageBytes: one.storageBytes * by })),
        files: order.files.map((one) => ({ ...one, sizeBytes: one.sizeBytes * by })),
      };
      for (const change of [{ servers: faster }, { files: busier }, larger]) {
        const scaled = planned({ ...order, ...change });
        assert.deepEqual(scaled.weights, plain.weights);
        assert.equal(scaled.cutoff, plain.cutoff);
        assert.deepEqual(holdersOf(scaled), holdersOf(plain));
      }
    }),
    { seed, numRuns: 40 },
  );
});

function holdersOf(made: PlacementPlan): (readonly [string, readonly string[]])[] {
  return made.assignment.map((file) => [file.fileId, file.serverIds] as const);
}

test("[PL47] a server that goes moves only what it held, where the others' weights grow alike and nothing spills", () => {
  const cold = { headTrafficPercent: 100 };
  let checked = 0;
  fc.assert(
    fc.property(
      fc.integer({ min: 3, max: 12 }),
      fc.nat(11),
      fc.constantFrom(0.4, 0.7, 0.9, 0.95),
      fc.nat(1000),
      (count, which, part, catalogue) => {
        const servers = boxes("s", count, 10, 10);
        const gone = servers[which % count];
        const left = servers.filter((one) => one !== gone);
        const totalBytes = part * 10e12 * left.length;
        const files = zipfCatalogue({ count: 900, exponent: 0.6, totalBytes, seed: catalogue });
        const order = { servers, files, minCopies: 1 };
        const before = planned(order, cold);
        const after = planned({ ...order, servers: left, previous: previousOf(before) }, cold);
        const was = new Map(before.assignment.map((one) => [one.fileId, one]));
        for (const one of after.assignment) {
          const old = was.get(one.fileId);
          const [first, now] = [old?.serverIds[0], one.serverIds[0]];
          if (old?.band === "head" || one.band === "head" || first === gone?.id) continue;
          if (/preferred/.test(`${old?.because}${one.because}`)) continue;
          assert.equal(now, first, `${one.fileId} moved although ${gone?.id} did not hold it first`);
          checked += 1;
        }
      },
    ),
    { seed, numRuns: 30 },
  );
  assert.ok(checked > 5000, `${checked} files`);
});

test("[PL48] with the cutoff held, more plays of any file that is not hot never lower its band or its copies", () => {
  const servers = [...boxes("flash", 2, 60, 100), ...boxes("storage", 2, 200, 60)];
  const files = zipfCatalogue({ count: 1500, exponent: 0.8, totalBytes: 500e12, seed: 3 });
  const order = { servers, files, minCopies: 1 };
  const before = planned(order);
  const previous = { ...previousOf(before), bands: undefined };
  const rank: Readonly<Record<PlacedFile["band"], number>> = { hole: 0, tail: 1, popular: 2, head: 3 };
  let raisedBand = 0;
  fc.assert(
    fc.property(
      fc.integer({ min: 20, max: 1499 }),
      fc.double({ min: 1, max: 6, noNaN: true }),
      (i, factor) => {
        const id = `file-${i}`;
        const raised = files.map((one) =>
          one.id === id ? { ...one, playsPerDay: one.playsPerDay * factor } : one,
        );
        const after = planned({ ...order, files: raised, previous }, { cutoffHoldPercent: 100 });
        if (after.cutoff !== before.cutoff) return;
        const [old, now] = [before, after].map((made) => made.assignment.find((one) => one.fileId === id));
        assert.ok(old !== undefined && now !== undefined);
        assert.ok(rank[now.band] >= rank[old.band], `${id} × ${factor}: ${old.band} to ${now.band}`);
        assert.ok(now.serverIds.length >= old.serverIds.length, `${id} × ${factor}`);
        if (rank[now.band] > rank[old.band]) raisedBand += 1;
      },
    ),
    { seed, numRuns: 80 },
  );
  assert.ok(raisedBand > 3, `${raisedBand} of 80 changed bands`);
});

test("[PL49] among three bands or more, too, a file near an edge stays in the band it was drawn in", () => {
  const servers = [
    ...boxes("flash", 2, 18, 100),
    ...boxes("middle", 2, 100, 90),
    ...boxes("storage", 2, 200, 40),
  ];
  const files = zipfCatalogue({ count: 3000, exponent: 0.8, totalBytes: 380e12, seed: 3 });
  const before = planned({ servers, files, minCopies: 2 });
  assert.equal(before.theory?.bands.length, 3);
  const random = seededRandom(5);
  const today = files.map((file) => ({
    ...file,
    playsPerDay: file.playsPerDay * (1 + 0.06 * (2 * random.next() - 1)),
  }));
  const told = previousOf(before);
  const after = planned({ servers, files: today, minCopies: 2, previous: told });
  const forgot = planned({ servers, files: today, minCopies: 2, previous: { ...told, drawnIn: undefined } });
  const was = new Map(before.assignment.map((one) => [one.fileId, one.drawn?.band]));
  const stayed = after.assignment.filter((one) => one.drawn?.stayed === true);
  assert.ok(stayed.length > 10, `${stayed.length} stayed`);
  for (const one of stayed) assert.equal(one.drawn?.band, was.get(one.fileId));
  assert.ok(after.predicted.churnBytes < 0.8 * forgot.predicted.churnBytes);
});
