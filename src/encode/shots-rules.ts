// Which frames begin a new shot. A frame is a candidate when ffmpeg's figures say that much changed at once; the tiny
// pictures then have to agree that the change stayed (no flash), was sudden (no dissolve, no pan), came to another picture
// (no lamp) and parted two groups of frames. A missed cut costs bits, a false one a keyframe: so candidates are many, and
// each limit has a reason beside it. How much hangs on its exact value: `npm run bench -- encode --shots`.
// Sources: research, encoding §5; scdet's score, libavfilter/vf_scdet.c.
import type { FrameFacts } from "./shots-facts.ts";
import { correlationOfChange, difference, separation } from "./shots-likeness.ts";

/** Shorter shots cost more in encoder start-up than they save. */
export const minShotFrames = 8;

export interface CutLimits {
  /**
   * scdet score that makes a candidate. 34 cuts annotated by hand score 6.3 and more; black bars above and below (2.39:1 in
   * 16:9) would leave 4.7 of that. Without pictures to decide afterwards 6 would be right.
   */
  readonly certainScore: number;
  /** Or a lone peak: at least so much difference … (a static overlay or a dark picture halves the score of a cut) */
  readonly peakMafd: number;
  /** … and so many times the mean of the three frames on either side. */
  readonly peakTimes: number;
  /** A flash: a later frame differs from the one before by less than this share of the change. Half would be midway. */
  readonly returnShare: number;
  /** Sudden: the change has this share of the difference of the six frames around it. A dissolve of 3 frames has ⅓. */
  readonly suddenShare: number;
  /** Over: of two changes next to it on either side one is below this share of it. In a pan they are equal. */
  readonly calmShare: number;
  /** Parted: frames of the two sides differ so many times as much as frames of one side. In a strobe they do not: 1. */
  readonly parted: number;
  /** Another picture: where it changed, its brightness is correlated by less than this. A lamp keeps it near 1. */
  readonly mostCorrelation: number;
}

export const cutLimits: CutLimits = {
  certainScore: 4.5,
  peakMafd: 8,
  peakTimes: 2,
  returnShare: 0.4,
  suddenShare: 0.45,
  calmShare: 0.85,
  parted: 1.35,
  mostCorrelation: 0.9,
};

const peakReach = 3;

/** A frame that may begin a shot; `strength` is how much the picture changes there. */
export interface Candidate {
  readonly frame: number;
  readonly strength: number;
}

export function candidates(frames: readonly FrameFacts[], limits: CutLimits): readonly Candidate[] {
  const found: Candidate[] = [];
  for (let frame = 1; frame < frames.length; frame++) {
    if (!changesMuch(frames, frame, limits)) continue;
    const strength = difference(frames, frame - 1, frame);
    const holds =
      !returns(frames, frame, strength * limits.returnShare) &&
      isSudden(frames, frame, strength, limits) &&
      isOther(frames, frame, limits) &&
      separation(frames, frame, minShotFrames) >= limits.parted;
    if (holds) found.push({ frame, strength });
  }
  return found;
}

/** The score also rises on the frame after a cut, where the difference falls: that is its echo, not a second cut. */
function changesMuch(frames: readonly FrameFacts[], frame: number, limits: CutLimits): boolean {
  const { mafd, score } = frames[frame] ?? { mafd: 0, score: 0 };
  if (mafd <= (frames[frame - 1]?.mafd ?? 0)) return false;
  return score >= limits.certainScore || isLonePeak(frames, frame, mafd, limits);
}

function isLonePeak(frames: readonly FrameFacts[], frame: number, mafd: number, limits: CutLimits): boolean {
  if (mafd < limits.peakMafd) return false;
  const around: number[] = [];
  for (let near = frame - peakReach; near <= frame + peakReach; near++) {
    const other = frames[near];
    if (near !== frame && other !== undefined) around.push(other.mafd);
  }
  const mean = around.reduce((sum, value) => sum + value, 0) / Math.max(1, around.length);
  return mafd >= limits.peakTimes * mean && around.every((value) => value <= mafd);
}

/**
 * Whether the picture from before comes back sooner than a shot may end, or the new one was there a moment ago: the
 * beginning and the end of a flash, of a strobe's blink, of an inserted picture too short for a shot.
 */
function returns(frames: readonly FrameFacts[], frame: number, most: number): boolean {
  for (let ago = 1; ago < minShotFrames; ago++) {
    if (frame + ago < frames.length && difference(frames, frame - 1, frame + ago) <= most) return true;
    if (frame - 1 - ago >= 0 && difference(frames, frame - 1 - ago, frame) <= most) return true;
  }
  return false;
}

function isOther(frames: readonly FrameFacts[], frame: number, limits: CutLimits): boolean {
  const before = frames[frame - 1]?.picture;
  const after = frames[frame]?.picture;
  return (
    before !== undefined &&
    after !== undefined &&
    correlationOfChange({ before, after }) < limits.mostCorrelation
  );
}

function isSudden(
  frames: readonly FrameFacts[],
  frame: number,
  strength: number,
  limits: CutLimits,
): boolean {
  const wide = difference(
    frames,
    Math.max(0, frame - peakReach),
    Math.min(frames.length, frame + peakReach) - 1,
  );
  const step = (to: number): number => difference(frames, to - 1, to);
  const before = Math.min(step(frame - 1), step(frame - 2));
  const after = Math.min(step(frame + 1), step(frame + 2));
  const calm = strength * limits.calmShare;
  return strength >= wide * limits.suddenShare && before <= calm && after <= calm;
}
