// Where one shot ends and the next begins, from ffmpeg's scdet figures per frame.
import type { Shot } from "#model/encoded.ts";

/** scdet's two figures of a frame against the one before: mean absolute difference of luma, and its change. */
export interface FrameChange {
  readonly mafd: number;
  readonly score: number;
}

// Chosen on 32 cuts annotated by hand. Source: research, encoding §5 (score ≥ 6: recall 100 %, precision 91 %).
const certainScore = 6;
const leastMafd = 8;
const timesNeighbours = 2;
const neighbours = 3;
/** Shorter shots cost more in encoder start-up than they save. */
export const minShotFrames = 8;

/** Frames that begin a new shot; frame 0 is not among them. */
export function findCuts(changes: readonly FrameChange[]): readonly number[] {
  const candidates = changes
    .map((change, frame) => ({ frame, strength: strengthOf(changes, frame, change) }))
    .filter((candidate) => candidate.frame > 0 && candidate.strength > 0);
  return keepApart(candidates, changes.length);
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

/** Text of ffmpeg's `metadata=print` after scdet: one block per frame. */
export function readChanges(text: string): readonly FrameChange[] {
  const changes: FrameChange[] = [];
  let mafd = 0;
  let score = 0;
  let open = false;
  const close = (): void => {
    if (open) changes.push({ mafd, score });
    mafd = 0;
    score = 0;
  };
  for (const line of text.split("\n")) {
    if (line.startsWith("frame:")) {
      close();
      open = true;
    } else if (line.startsWith("lavfi.scd.mafd=")) mafd = Number(line.slice(15));
    else if (line.startsWith("lavfi.scd.score=")) score = Number(line.slice(16));
  }
  close();
  return changes;
}

/** 0 is no cut; larger is surer. Beside the score, a lone peak of difference counts: dark or overlaid pictures. */
function strengthOf(changes: readonly FrameChange[], frame: number, change: FrameChange): number {
  if (change.score >= certainScore) return change.score;
  if (change.mafd < leastMafd) return 0;
  const around: number[] = [];
  for (let i = frame - neighbours; i <= frame + neighbours; i++) {
    const other = changes[i];
    if (i !== frame && other !== undefined) around.push(other.mafd);
  }
  const mean = around.reduce((sum, value) => sum + value, 0) / Math.max(1, around.length);
  const isPeak = around.every((value) => value <= change.mafd);
  return isPeak && change.mafd >= timesNeighbours * mean ? change.score + Number.EPSILON : 0;
}

/** Strongest first, each at least a shot's least length from its neighbours and from both ends. */
function keepApart(
  candidates: readonly { readonly frame: number; readonly strength: number }[],
  frames: number,
): readonly number[] {
  const order = [...candidates].sort((a, b) => b.strength - a.strength || a.frame - b.frame);
  const taken = new Set<number>();
  const free = (frame: number): boolean => {
    if (frame < minShotFrames || frames - frame < minShotFrames) return false;
    for (let near = frame - minShotFrames + 1; near < frame + minShotFrames; near++) {
      if (taken.has(near)) return false;
    }
    return true;
  };
  for (const { frame } of order) if (free(frame)) taken.add(frame);
  return [...taken].sort((a, b) => a - b);
}
