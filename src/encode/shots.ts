// Where one shot ends and the next begins.
import type { Shot } from "#model/encoded.ts";
import type { FrameFacts } from "./shots-facts.ts";
import {
  findDissolves,
  findFadeIns,
  type GradualLimits,
  gradualLimits,
  type Transition,
} from "./shots-gradual.ts";
import { type Candidate, type CutLimits, candidates, cutLimits, minShotFrames } from "./shots-rules.ts";

/**
 * Frames that begin a new shot, ascending, without frame 0, `minShotFrames` apart and as far from both ends: the whole
 * contract of a detector. It is told of all frames at once and answers the same for the same facts. Another one may be put
 * in `findCuts`' place; `scoreCuts` and the benchmark's films tell which is better.
 */
export type ShotDetector = (frames: readonly FrameFacts[]) => readonly number[];

export interface ShotLimits {
  readonly cut: CutLimits;
  readonly gradual: GradualLimits;
}

export const shotLimits: ShotLimits = { cut: cutLimits, gradual: gradualLimits };

/** The detector in use. */
export const findCuts: ShotDetector = detectorWith(shotLimits);

/** The detector with other limits. */
export function detectorWith(limits: ShotLimits): ShotDetector {
  return (frames) => {
    const cuts = keepApart(candidates(frames, limits.cut), frames.length);
    const transitions = findDissolves(frames, limits.gradual).filter(
      ({ from, to }) => !cuts.some((cut) => cut > from && cut <= to),
    );
    const borders = transitions.map((transition) => borderOf(transition, cuts, frames.length));
    return addApart(cuts, [...borders, ...findFadeIns(frames, limits.gradual)], frames.length);
  };
}

/** Where a shot is longer than `most` frames it is split, at grid lines only, so no keyframe is added for it. */
export function splitLong(
  cuts: readonly number[],
  gridLines: readonly number[],
  frames: number,
  most: number,
): readonly number[] {
  const edges = [0, ...cuts, frames];
  const splits: number[] = [];
  for (let i = 0; i + 1 < edges.length; i++) {
    let start = edges[i] ?? 0;
    const end = edges[i + 1] ?? frames;
    for (const line of gridLines) {
      if (line <= start || line - start < most / 2 || end - line < most / 4) continue;
      if (line >= end) break;
      if (end - start <= most) break;
      splits.push(line);
      start = line;
    }
  }
  return [...cuts, ...splits].sort((a, b) => a - b);
}

/** Shots from their cuts: a partition of [0, frames). */
export function shotsFrom(cuts: readonly number[], frames: number): readonly Shot[] {
  const starts = [0, ...cuts];
  return starts.map((startFrame, id) => ({ id, startFrame, endFrame: starts[id + 1] ?? frames }));
}

/**
 * Strongest first, each at least a shot's least length from its neighbours and from both ends. Of the two cuts around a
 * shot that is too short the lesser change goes, so it joins the neighbour that it resembles more.
 */
function keepApart(found: readonly Candidate[], frames: number): readonly number[] {
  const order = [...found].sort((a, b) => b.strength - a.strength || a.frame - b.frame);
  return addApart(
    [],
    order.map(({ frame }) => frame),
    frames,
  );
}

/** The dissolve goes to the longer of the two shots, whole. */
function borderOf({ from, to }: Transition, cuts: readonly number[], frames: number): number {
  const begin = cuts.findLast((cut) => cut <= from) ?? 0;
  const end = cuts.find((cut) => cut >= to) ?? frames;
  return from - begin >= end - to ? to : from + 1;
}

/** The cuts and, in their order, those of the others that are a shot's least length from all so far and from both ends. */
function addApart(cuts: readonly number[], others: readonly number[], frames: number): readonly number[] {
  const taken = new Set(cuts);
  const isFree = (frame: number): boolean => {
    if (frame < minShotFrames || frames - frame < minShotFrames) return false;
    for (let near = frame - minShotFrames + 1; near < frame + minShotFrames; near++) {
      if (taken.has(near)) return false;
    }
    return true;
  };
  for (const frame of others) if (isFree(frame)) taken.add(frame);
  return [...taken].sort((a, b) => a - b);
}
