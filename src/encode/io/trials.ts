// Runs the trial grid: one encode of the whole film per point, its bits per shot, its quality per frame.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Reference } from "#encode/argv.ts";
import { ssimArgs, trialArgs, vmafArgs } from "#encode/argv-video.ts";
import { readFragments } from "#encode/boxes.ts";
import { encodeFaults } from "#encode/faults.ts";
import type { ShotFigure, Trial } from "#encode/operating-points.ts";
import { groupsComplaint, poolShot, readScores, shotBits } from "#encode/scores.ts";
import type { GridPoint } from "#encode/trial-grid.ts";
import type { Metric, SegmentPlan, Shot } from "#model/encoded.ts";
import { Fault } from "#units/fault.ts";
import type { Bench } from "./bench.ts";
import { type Progress, paceOver } from "./progress.ts";
import { keepValue, keptValue, keyOf } from "./vault.ts";
import { sideBySide, withScratch } from "./workshop.ts";

export interface TrialOrder {
  readonly reference: Reference;
  /** Names the reference. */
  readonly referenceKey: string;
  readonly frames: number;
  readonly shots: readonly Shot[];
  readonly plan: SegmentPlan;
  readonly metric: Metric;
  readonly preset: string;
}

const encoded = "trial.mp4";
const log = "quality.log";

export interface TrialsDone {
  /** In the order of the points. */
  readonly trials: readonly Trial[];
  readonly run: number;
  readonly reused: number;
}

/** All points, those of earlier runs from disk, the rest side by side. */
export async function runTrials(
  points: readonly GridPoint[],
  order: TrialOrder,
  bench: Bench,
  onProgress: (progress: Progress) => void,
): Promise<TrialsDone> {
  const kept = await Promise.all(points.map((point) => keptTrial(point, order, bench)));
  const missing = points.filter((_, index) => kept[index] === undefined);
  const reused = points.length - missing.length;
  const pace = paceOver(missing, (point) => point.width * point.height, reused);
  onProgress(pace.now());
  const fresh = await sideBySide(missing, bench.workshop.jobs, bench.signal, async (point, signal) => {
    const trial = await runTrial(point, order, bench, signal);
    onProgress(pace.finished(point));
    return trial;
  });
  const queue = [...fresh];
  return { trials: kept.flatMap((trial) => trial ?? queue.shift() ?? []), run: missing.length, reused };
}

async function keptTrial(point: GridPoint, order: TrialOrder, bench: Bench): Promise<Trial | undefined> {
  const kept = await keptValue(trialPath(point, order, bench));
  if (!Array.isArray(kept) || kept.length !== order.shots.length) return undefined;
  const figures = kept.filter(isFigure);
  return figures.length === kept.length ? { point, shots: figures } : undefined;
}

/** @throws Fault encode-trial-mismatch when the encode does not follow the plan */
async function runTrial(
  point: GridPoint,
  order: TrialOrder,
  bench: Bench,
  signal: AbortSignal,
): Promise<Trial> {
  const { reference, frames, plan } = order;
  const filmSeconds = (frames * reference.rate.den) / reference.rate.num;
  const shots = await withScratch(bench.workDir, async (scratch) => {
    const work = { reads: [reference.path], scratch, filmSeconds, signal };
    const args = trialArgs(reference, point, order.preset, plan.keyframes, encoded);
    await bench.workshop.run({ ...work, tool: bench.ffmpeg, args });
    const groups = readFragments(await readFile(join(scratch, encoded)))?.fragments ?? [];
    const sizes = groups.map((group) => group.frameBytes);
    const complaint = groupsComplaint(sizes, plan.keyframes, frames);
    if (complaint !== undefined) throw unusable(point, complaint);
    await bench.workshop.run({ ...work, ...measuring(order, bench) });
    const scores = readScores(order.metric.name, await readFile(join(scratch, log), "utf8"));
    return figuresOf(shotBits(sizes, plan.keyframes, order.shots), scores, point, order.shots);
  });
  await keepValue(trialPath(point, order, bench), shots);
  return { point, shots };
}

function measuring(
  { reference, metric }: TrialOrder,
  bench: Bench,
): Pick<Parameters<Bench["workshop"]["run"]>[0], "tool" | "args"> {
  if (metric.name === "ssim" || bench.ffmpegVmaf === undefined) {
    return { tool: bench.ffmpeg, args: ssimArgs(reference, encoded, log) };
  }
  const args = vmafArgs(reference, encoded, metric.model, metric.subsample, log);
  return { tool: bench.ffmpegVmaf, args };
}

function figuresOf(
  bits: readonly number[],
  scores: ReadonlyMap<number, number>,
  point: GridPoint,
  shots: readonly Shot[],
): readonly ShotFigure[] {
  return shots.map((shot, index) => {
    const quality = poolShot(scores, shot);
    if (quality === undefined) throw unusable(point, `no frame of shot ${shot.id} was scored`);
    return { bits: bits[index] ?? 0, quality };
  });
}

/** Everything that could change a figure is in the name. */
function trialPath(point: GridPoint, order: TrialOrder, bench: Bench): string {
  const { reference, metric } = order;
  const measured = measuring(order, bench);
  const key = keyOf({
    reference: order.referenceKey,
    encoder: [
      bench.ffmpeg.version,
      withoutPath(trialArgs(reference, point, order.preset, order.plan.keyframes, encoded), reference),
    ],
    measure: [metric, measured.tool.version, withoutPath(measured.args, reference)],
    shots: order.shots.map((shot) => shot.startFrame),
  });
  return join(bench.workDir, "trials", `${key}.json`);
}

/** Where the film lies on this machine does not matter. */
function withoutPath(args: readonly string[], reference: Reference): readonly string[] {
  return args.map((arg) => arg.replaceAll(reference.path, "REFERENCE"));
}

function unusable({ height, crf }: GridPoint, reason: string): Fault {
  return new Fault(encodeFaults.trialMismatch, { height, crf, reason });
}

function isFigure(value: unknown): value is ShotFigure {
  if (typeof value !== "object" || value === null || !("bits" in value) || !("quality" in value))
    return false;
  const { bits, quality } = value;
  return typeof bits === "number" && bits > 0 && typeof quality === "number" && Number.isFinite(quality);
}
