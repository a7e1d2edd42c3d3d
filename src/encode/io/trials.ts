// Runs a trial grid: one encode of the whole film per point, its bits per shot, its quality per frame.
import { join } from "node:path";
import type { Args, Reference } from "#encode/argv.ts";
import { type PieceOrder, piecesArgs, trialArgs } from "#encode/argv-video.ts";
import { encodeFaults } from "#encode/faults.ts";
import { filmParts } from "#encode/film-parts.ts";
import { timescaleOf } from "#encode/frame-rate.ts";
import type { Measure } from "#encode/measures.ts";
import type { ShotFigure, Trial } from "#encode/operating-points.ts";
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
import { makeMissing } from "./missing-pieces.ts";
import { piecePath, type WantedPiece } from "./pieces.ts";
import { type Progress, paceOver } from "./progress.ts";
import { keyOf } from "./vault.ts";
import { runWatched, type Watch } from "./watched.ts";
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
export interface TrialsDone {
  /** In the order of the points. */
  readonly trials: readonly Trial[];
  readonly run: number;
  readonly reused: number;
}

/** All points, those of earlier runs from disk, the rest side by side: first the parts of those that need several. */
export async function runTrials(
  points: readonly GridPoint[],
  order: TrialOrder,
  bench: Bench,
  onProgress: (progress: Progress) => void,
): Promise<TrialsDone> {
  const kept = await Promise.all(points.map((point) => keptTrial(point, order, bench)));
  const missing = points.filter((_, index) => kept[index] === undefined);
  const reused = points.length - missing.length;
  const begun = { done: reused, total: points.length, reused, share: 0, etaSeconds: undefined };
  onProgress(begun);
  const parts = missing.map((point) => wantedParts(point, order, bench));
  await makeMissing(parts, new Map(), order.reference, bench, ({ share, etaSeconds }) => {
    onProgress({ ...begun, share: share / 2, etaSeconds });
  });
  // Where parts were encoded first, what is left is to score them.
  const before = parts.some(({ length }) => length > 0) ? 0.5 : 0;
  const tell = (progress: Progress): void => {
    onProgress({ ...progress, share: before + (1 - before) * progress.share });
  };
  const pace = paceOver(missing, (point) => point.width * point.height, reused);
  let run = 0;
  const fresh = await doTogether(missing, bench.workshop, bench.signal, {
    path: (point) => trialPath(point, order, bench),
    kept: (point) => keptTrial(point, order, bench),
    make: async (point, signal) => {
      const onShare = (share: number): void => {
        const progress = pace.partly(point, share);
        if (progress !== undefined) tell(progress);
      };
      const trial = await runTrial(point, order, bench, signal, onShare);
      run++;
      tell(pace.finished(point));
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
  onShare: Watch["onShare"],
): Promise<Trial> {
  const { metric, plan, frames } = order;
  const shots = await withScratch(bench.workDir, async (scratch) => {
    const groups = await encodeTrial(point, { ...order, onShare }, scratch, bench, signal);
    const complaint = groupsComplaint(groups, plan.keyframes, frames);
    if (complaint !== undefined) throw unusable(point, complaint);
    const watch = { frames, onShare: (share: number) => onShare((1 + share) / 2) };
    const measuring = { ...order, filmSeconds: filmSeconds(order), watch };
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
  order: TrialOrder & Pick<Watch, "onShare">,
  scratch: string,
  bench: Bench,
  signal: AbortSignal,
): Promise<readonly (readonly number[])[]> {
  const { reference, codec, plan, preset } = order;
  const output = join(scratch, encoded);
  const parts = wantedParts(point, order, bench);
  if (parts.length > 0) {
    const placed = parts.map((part) => ({ path: part.path, startFrame: part.order.startFrame }));
    await joinPieces(placed, timescaleOf(reference.rate).ticksPerFrame, output);
  } else {
    const args = trialArgs(reference, { codec, preset, ...point }, plan.keyframes, encoded);
    const work = { tool: bench.ffmpeg, args, reads: [reference.path], scratch };
    const onShare = (share: number): void => order.onShare(share / 2);
    const watch = { frames: order.frames, onShare };
    await runWatched(bench.workshop, { ...work, filmSeconds: filmSeconds(order), signal }, watch);
  }
  return (await groupsIn(output)) ?? [];
}

/** None when one encode makes the whole film. */
function wantedParts(point: GridPoint, order: TrialOrder, bench: Bench): readonly WantedPiece[] {
  const { reference, referenceKey } = order;
  return (partsOf(point, order) ?? []).map((part) => {
    return { order: part, path: piecePath(part, reference, referenceKey, bench) };
  });
}

function partsOf(point: GridPoint, order: TrialOrder): readonly PieceOrder[] | undefined {
  const { codec, preset, plan, frames, reference } = order;
  const film = { keyframes: plan.keyframes, frames, rate: reference.rate };
  return filmParts({ codec, preset, ...point }, film);
}

function filmSeconds({ frames, reference: { rate } }: TrialOrder): number {
  return (frames * rate.den) / rate.num;
}

/** Everything that could change a figure is in the name. */
function trialPath(point: GridPoint, order: TrialOrder, bench: Bench): string {
  const { reference, metric, codec, preset, plan } = order;
  const parts = partsOf(point, order);
  const args =
    parts === undefined
      ? trialArgs(reference, { codec, preset, ...point }, plan.keyframes, encoded)
      : piecesArgs(
          reference,
          parts.map((part) => ({ order: part, output: encoded })),
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
