// The engine beside a plain one: the same rules written with objects, full sorts and no shortcut.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { defaultsOf } from "#config/setting.ts";
import type { PlacementServer } from "#model/placement.ts";
import { allocate } from "./allocation.ts";
import { hashColumn, usableBoxes } from "./columns.ts";
import { copiesFor } from "./copies.ts";
import { popularityCurve } from "./curve.ts";
import { densityOrder } from "./density.ts";
import { asked, lotsOf, mixed, placed } from "./draw.ts";
import { planColumns } from "./engine.ts";
import { columnsOfFiles, type PlanOrder, plan } from "./plan.ts";
import { placeSettings } from "./settings.ts";
import { normalised, shareOut, trafficTargets } from "./shares.ts";

const MB = 1e6;
const settings = defaultsOf(placeSettings);

interface PlainFile {
  readonly id: string;
  readonly size: number;
  readonly plays: number;
  readonly traffic: number;
  readonly title: readonly [number, number];
  hot: number;
  copies: number;
  band: number;
  readonly holders: string[];
}

/** Holders of every file, and its band, for an order without a previous plan and without spare room. */
function plainPlan(
  order: PlanOrder,
): Map<string, { readonly band: number; readonly holders: readonly string[] }> {
  const boxes = usableBoxes(order.servers, settings.headroomPercent);
  const columns = columnsOfFiles(order.files);
  const rooms = Array.from(boxes.room);
  const [largest, smallest] = [Math.max(...rooms), Math.min(...rooms)];
  const files = Array.from(densityOrder(columns.playsPerDay, columns), (i): PlainFile => {
    const { id = "", sizeBytes: size = 0, playsPerDay: plays = 0 } = order.files[i] ?? {};
    const title = [columns.titleHash[2 * i] ?? 0, columns.titleHash[2 * i + 1] ?? 0] as const;
    return { id, size, plays, traffic: plays * size, title, hot: 1, copies: 1, band: 0, holders: [] };
  });
  const able = files.filter((file) => file.size <= largest);
  const throughput = Array.from(boxes.throughput);
  const bound = 0.01 * (Math.min(...throughput) / sum(throughput)) * sum(able.map((file) => file.traffic));
  let headBytes = 0;
  const head = able.filter((file) => {
    if (file.traffic <= bound || headBytes + file.size > 0.05 * smallest) return false;
    headBytes += file.size;
    return true;
  });
  const rest = able.filter((file) => !head.includes(file));
  giveHotCopies(rest, bound, rooms, 0.05 * smallest - headBytes, boxes.count);
  const room = rooms.map((bytes) => bytes - headBytes);
  placeRest(order, rest, room, { boxes, headTraffic: sum(head.map((file) => file.traffic)) });
  for (const file of head) file.holders.push(...boxes.ids);
  return new Map(
    files.map((file) => {
      const band = head.includes(file) ? 1 : file.holders.length > 0 ? 2 + file.band : 0;
      return [file.id, { band, holders: file.holders }];
    }),
  );
}

function giveHotCopies(
  rest: PlainFile[],
  bound: number,
  rooms: readonly number[],
  left: number,
  boxes: number,
): void {
  const hot = rest.filter((file) => file.traffic > bound);
  if (bound <= 0) return;
  const budget = left * boxes + (settings.copyBytesPercent / 100) * sum(rooms);
  const extra = (theta: number): number =>
    sum(hot.map((file) => (copiesFor(file.traffic, theta, boxes) - 1) * file.size));
  let theta = bound;
  while (extra(theta) > budget) theta *= Math.SQRT2;
  for (const file of hot) file.hot = copiesFor(file.traffic, theta, boxes);
}

function placeRest(
  order: PlanOrder,
  rest: readonly PlainFile[],
  room: number[],
  fixed: { readonly boxes: ReturnType<typeof usableBoxes>; readonly headTraffic: number },
): void {
  const { boxes, headTraffic } = fixed;
  let left = sum(room);
  const admitted = rest.filter((file) => {
    if (file.size > Math.max(...room) || file.size > left) return false;
    left -= Math.min(left, file.size * file.hot);
    return true;
  });
  if (admitted.length === 0) return;
  const needed = (copies: number): number =>
    sum(admitted.map((file) => file.size * Math.max(file.hot, copies)));
  const usable = sum(room.map((part) => Math.min(part, needed(1))));
  const fitting = [3, 2, 1].filter(
    (k) => k <= order.minCopies && k <= room.filter((part) => part > 0).length,
  );
  const usual = fitting.find((copies) => needed(copies) <= usable) ?? 1;
  for (const file of admitted) file.copies = Math.max(usual, file.hot);
  const stored = admitted.toSorted((a, b) => b.plays / b.copies - a.plays / a.copies);
  const storage = normalised(shareOut(1, room, 1 / usual));
  const traffic = sum(admitted.map((file) => file.traffic));
  const allocation = allocate({
    curve: popularityCurve(
      stored.map((file) => ({ sizeBytes: file.size * file.copies, traffic: file.traffic })),
    ),
    storage,
    targets: trafficTargets({
      storage,
      throughput: normalised(Array.from(boxes.throughput)),
      headTraffic: headTraffic / (headTraffic + traffic),
      carry: 0.97,
    }),
    habit: { cutoff: undefined, factor: 1.1 },
  });
  let above = 0;
  const total = needed(usual);
  for (const file of stored) {
    const depth = (above + (file.size * file.copies) / 2) / total;
    above += file.size * file.copies;
    file.band = allocation.edges.slice(1, -1).filter((edge) => depth > edge).length;
  }
  const wishes = admitted.map((file) => {
    const lots = lotsOf(boxes, allocation.weights[file.band] ?? [], file.copies);
    const asks = (box: number): number => {
      const drawn = mixed(...file.title, boxes.hash[2 * box] ?? 0, boxes.hash[2 * box + 1] ?? 0);
      const price = lots.priceOf[box] ?? Number.POSITIVE_INFINITY;
      return price === Number.POSITIVE_INFINITY
        ? Number.MAX_VALUE * placed(drawn)
        : asked(lots, price, drawn);
    };
    const preference = boxes.ids.map((_, box) => box).sort((a, b) => asks(a) - asks(b) || a - b);
    return { file, preference };
  });
  const pass = (copies: (file: PlainFile) => number): void => {
    for (const { file, preference } of wishes) {
      for (const box of preference) {
        const id = boxes.ids[box] ?? "";
        if (file.holders.length >= copies(file)) break;
        if (file.holders.includes(id) || (room[box] ?? 0) < file.size) continue;
        room[box] = (room[box] ?? 0) - file.size;
        file.holders.push(id);
      }
    }
  };
  pass((file) => file.hot);
  for (let copies = 2; copies <= Math.min(order.minCopies, boxes.count); copies++) {
    pass((file) => (file.holders.length > 0 ? copies : 0));
  }
  pass((file) => (file.holders.length > 0 ? boxes.count : 0));
}

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}

const anyTight = fc
  .record({
    servers: fc.array(
      fc.record({ megabytes: fc.integer({ min: 20, max: 200 }), megabits: fc.integer({ min: 1, max: 100 }) }),
      {
        minLength: 2,
        maxLength: 7,
      },
    ),
    files: fc.array(
      fc.record({ title: fc.nat(12), size: fc.integer({ min: 1, max: 30 }), plays: fc.nat(1000) }),
      {
        minLength: 1,
        maxLength: 120,
      },
    ),
    minCopies: fc.integer({ min: 1, max: 3 }),
  })
  .map(({ servers, files, minCopies }) => ({
    servers: servers.map(
      ({ megabytes, megabits }, i): PlacementServer => ({
        id: `s${i}`,
        siteId: "site",
        storageBytes: megabytes * MB,
        throughputBps: megabits * MB,
      }),
    ),
    files: files.map(({ title, size, plays }, i) => ({
      id: `f${i}`,
      titleId: `t${title}`,
      sizeBytes: size * MB,
      playsPerDay: plays + 1,
    })),
    minCopies,
  }));

test("[PL25] the engine plans what a plain one plans, file by file", () => {
  let compared = 0;
  fc.assert(
    fc.property(anyTight, (order) => {
      const files = columnsOfFiles(order.files);
      const made = planColumns({ ...order, files });
      if (made.kind === "refused") assert.fail(made.because);
      // A head grown into spare room is another rule, held by [PL14].
      const room = sum(order.servers.map((server) => server.storageBytes)) * 0.97 * 0.9;
      fc.pre(
        sum(order.files.map((file) => file.sizeBytes)) * Math.min(order.minCopies, order.servers.length) >
          room,
      );
      const expected = plainPlan(order);
      compared += 1;
      order.files.forEach((file, i) => {
        const { band, starts, boxes, everywhere } = made.plan;
        const numbers = band[i] === 1 ? everywhere : boxes.subarray(starts[i], starts[i + 1]);
        const holders = Array.from(numbers, (number) => order.servers[number]?.id);
        assert.deepEqual({ band: band[i], holders }, expected.get(file.id), file.id);
      });
    }),
    { numRuns: 150, seed: 51 },
  );
  assert.ok(compared > 50, `${compared} orders were tight enough to compare`);
});

test("[PL25] objects and columns give one plan, and its sentences are made when asked for", () => {
  fc.assert(
    fc.property(anyTight, (order) => {
      const objects = plan(order);
      const columns = planColumns({ ...order, files: columnsOfFiles(order.files) });
      if (objects.kind === "refused" || columns.kind === "refused") assert.fail();
      const { assignment, head: _, ...summary } = objects.plan;
      assert.deepEqual(summary, columns.plan.summary);
      assert.deepEqual(
        assignment.map((file) => file.because),
        Array.from(columns.plan.densest, columns.plan.because),
      );
    }),
    { numRuns: 30, seed: 52 },
  );
});

test("[PL25] columns of unequal length and numbers that are none are refused", () => {
  const files = columnsOfFiles([{ id: "f", titleId: "t", sizeBytes: 1, playsPerDay: 1 }]);
  const servers = [{ id: "a", siteId: "s", storageBytes: 10, throughputBps: 1 }];
  const refusal = (change: Partial<typeof files>): string => {
    const made = planColumns({ servers, files: { ...files, ...change }, minCopies: 1 });
    return made.kind === "refused" ? made.because : "planned";
  };
  assert.equal(refusal({}), "planned");
  assert.equal(refusal({ sizeBytes: Float64Array.of(-1) }), "file number 0: sizeBytes is -1");
  assert.equal(refusal({ playsPerDay: new Float64Array(0) }), "file number 0: playsPerDay is NaN");
  assert.match(refusal({ titleHash: new Uint32Array(0) }), /1 files have 0 title hashes/);
  const twice = { count: 2, sizeBytes: Float64Array.of(1, 1), playsPerDay: Float64Array.of(1, 1) };
  const hashes = { titleHash: new Uint32Array(4), fileHash: new Uint32Array(4) };
  assert.equal(refusal({ ...twice, ...hashes }), "two files have the same hash");
});

test("[PL25] files are ordered as a plain sort orders them, many equals among them", () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.nat(3), fc.double({ min: 0, max: 1e18, noNaN: true })), { maxLength: 200 }),
      (list) => {
        const plays = Float64Array.from(list, (value) => value + 0);
        const fileHash = hashColumn(
          list.map((_, i) => `f${i}`),
          list.length,
        );
        const titleHash = hashColumn(
          list.map((_, i) => `t${i % 7}`),
          list.length,
        );
        const found = densityOrder(plays, {
          count: list.length,
          sizeBytes: plays,
          playsPerDay: plays,
          titleHash,
          fileHash,
        });
        const key = (i: number): number[] => [
          -(plays[i] ?? 0),
          ...titleHash.subarray(2 * i, 2 * i + 2),
          ...fileHash.subarray(2 * i, 2 * i + 2),
        ];
        const plain = list
          .map((_, i) => i)
          .sort(
            (a, b) =>
              key(a)
                .map((v, k) => v - (key(b)[k] ?? 0))
                .find((d) => d !== 0) ?? 0,
          );
        assert.deepEqual(Array.from(found), plain);
      },
    ),
    { seed: 53 },
  );
});
