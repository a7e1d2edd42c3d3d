import assert from "node:assert/strict";
import { test } from "node:test";
import { sizeAt } from "./size.ts";
import { trialBatches } from "./trial-batches.ts";
import { type GridName, gridPoints } from "./trial-grid.ts";

const display = sizeAt({ width: 1920, height: 1080 }, 540);
const minute = 1500;

function points(grid: GridName, of = display) {
  return gridPoints(of, { codec: "h264", effort: "standard", grid });
}

/** "540 18 22 30" for each batch, in their order. */
function divided(grid: GridName, workers: number, frames = minute, of = display): readonly string[] {
  const batches = trialBatches(points(grid, of), { workers, display: of, frames });
  return batches.map((batch) => [batch[0]?.height, ...batch.map(({ crf }) => crf)].join(" "));
}

test("[EN140] trials of one size are made together as long as there are two batches for each worker", () => {
  assert.deepEqual(divided("12", 2), ["540 18 22 30", "406 22 26 34", "270 22 30 38", "194 30 34 42"]);
  assert.equal(divided("12", 1).length, 4, "one size in each");
  assert.equal(divided("12", 3).length, 8);
  for (const workers of [4, 6, 12, 256]) assert.equal(divided("12", workers).length, 12);
  assert.deepEqual(trialBatches([], { workers: 2, display, frames: minute }), []);
});

test("[EN140] batches of a size are even, and the larger pictures come first", () => {
  const given = points("9").toReversed();
  const batches = trialBatches(given, { workers: 2, display, frames: minute });
  assert.deepEqual(
    batches.map((batch) => [batch[0]?.height, batch.length]),
    [540, 270, 194].flatMap((height) => [
      [height, 2],
      [height, 1],
    ]),
  );
});

test("[EN140] law: each point is in one batch, with others of its size only, and no worker is left without", () => {
  for (const grid of ["8", "9", "12", "16", "28"] as const) {
    for (let workers = 1; workers < 32; workers++) {
      const all = points(grid);
      const batches = trialBatches(all, { workers, display, frames: minute });
      assert.deepEqual(new Set(batches.flat()), new Set(all));
      assert.equal(batches.flat().length, all.length);
      for (const batch of batches) assert.equal(new Set(batch.map(({ height }) => height)).size, 1);
      assert.ok(batches.length >= Math.min(all.length, 2 * workers), `${grid}, ${workers}`);
    }
  }
});

test("[EN141] a long film and a large picture are tried one by one", () => {
  const most = (height: number, seconds: number): number => {
    const of = sizeAt({ width: 1920, height: 1080 }, height);
    const facts = { workers: 1, display: of, frames: 25 * seconds };
    return Math.max(...trialBatches(points("12", of), facts).map((batch) => batch.length));
  };
  assert.deepEqual([most(540, 450), most(540, 480), most(540, 720)], [3, 2, 1]);
  assert.deepEqual([most(1080, 60), most(1080, 180)], [3, 1]);
  assert.equal(most(2160, 1), 1);
});

test("[EN141] many trials of a tiny picture are eight in a batch at the most", () => {
  const tiny = { width: 64, height: 36 };
  const many = Array.from({ length: 40 }, (_, crf) => ({ ...tiny, crf }));
  const batches = trialBatches(many, { workers: 1, display: tiny, frames: minute });
  assert.deepEqual(
    batches.map((batch) => batch.length),
    [8, 8, 8, 8, 8],
  );
});
