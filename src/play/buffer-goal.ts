// How much film a player holds: so many seconds, but never more bytes than the browser's memory for media takes.
//
// Chrome evicts or refuses beyond about 150 MB of video (research abr §6.1), which is 60 s at 20 Mbit/s: for most films the
// seconds decide, for the highest rungs the bytes do.
import { at } from "./ladder.ts";
import type { Film } from "./types.ts";

export interface BufferGoal {
  /** The most film ahead of the playhead. */
  readonly aheadMs: number;
  /** What stays behind it, for a step back. */
  readonly behindMs: number;
  /** Bytes that both together may have. */
  readonly bytes: number;
  /** How often the browser refused. */
  readonly refusals: number;
}

/** Of about 150 MB: the rest is for sound, and for the browser's own bookkeeping. */
export const mediaBytes = 120_000_000;
const longestBufferMs = 60_000;
const mostBehindMs = 30_000;
/** Each refusal: what the browser took is less than we thought. Chosen by us. */
const shrink = 0.6;
/** After so many the browser holds less than two segments of any rung: the film cannot be played here. */
const mostRefusals = 6;

/**
 * The most film a player holds ready: 60 s, but no more than half the film and no less than two segments.
 *
 * Half, because most of what is fetched far ahead of a short film's viewer is fetched for nobody when he leaves.
 */
export function bufferFor(durationsMs: readonly number[]): number {
  const whole = durationsMs.reduce((sum, ms) => sum + ms, 0);
  return Math.max(2 * Math.max(0, ...durationsMs), Math.min(longestBufferMs, whole / 2));
}

export function bufferGoalFor(film: Film, bytes: number = mediaBytes, refusals = 0): BufferGoal {
  const durations = film.segments.durationMs;
  const longest = Math.max(0, ...durations);
  const wanted = bufferFor(durations);
  const holds = (spanMs: number): boolean => mostBytes(film, spanMs) <= bytes;
  // What lies behind goes first: it was seen already.
  const behindMs = [mostBehindMs, mostBehindMs / 3, longest].find((ms) => holds(wanted + ms)) ?? longest;
  const aheadMs = largest(2 * longest, wanted, (ms) => holds(ms + behindMs));
  return { aheadMs, behindMs, bytes, refusals };
}

/** The browser refused a segment (QuotaExceededError). Undefined: nothing less can be tried. */
export function refused(film: Film, goal: BufferGoal): BufferGoal | undefined {
  const refusals = goal.refusals + 1;
  if (refusals > mostRefusals) return undefined;
  return bufferGoalFor(film, goal.bytes * shrink, refusals);
}

/** The heaviest stretch of that length, every segment of it in its largest rung, a started segment whole. */
export function mostBytes(film: Film, spanMs: number): number {
  const durations = film.segments.durationMs;
  const bytes = film.segments.bits.map((rungs) => Math.max(0, ...rungs) / 8);
  let [most, sum, length, first] = [0, 0, 0, 0];
  for (const [index, size] of bytes.entries()) {
    sum += size;
    length += at(durations, index);
    while (first < index && length - at(durations, first) >= spanMs) {
      sum -= at(bytes, first);
      length -= at(durations, first);
      first += 1;
    }
    most = Math.max(most, sum);
  }
  return most;
}

/** The largest of [least, most] that holds, to a tenth of a second; `least` when none does. */
function largest(least: number, most: number, holds: (ms: number) => boolean): number {
  if (most <= least || holds(most)) return Math.max(least, most);
  let [good, bad] = [least, most];
  while (bad - good > 100) {
    const middle = (good + bad) / 2;
    if (holds(middle)) good = middle;
    else bad = middle;
  }
  return good;
}
