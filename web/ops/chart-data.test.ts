import assert from "node:assert/strict";
import { test } from "node:test";
import { aligned, type ChartLine, stepped, told } from "./chart-data.ts";

const line = (...points: readonly (readonly [atMs: number, value: number | null])[]): ChartLine => ({
  ...{ name: "", colour: "accent" },
  points: points.map(([atMs, value]) => ({ atMs, value })),
});

test("[WE171] lines stand on one row of moments, broken where nothing is known and nowhere else", () => {
  const two = aligned([line([0, 1], [20, 2]), line([0, 5], [10, null], [20, 6])]);
  assert.deepEqual(two.atMs, [0, 10, 20]);
  // The first has no moment 10: it goes on. The second had no data then: it breaks.
  assert.deepEqual(two.values, [
    [1, undefined, 2],
    [5, null, 6],
  ]);
  const hole = aligned([line([0, 1], [10, 2], [100, 3])], 30);
  assert.deepEqual(hole, { atMs: [0, 10, 11, 100], values: [[1, 2, null, 3]] });
  assert.deepEqual(aligned([]), { atMs: [], values: [] });
});

test("[WE171] keys walk along the moments that have a value, and stay at the ends", () => {
  const moments = told(aligned([line([0, 1], [10, null], [20, 3], [30, 4])]));
  assert.deepEqual(moments, [0, 2, 3]);
  const step = (from: number, key: string) => stepped(moments, from, key);
  assert.deepEqual([step(0, "ArrowRight"), step(3, "ArrowRight"), step(2, "ArrowLeft")], [2, 3, 0]);
  assert.deepEqual(
    [step(0, "ArrowLeft"), step(2, "Home"), step(0, "End"), step(0, "x")],
    [0, 0, 3, undefined],
  );
  assert.deepEqual(stepped([], 0, "ArrowRight"), undefined);
});
