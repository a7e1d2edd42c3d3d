import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { PieceAt } from "#wire/job-spec.ts";
import { grouped } from "./job-results.ts";

function batch(name: number, frames: number): PieceAt[] {
  const order = { codec: "h264" as const, preset: "veryfast", width: 1920, height: 1080, crf: 20 };
  const rest = { startFrame: 0, frames, peak: 0, timescale: 24, keyframes: [0] };
  return [{ name: `pieces/${name}.mp4`, order: { ...order, ...rest } }];
}

test("[CO241] pieces become jobs in their order, none empty, none forgotten, enough for the workers and none too long", () => {
  const frames = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(frames, fc.integer({ min: 1, max: 50 }), (lengths, workers) => {
      const batches = lengths.map((length, n) => batch(n, length));
      const jobs = grouped(batches, workers);
      assert.deepEqual(jobs.flat(), batches);
      assert.ok(jobs.every((job) => job.length > 0));
      const work = (list: PieceAt[][]): number =>
        list.flat().reduce((sum, { order }) => sum + order.width * order.height * order.frames, 0);
      const longest = Math.max(...batches.map((one) => work([one])));
      for (const job of jobs) assert.ok(work(job) < 3e9 + longest);
      // Every job but the last has at least its share, or is worth its while.
      const share = Math.max(1e8, Math.min(3e9, work(batches) / workers));
      for (const job of jobs.slice(0, -1)) assert.ok(work(job) >= share && work(job) < share + longest);
    }),
    { seed: 241 },
  );
});
