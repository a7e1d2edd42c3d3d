// Long films, full disks, encoders that crash: what a night's work must survive, or name for what it is.
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { runTrials, type TrialOrder } from "#encode/io/trials.ts";
import { shotsFrom } from "#encode/shots.ts";
import { ffmpeg, inFolder } from "./encode-films.ts";
import { options, prepare } from "./encode-run.ts";

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
