// Readings become points: rates, gauges, distributions, bounds.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { valueAt } from "./blocks.ts";
import type { CounterFigure, DistributionFigure, Figure, GaugeFigure } from "./figure.ts";
import { firstReading, nextReading, type Rate } from "./rate.ts";
import { SeriesStore } from "./store.ts";

const step = 60_000;
/** A boundary of steps and of blocks. */
const noon = 1_800_000_000_000 - (1_800_000_000_000 % (step * 60));
const limits = { stepMs: step, keptBlocks: 2, perName: 3, most: 5 };

const counter = (name: string, total: number, labels: Record<string, string> = {}): CounterFigure => ({
  ...{ kind: "counter", name, unit: "plays", sentence: "" },
  ...{ labels: new Map(Object.entries(labels)), total },
});
const gauge = (name: string, value: number, labels: Record<string, string> = {}): GaugeFigure => ({
  ...{ kind: "gauge", name, unit: "plays", sentence: "" },
  ...{ labels: new Map(Object.entries(labels)), value },
});

const stored = (more: Partial<typeof limits> = {}): SeriesStore => new SeriesStore({ ...limits, ...more });

/** The value of the only series with this name, at minutes after noon. */
function at(store: SeriesStore, name: string, minute: number): number {
  const found = store.select({ kind: "eq", tag: "name", value: name });
  return found[0] === undefined ? Number.NaN : valueAt(found[0].blocks, noon / step + minute);
}

function rates(
  readings: readonly (readonly [atMs: number, total: number])[],
): readonly (readonly number[])[] {
  let rate: Rate | undefined;
  return readings.flatMap(([atMs, total]) => {
    if (rate === undefined) {
      rate = firstReading(atMs, total);
      return [];
    }
    const next = nextReading(rate, { atMs, total }, step);
    rate = next.rate;
    return next.points.map((point) => [point.atMs, point.value]);
  });
}

test("[SE1] rates of 4, 2, 8 and 6 that are read half a step late come to 3, 5, 7", () => {
  const late = [0.5, 1.5, 2.5, 3.5, 4.5];
  const totals = [0, 4 * 60, 6 * 60, 14 * 60, 20 * 60];
  const points = rates(late.map((minutes, index) => [noon + minutes * step, totals[index] ?? 0]));
  assert.deepEqual(points, [
    [noon + 2 * step, 3],
    [noon + 3 * step, 5],
    [noon + 4 * step, 7],
  ]);
});

test("[SE2] whole steps add up to what was counted, however the readings are spread", () => {
  const seed = 20_260_101;
  const gaps = fc.array(fc.tuple(fc.integer({ min: 1, max: 2 * step }), fc.nat(1000)), { minLength: 2 });
  fc.assert(
    fc.property(gaps, (given) => {
      let [atMs, total] = [noon, 0];
      const readings: [number, number][] = [[atMs, total]];
      for (const [gapMs, more] of given) {
        [atMs, total] = [atMs + gapMs, total + more];
        readings.push([atMs, total]);
      }
      const end = Math.ceil(atMs / step) * step;
      readings.push([end, total]);
      const sum = rates(readings).reduce((all, [, value = 0]) => all + value * (step / 1000), 0);
      assert.ok(Math.abs(sum - total) < 1e-6 * Math.max(1, total), `${sum} ${total}`);
    }),
    { seed },
  );
});

test("[SE3] a gauge is its last value before the boundary, or just after it", () => {
  const store = stored();
  const read = (seconds: number, value: number): void =>
    store.take([gauge("g", value)], noon + seconds * 1000);
  read(10, 1);
  read(50, 2);
  read(62, 3);
  read(64, 4);
  assert.deepEqual(
    [1, 2].map((minute) => at(store, "g", minute)),
    [3, 4],
  );
});

test("[SE4] a counter that falls began anew; silence and a clock set back break the line", () => {
  const store = stored();
  const take = (minute: number, total: number): void =>
    store.take([counter("c", total)], noon + minute * step);
  for (const [minute, total] of [
    [0, 600],
    [1, 660],
    [2, 60],
    [5, 120],
    [6, 180],
    [4, 240],
    [5, 300],
  ] as const) {
    take(minute, total);
  }
  const seen = [1, 2, 3, 4, 5, 6].map((minute) => at(store, "c", minute));
  assert.deepEqual(seen, [1, 1, Number.NaN, Number.NaN, 1, 1]);
});

test("[SE5] the first event of a counter that appears is in its first point; before the first reading nothing is known", () => {
  const store = stored();
  store.take([], noon + 5);
  store.take([counter("early", 30)], noon + step / 2);
  store.take([counter("early", 60)], noon + step + 5);
  store.take([counter("early", 60), counter("late", 6)], noon + 2 * step + 7);
  store.take([counter("early", 60), counter("late", 6)], noon + 3 * step);
  assert.ok(Number.isNaN(at(store, "early", 1)), "the step was not read from its beginning");
  const [early, late] = [at(store, "early", 2), at(store, "late", 2)];
  assert.ok(Math.abs(early) < 1e-3 && Math.abs(late - 0.1) < 1e-4, `${early} ${late}`);
});

test("[SE6] a distribution is a count, a total, a max, and its buckets that were hit with their lower neighbour", () => {
  const store = stored({ perName: 20, most: 20 });
  const figure = (counts: readonly number[], max: number | undefined): DistributionFigure => ({
    ...{
      kind: "distribution",
      name: "d",
      unit: "s",
      sentence: "",
      labels: new Map(),
      bounds: [1, 2, 4],
      counts,
    },
    ...{ count: counts.reduce((a, b) => a + b, 0), sum: 90, max },
  });
  store.take([figure([0, 0, 60, 0], undefined)], noon);
  store.take([figure([0, 0, 120, 0], 3.5)], noon + step);
  const tags = store.select({ kind: "true" }).map((series) => [...series.tags].slice(1).flat().join(" "));
  assert.deepEqual(tags.toSorted(), [
    "statistic count",
    "statistic max",
    "statistic percentile le 2",
    "statistic percentile le 4",
    "statistic totalTime",
  ]);
});

test("[SE7] what is beyond the caps is counted, and what is old makes room", () => {
  const store = stored();
  const many = (name: string, count: number): readonly Figure[] =>
    Array.from({ length: count }, (_, index) => gauge(name, 1, { n: String(index) }));
  store.take([...many("a", 5), ...many("b", 1)], noon);
  assert.deepEqual([store.size, store.overflow], [4, 2]);
  store.take([...many("b", 3)], noon + step);
  assert.deepEqual([store.size, store.overflow], [5, 3]);
  store.take([gauge("c", 1)], noon + 61 * step);
  assert.equal(store.overflow, 4, "nothing is old yet");
  for (const hours of [3, 4]) store.take([gauge("c", 1)], noon + hours * 60 * step);
  assert.deepEqual([store.size, at(store, "c", 240)], [1, 1]);
});
