// Runs a trial grid: one encode of the whole film per point, its bits per shot, its quality per frame.
import { join } from "node:path";
import type { Args, Reference } from "#encode/argv.ts";
import { type PieceOrder, piecesArgs, trialArgs } from "#encode/argv-video.ts";
import { codecs } from "#encode/codecs.ts";
import { encodeFaults } from "#encode/faults.ts";
import { timescaleOf } from "#encode/frame-rate.ts";
import type { Measure } from "#encode/measures.ts";
import type { ShotFigure, Trial } from "#encode/operating-points.ts";
import { pieceOrders } from "#encode/rungs.ts";
import { groupsComplaint, poolShot, shotBits } from "#encode/scores.ts";
import type { GridPoint } from "#encode/trial-grid.ts";
import type { Codec, Metric, SegmentPlan, Shot } from "#model/encoded.ts";
import { Fault } from "#units/fault.ts";
import type { Bench } from "./bench.ts";
import { doTogether } from "./claims.ts";
import { groupsIn } from "./groups.ts";
import { joinPieces } from "./join-pieces.ts";
import { keepScores, keptScores } from "./kept-scores.ts";
import { measure, measureWith } from "./measure.ts";
import { type Progress, paceOver } from "./progress.ts";
import { keyOf } from "./vault.ts";
import { withScratch } from "./workshop.ts";

export interface TrialOrder {
  readonly codec: Codec;
  readonly reference: Reference;
  /** Names the reference. */
  readonly referenceKey: string;
  readonly frames: number;
  readonly shots: readonly Shot[];
  readonly plan: SegmentPlan;
  readonly metric: Metric;
  readonly measure: Measure;
  readonly preset: string;
  /** Of a segment's rate to its rung's mean, at most. */
  readonly peakRatio: number;
}

const encoded = "trial.mp4";
/**
 * Keyframe intervals that one program encodes: fewer starts. SVT-AV1 takes half a gigabyte of address space per encoder,
 * whatever the picture's size, and where it gets none it waits for ever: four leave room within the walls.
 */
const mostCollated = 4;
/** Pixels of the pictures that encoders side by side in one program work on: their memory grows with them. */
const collatedPixels = 2_000_000;

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
  let run = 0;
  const fresh = await doTogether(missing, bench.workshop, bench.signal, {
    path: (point) => trialPath(point, order, bench),
    kept: (point) => keptTrial(point, order, bench),
    make: async (point, signal) => {
      const trial = await runTrial(point, order, bench, signal);
      run++;
      onProgress(pace.finished(point));
      return trial;
    },
  });
  const queue = [...fresh];
  const trials = kept.flatMap((trial) => trial ?? queue.shift() ?? []);
  return { trials, run, reused: points.length - run };
}

async function keptTrial(point: GridPoint, order: TrialOrder, bench: Bench): Promise<Trial | undefined> {
  const shots = await keptScores(trialPath(point, order, bench), order.metric);
  if (!Array.isArray(shots) || shots.length !== order.shots.length) return undefined;
  const figures = shots.filter(isFigure);
  return figures.length === shots.length ? { point, shots: figures } : undefined;
}

/** @throws Fault encode-trial-mismatch when the encode does not follow the plan */
async function runTrial(
  point: GridPoint,
  order: TrialOrder,
  bench: Bench,
  signal: AbortSignal,
): Promise<Trial> {
  const { metric, plan, frames } = order;
  const shots = await withScratch(bench.workDir, async (scratch) => {
    const groups = await encodeTrial(point, order, scratch, bench, signal);
    const complaint = groupsComplaint(groups, plan.keyframes, frames);
    if (complaint !== undefined) throw unusable(point, complaint);
    const measuring = { ...order, filmSeconds: filmSeconds(order) };
    const scores = await measure(measuring, encoded, scratch, bench, signal);
    const bits = shotBits(groups, plan.keyframes, order.shots);
    return order.shots.map((shot, index): ShotFigure => {
      const quality = poolShot(scores, shot);
      if (quality === undefined) throw unusable(point, `no frame of shot ${shot.id} was scored`);
      return { bits: bits[index] ?? 0, quality };
    });
  });
  await keepScores(trialPath(point, order, bench), metric, shots);
  return { point, shots };
}

/** Leaves the whole film as `trial.mp4` and answers the sizes of each group of pictures' frames. */
async function encodeTrial(
  point: GridPoint,
  order: TrialOrder,
  scratch: string,
  bench: Bench,
  signal: AbortSignal,
): Promise<readonly (readonly number[])[]> {
  const { reference, codec, plan, preset } = order;
  const work = {
    tool: bench.ffmpeg,
    reads: [reference.path],
    scratch,
    filmSeconds: filmSeconds(order),
    signal,
  };
  if (codecs[codec].keyframes === "forced") {
    const args = trialArgs(reference, { codec, preset, ...point }, plan.keyframes, encoded);
    await bench.workshop.run({ ...work, args });
  } else {
    const pieces = intervalsOf(point, order).map((piece, index) => ({
      order: piece,
      output: `${index}.mp4`,
    }));
    const fitting = Math.floor(collatedPixels / (point.width * point.height));
    const collated = Math.max(1, Math.min(mostCollated, fitting));
    for (let at = 0; at < pieces.length; at += collated) {
      await bench.workshop.run({ ...work, args: piecesArgs(reference, pieces.slice(at, at + collated)) });
    }
    const placed = pieces.map(({ order: { startFrame }, output }) => {
      return { path: join(scratch, output), startFrame };
    });
    await joinPieces(placed, timescaleOf(reference.rate).ticksPerFrame, join(scratch, encoded));
  }
  return (await groupsIn(join(scratch, encoded))) ?? [];
}

/** Every keyframe interval as an encode of its own. */
function intervalsOf(point: GridPoint, order: TrialOrder): readonly PieceOrder[] {
  const { codec, preset, plan, reference, shots } = order;
  const rung = { codec, ...point, crf: shots.map(() => point.crf) };
  return pieceOrders({ rung, preset, peak: 0 }, shots, plan, reference.rate);
}

function filmSeconds({ frames, reference: { rate } }: TrialOrder): number {
  return (frames * rate.den) / rate.num;
}

/** Everything that could change a figure is in the name. */
function trialPath(point: GridPoint, order: TrialOrder, bench: Bench): string {
  const { reference, metric, codec, preset, plan } = order;
  const args =
    codecs[codec].keyframes === "forced"
      ? trialArgs(reference, { codec, preset, ...point }, plan.keyframes, encoded)
      : piecesArgs(
          reference,
          intervalsOf(point, order).map((piece) => ({ order: piece, output: encoded })),
        );
  const measured = measureWith({ ...order, filmSeconds: filmSeconds(order) }, encoded, bench);
  const key = keyOf({
    reference: order.referenceKey,
    encoder: [bench.ffmpeg.build, withoutPath(args, reference)],
    measure: [metric, measured.tool.build, withoutPath(measured.args, reference)],
    shots: order.shots.map((shot) => shot.startFrame),
  });
  return join(bench.workDir, "trials", `${key}.json`);
}

/** Where the film lies on this machine does not matter. */
function withoutPath(args: Args, reference: Reference): Args {
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
