// How long trials will take on this machine, from a short one; and the largest grid that a budget pays for.
import { pieceArgs } from "#encode/argv-video.ts";
import { timescaleOf } from "#encode/frame-rate.ts";
import { type GridName, gridNames, gridWork, type TrialGrid } from "#encode/trial-grid.ts";
import type { Bench } from "./bench.ts";
import { measure } from "./measure.ts";
import type { TrialOrder } from "./trials.ts";
import { withScratch } from "./workshop.ts";

/** From the middle of the film: its beginning is often black. */
const sampleSeconds = 2;

/**
 * The largest grid whose estimate fits, or the smallest there is.
 *
 * seconds ≈ (pixels · encode + points · score) · frames ÷ jobs, encode per pixel and score per picture both as measured
 */
export async function gridWithin(
  budgetSeconds: number,
  draft: TrialGrid,
  order: TrialOrder,
  bench: Bench,
): Promise<GridName> {
  const cost = await costPerFrame(draft, order, bench);
  const estimate = (name: GridName): number => {
    const { points, pixels } = gridWork(name, draft);
    return ((pixels * cost.encodePixel + points * cost.score) * order.frames) / bench.workshop.jobs;
  };
  return gridNames.findLast((name) => estimate(name) <= budgetSeconds) ?? gridNames[0];
}

async function costPerFrame(
  { points, sizes: [top], codec, preset }: TrialGrid,
  order: TrialOrder,
  bench: Bench,
): Promise<{ readonly encodePixel: number; readonly score: number }> {
  const { reference } = order;
  const { rate } = reference;
  const frames = Math.min(order.frames, Math.ceil((sampleSeconds * rate.num) / rate.den));
  const startFrame = Math.floor((order.frames - frames) / 2);
  const size = top ?? reference.display;
  const crf = points[1]?.crf ?? points[0]?.crf ?? 0;
  const about = { codec, preset, crf, ...size, startFrame, frames, peak: 0, keyframes: [startFrame] };
  const args = pieceArgs(reference, { ...about, timescale: timescaleOf(rate).timescale }, "sample.mp4");
  const filmSeconds = (frames * rate.den) / rate.num;
  return withScratch(bench.workDir, async (scratch) => {
    const work = { tool: bench.ffmpeg, reads: [reference.path], scratch, filmSeconds, signal: bench.signal };
    const encode = await bench.workshop.run({ ...work, args });
    const begun = performance.now();
    const part = { startFrame, frames };
    await measure({ ...order, filmSeconds, part }, "sample.mp4", scratch, bench, bench.signal);
    const score = performance.now() - begun;
    return {
      encodePixel: encode.wallMs / 1000 / (frames * size.width * size.height),
      score: score / 1000 / frames,
    };
  });
}
