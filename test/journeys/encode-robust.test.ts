// Long films, full disks, encoders that crash: what a night's work must survive, or name for what it is.
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import type { Bench } from "#encode/io/bench.ts";
import { runTrials, type TrialOrder } from "#encode/io/trials.ts";
import { shotsFrom } from "#encode/shots.ts";
import { ffmpeg, goodFilm, inFolder } from "./encode-films.ts";
import { options, prepare, signal } from "./encode-run.ts";

test("[EN96] a film with more keyframes than one argument holds is tried all the same", options, () =>
  inFolder(async (folder) => {
    const frames = 10_500;
    const line = `-f lavfi -i testsrc2=s=64x64:r=24 -frames:v ${frames} -c:v libx264 -preset ultrafast -bf 0 -flags +cgop`;
    await ffmpeg(folder, `${line} -pix_fmt yuv420p long.mp4`);
    const { prepared, bench } = await prepare(join(folder, "long.mp4"), join(folder, "work"));
    const { reference, key } = prepared;
    const keyframes = Array.from({ length: frames }, (_, frame) => frame);
    const order: TrialOrder = {
      ...{ codec: "h264", preset: "ultrafast", reference, referenceKey: key, frames, peakRatio: 3 },
      ...{ shots: shotsFrom([], frames), plan: { boundaries: [0], keyframes } },
      metric: { name: "ssim", model: "", pooling: "mean", displayWidth: 64, displayHeight: 64, subsample: 1 },
    };
    const point = { crf: 40, width: 64, height: 64 };
    const { trials } = await runTrials([point], order, bench, () => undefined);
    const [figure] = trials[0]?.shots ?? [];
    assert.ok(figure !== undefined && figure.bits > 0 && figure.quality > 50, JSON.stringify(figure));
  }),
);

test(
  "[EN97] AV1's intervals run side by side, each as long as its own frames allow, and none is made twice",
  options,
  () =>
    inFolder(async (folder) => {
      const { prepared, bench } = await prepare(await goodFilm(folder, "film.mp4"), join(folder, "work"));
      const shots = shotsFrom([48, 96], 144);
      // Four in a batch: three batches a point.
      const keyframes = Array.from({ length: 12 }, (_, index) => 12 * index);
      const order: TrialOrder = {
        ...{ codec: "av1", preset: "12", reference: prepared.reference, referenceKey: prepared.key },
        ...{ frames: 144, peakRatio: 3, shots, plan: { boundaries: [0], keyframes } },
        metric: {
          name: "ssim",
          model: "",
          pooling: "mean",
          displayWidth: 320,
          displayHeight: 180,
          subsample: 1,
        },
      };
      const stop = new AbortController();
      const seconds: number[] = [];
      let [now, most, encodes] = [0, 0, 0];
      const watched: Bench = {
        ...bench,
        signal: stop.signal,
        workshop: {
          ...bench.workshop,
          jobs: 2,
          run: async (work) => {
            if (!work.args.includes("libsvtav1")) return bench.workshop.run(work);
            encodes++;
            seconds.push(work.filmSeconds);
            most = Math.max(most, ++now);
            // When the third begins, the first or second is kept.
            if (encodes === 3) stop.abort(new Error("killed"));
            try {
              return await bench.workshop.run(work);
            } finally {
              now--;
            }
          },
        },
      };
      const points = [30, 45].map((crf) => ({ crf, width: 160, height: 90 }));
      await assert.rejects(
        runTrials(points, order, watched, () => undefined),
        /killed/,
      );
      assert.equal(most, 2);
      assert.ok(
        seconds.every((each) => each === 2),
        `${seconds} s of a film of 6 s`,
      );
      const before = encodes;
      const all = (await runTrials(points, order, { ...watched, signal }, () => undefined)).trials;
      const fresh = { ...bench, workDir: join(folder, "other") };
      assert.deepEqual(all, (await runTrials(points, order, fresh, () => undefined)).trials);
      assert.ok(before === 3 && encodes < 3 + 6, `${encodes} encodes, where ${before} of 6 were begun`);
    }),
);
