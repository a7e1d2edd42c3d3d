// How long trials will take on this machine, from a short one; and the grid that a budget pays for.
import { join } from "node:path";
import { pieceArgs } from "#encode/argv-video.ts";
import { timescaleOf } from "#encode/frame-rate.ts";
import { isOurs } from "#encode/measures.ts";
import { type GridName, gridNames, gridWork, largestWithin, type TrialGrid } from "#encode/trial-grid.ts";
import type { Bench } from "./bench.ts";
import type { TrialOrder } from "./kept-trials.ts";
import { measure } from "./measure.ts";
import { keepValue, keptValue, keyOf } from "./vault.ts";
import { withScratch } from "./workshop.ts";

/** From the middle of the film: its beginning is often black. */
const sampleSeconds = 2;

export interface Budget {
  /** For this codec's trials. */
  readonly seconds: number;
  readonly heights: readonly number[] | undefined;
}

/**
 * The largest grid that fits. What was chosen is kept by film, codec and budget: a run that goes on, and another process
 * beside it, must not choose anew because the machine is busier now.
 */
export async function gridWithin(
  { seconds, heights }: Budget,
  draft: TrialGrid,
  order: TrialOrder,
  bench: Bench,
): Promise<GridName> {
  const { codec, preset } = draft;
  const scoring = isOurs(order.measure) ? {} : { measure: [order.measure.name, order.measure.model] };
  const by = [bench.ffmpeg.build, bench.ffmpegVmaf?.build];
  const key = keyOf({
    budget: seconds,
    heights,
    codec,
    preset,
    reference: order.referenceKey,
    by,
    ...scoring,
  });
  const path = join(bench.workDir, "budgets", `${key}.json`);
  const kept = await keptValue(path);
  const before = gridNames.find((name) => name === kept);
  bench.tally.note(before === undefined ? "made" : "kept");
  if (before !== undefined) return before;
  const cost = await costPerFrame(draft, order, bench);
  const grid = { codec, effort: "standard", ...(heights === undefined ? {} : { heights }) } as const;
  const name = largestWithin(seconds, (each) => {
    const work = gridWork(each, order.reference.display, grid);
    return ((work.pixels * cost.encodePixel + work.points * cost.score) * order.frames) / bench.workshop.jobs;
  });
  await keepValue(path, name);
  return name;
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
