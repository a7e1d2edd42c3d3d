// Makes trials that are missing, of one size: encodes of the whole film, their bits per shot, their quality per frame.
import { join } from "node:path";
import { trialArgs, trialsArgs } from "#encode/argv-video.ts";
import { encodeFaults } from "#encode/faults.ts";
import { timescaleOf } from "#encode/frame-rate.ts";
import type { ShotFigure, Trial } from "#encode/operating-points.ts";
import { type FrameScores, groupsComplaint, poolShot, shotBits } from "#encode/scores.ts";
import type { GridPoint } from "#encode/trial-grid.ts";
import { Fault } from "#units/fault.ts";
import type { Bench } from "./bench.ts";
import { groupsIn } from "./groups.ts";
import { joinPieces } from "./join-pieces.ts";
import { keepScores } from "./kept-scores.ts";
import { encoded, filmSeconds, type TrialOrder, trialPath, wantedParts } from "./kept-trials.ts";
import { measureAll, type Scored, scoredTogether } from "./measure.ts";
import { runWatched } from "./watched.ts";
import { withScratch } from "./workshop.ts";

export interface TrialRun {
  readonly order: TrialOrder;
  readonly bench: Bench;
  readonly signal: AbortSignal;
  /** From 0 to 1: how far the making of a trial is. */
  readonly onShare: (point: GridPoint, share: number) => void;
  /** A trial is made and kept. */
  readonly onMade: (point: GridPoint) => void;
}

/**
 * Trials in the order of the points, which are of one size. When making them together fails, those that lack are made one by
 * one: what is wrong with one is said of that one, and what only all of them were too much for is no failure.
 *
 * @throws Fault encode-trial-mismatch when an encode does not follow the plan
 */
export async function makeTrials(points: readonly GridPoint[], run: TrialRun): Promise<readonly Trial[]> {
  const made = new Map<GridPoint, Trial>();
  if (points.length > 1) {
    try {
      await makeTogether(points, run, made);
    } catch (error) {
      if (run.signal.aborted || !(error instanceof Fault)) throw error;
    }
  }
  for (const point of points) if (!made.has(point)) await makeTogether([point], run, made);
  return points.flatMap((point) => made.get(point) ?? []);
}

interface Tried extends Scored {
  readonly point: GridPoint;
}

type Groups = readonly (readonly number[])[];

async function makeTogether(
  points: readonly GridPoint[],
  run: TrialRun,
  made: Map<GridPoint, Trial>,
): Promise<void> {
  const { order, bench, signal } = run;
  const { plan, frames, metric } = order;
  await withScratch(bench.workDir, async (scratch) => {
    const tried = points.map((point, index): Tried => {
      return index === 0
        ? { point, encoded, log: "quality.log" }
        : { point, encoded: `trial-${index}.mp4`, log: `quality-${index}.log` };
    });
    await encode(tried, run, scratch);
    const groups = new Map<GridPoint, Groups>();
    for (const { point, encoded: file } of tried) {
      const found = (await groupsIn(join(scratch, file))) ?? [];
      const complaint = groupsComplaint(found, plan.keyframes, frames);
      if (complaint !== undefined) throw unusable(point, complaint);
      groups.set(point, found);
    }
    for (const list of scoredTogether(order.measure, tried)) {
      const onShare = (share: number): void => {
        for (const { point } of list) run.onShare(point, (1 + share) / 2);
      };
      const measuring = { ...order, filmSeconds: filmSeconds(order), watch: { frames, onShare } };
      const scores = await measureAll(measuring, list, scratch, bench, signal);
      for (const [index, { point }] of list.entries()) {
        const shots = figuresOf(point, groups.get(point) ?? [], scores[index] ?? new Map(), order);
        await keepScores(trialPath(point, order, bench), metric, shots);
        made.set(point, { point, shots });
        run.onMade(point);
      }
    }
  });
}

/** Leaves the whole film at each point. */
async function encode(tried: readonly Tried[], run: TrialRun, scratch: string): Promise<void> {
  const { order, bench, signal } = run;
  const { reference, codec, plan, preset, frames } = order;
  const [first] = tried;
  if (first === undefined) return;
  const parts = wantedParts(first.point, order, bench);
  if (parts.length > 0) {
    const placed = parts.map((part) => ({ path: part.path, startFrame: part.order.startFrame }));
    await joinPieces(placed, timescaleOf(reference.rate).ticksPerFrame, join(scratch, first.encoded));
    return;
  }
  const { crf, ...size } = first.point;
  const outputs = tried.map(({ point, encoded: output }) => ({ crf: point.crf, output }));
  const args =
    tried.length === 1
      ? trialArgs(reference, { codec, preset, ...size, crf }, plan.keyframes, first.encoded)
      : trialsArgs(reference, { codec, preset, ...size }, plan.keyframes, outputs);
  const work = { tool: bench.ffmpeg, args, reads: [reference.path], scratch, signal };
  const onShare = (share: number): void => {
    for (const { point } of tried) run.onShare(point, share / 2);
  };
  const seconds = filmSeconds(order) * tried.length;
  await runWatched(bench.workshop, { ...work, filmSeconds: seconds }, { frames, onShare });
}

function figuresOf(
  point: GridPoint,
  groups: Groups,
  scores: FrameScores,
  { plan, shots }: TrialOrder,
): readonly ShotFigure[] {
  const bits = shotBits(groups, plan.keyframes, shots);
  return shots.map((shot, index) => {
    const quality = poolShot(scores, shot);
    if (quality === undefined) throw unusable(point, `no frame of shot ${shot.id} was scored`);
    return { bits: bits[index] ?? 0, quality };
  });
}

function unusable({ height, crf }: GridPoint, reason: string): Fault {
  return new Fault(encodeFaults.trialMismatch, { height, crf, reason });
}
