// Encodes and scores what the ladder is compared with, so that a saving is never an estimate: fixed ladders, and one CRF
// at full height.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Args, Reference } from "#encode/argv.ts";
import { fixedRungArgs, trialArgs } from "#encode/argv-video.ts";
import { readFragments } from "#encode/boxes.ts";
import { type FixedLadderName, fixedLadder } from "#encode/fixed-ladders.ts";
import type { EncodedBaseline } from "#encode/report.ts";
import { poolShot } from "#encode/scores.ts";
import type { Metric, SegmentPlan } from "#model/encoded.ts";
import type { Bench } from "./bench.ts";
import { doTogether } from "./claims.ts";
import { measure, measureWith } from "./measure.ts";
import { type Progress, paceOver } from "./progress.ts";
import { keepValue, keptValue, keyOf } from "./vault.ts";
import { withScratch } from "./workshop.ts";

export type BaselineFilm = EncodedBaseline;

export interface BaselineOrder {
  readonly reference: Reference;
  readonly referenceKey: string;
  readonly frames: number;
  readonly plan: SegmentPlan;
  readonly metric: Metric;
  readonly preset: string;
}

/** x264's, as far apart as the trials of a full grid. */
const nativeCrfs: readonly number[] = [18, 22, 26, 30, 34, 38, 42];
const encoded = "baseline.mp4";

type Wanted = Omit<BaselineFilm, "bits" | "quality"> & { readonly args: Args };

/** All of them, those of earlier runs from disk. */
export async function encodeBaselines(
  order: BaselineOrder,
  bench: Bench,
  onProgress: (progress: Progress) => void,
): Promise<readonly BaselineFilm[]> {
  const { reference } = order;
  const fixed = (["netflix-2015", "peertube"] satisfies readonly FixedLadderName[]).flatMap((name) =>
    fixedLadder(name, reference.display, reference.rate).map((rung): Wanted => {
      return { ...rung, name, args: fixedRungArgs(reference, rung, encoded) };
    }),
  );
  const native = nativeCrfs.map((crf): Wanted => {
    const trial = { codec: "h264", preset: order.preset, ...reference.display, crf } as const;
    const args = trialArgs(reference, trial, order.plan.keyframes, encoded);
    return { ...reference.display, name: "fixed-crf-native", crf, args };
  });
  const all = [...fixed, ...native];
  const pace = paceOver(all, ({ width, height }) => width * height, 0);
  return doTogether(all, bench.workshop.jobs, bench.signal, {
    path: (film) => pathOf(film, order, bench),
    kept: async (film) => {
      const kept = await keptValue(pathOf(film, order, bench));
      return isFigure(kept) ? { ...about(film), ...kept } : undefined;
    },
    make: async (film, signal) => {
      const figure = await encodeOne(film, order, bench, signal);
      await keepValue(pathOf(film, order, bench), figure);
      onProgress(pace.finished(film));
      return { ...about(film), ...figure };
    },
  });
}

function about({ args: _, ...film }: Wanted): Omit<Wanted, "args"> {
  return film;
}

async function encodeOne(
  { args }: Wanted,
  order: BaselineOrder,
  bench: Bench,
  signal: AbortSignal,
): Promise<{ readonly bits: number; readonly quality: number }> {
  const { reference, frames } = order;
  const filmSeconds = (frames * reference.rate.den) / reference.rate.num;
  return withScratch(bench.workDir, async (scratch) => {
    await bench.workshop.run({
      tool: bench.ffmpeg,
      args,
      reads: [reference.path],
      scratch,
      filmSeconds,
      signal,
    });
    const groups = readFragments(await readFile(join(scratch, encoded)))?.fragments ?? [];
    const bytes = groups.flatMap((group) => group.frameBytes).reduce((sum, size) => sum + size, 0);
    const scores = await measure({ ...order, filmSeconds }, encoded, scratch, bench, signal);
    return { bits: bytes * 8, quality: poolShot(scores, { startFrame: 0, endFrame: frames }) ?? 0 };
  });
}

function pathOf({ args }: Wanted, order: BaselineOrder, bench: Bench): string {
  const { reference, referenceKey, metric } = order;
  const filmSeconds = (order.frames * reference.rate.den) / reference.rate.num;
  const measured = measureWith({ ...order, filmSeconds }, encoded, bench);
  const nameless = [...args, ...measured.args].map((arg) => arg.replaceAll(reference.path, "REFERENCE"));
  const key = keyOf({ referenceKey, nameless, metric, by: [bench.ffmpeg.version, measured.tool.version] });
  return join(bench.workDir, "baselines", `${key}.json`);
}

function isFigure(value: unknown): value is { readonly bits: number; readonly quality: number } {
  if (typeof value !== "object" || value === null || !("bits" in value) || !("quality" in value))
    return false;
  return typeof value.bits === "number" && value.bits > 0 && typeof value.quality === "number";
}
