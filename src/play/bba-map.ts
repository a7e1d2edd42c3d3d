// The buffer maps of buffer-based adaptation: where the reservoir ends, which rate the buffer stands for, and when that rate
// is far enough from the last rung to move.
import { at } from "./ladder.ts";
import type { Context, Film, RateMap } from "./types.ts";
import { mbit, seconds } from "./words.ts";

/** The longest segment: V in the papers, where all are equally long. */
export function longestMs(film: Film): number {
  return film.segments.durationMs.reduce((most, ms) => Math.max(most, ms), 1);
}

/**
 * Reservoir and end of the cushion, scaled from the paper's 240 s buffer: 90 s and 216 s there.
 *
 * top = min(0.9·Bmax, Bmax − V), since a decision sees at most Bmax − V; reservoir = 0.375·Bmax. A buffer under two segments
 * has no such map: its top lies at V, out of reach.
 */
export function fixedZones(film: Film, maxBufferMs: number): RateMap {
  const longest = longestMs(film);
  const topMs = Math.max(longest, Math.min(0.9 * maxBufferMs, maxBufferMs - longest));
  return { reservoirMs: below(topMs, 0.375 * maxBufferMs), topMs };
}

/** A reservoir leaves a cushion of at least a tenth of the map. */
export function below(topMs: number, reservoirMs: number): number {
  return Math.min(0.9 * topMs, reservoirMs);
}

/** How far the buffer is through the cushion, from 0 to 1. */
function share(zones: RateMap, bufferMs: number): number {
  return Math.min(1, Math.max(0, (bufferMs - zones.reservoirMs) / (zones.topMs - zones.reservoirMs)));
}

/** How rates rise along the cushion. */
export interface Curve {
  readonly kbps: (from: number, to: number, share: number) => number;
  readonly roundingMs: number;
}

/** f(B) on a straight line, in kbit/s. */
export const linear: Curve = { kbps: (from, to, share) => from + (to - from) * share, roundingMs: 0 };

/**
 * f(B) on a straight line in ln R: equal steps of buffer multiply the rate equally.
 *
 * In a short buffer every decision at a full buffer falls on the end of the cushion, where rounding in the last digit would
 * decide between the two highest rungs. Here that end is meant; the straight map keeps the published rule to the letter.
 */
export const logarithmic: Curve = {
  kbps: (from, to, share) => from * (to / from) ** share,
  roundingMs: 1e-6,
};

/** f(B) between two rates, in kbit/s. */
export function curveKbps(
  curve: Curve,
  ends: readonly [number, number],
  zones: RateMap,
  bufferMs: number,
): number {
  return curve.kbps(ends[0], ends[1], share(zones, bufferMs));
}

/** What a buffer map is asked: the rate it stands for, held against what each rung needs. */
export interface MapQuestion {
  readonly zones: RateMap;
  readonly kbps: number;
  /** The rate that each rung needs: nominal, or of the next segment. */
  readonly needs: readonly number[];
  /** Whether the rate has passed a rung's need, and may rise to it. */
  readonly passed: (kbps: number, need: number) => boolean;
  /** So little short of the cushion's end still is its end. */
  readonly roundingMs: number;
}

/** Whether the buffer is at or beyond the end of the cushion. */
export function isFull(
  { zones, roundingMs }: Pick<MapQuestion, "zones" | "roundingMs">,
  bufferMs: number,
): boolean {
  return bufferMs >= zones.topMs - roundingMs;
}

/** Source: SIGCOMM 2014, Algorithm 1: max{R : R < f(B)}. */
export function strictly(kbps: number, need: number): boolean {
  return kbps > need;
}

/** Source: SIGCOMM 2014, section 5: the chunk map moves as soon as it reaches a size. */
export function reaching(kbps: number, need: number): boolean {
  return kbps >= need;
}

/**
 * Algorithm 1 of the paper, within the caps: lowest in the reservoir, highest beyond the cushion; between, the last rung stays
 * until f(B) reaches Rate+ or falls to Rate−, and then goes as far as f(B) does.
 */
export function mappedRung(context: Context, question: MapQuestion): number {
  const { zones, kbps, needs, passed } = question;
  const { minRung, maxRung, bufferMs } = context;
  if (bufferMs <= zones.reservoirMs) return minRung;
  if (isFull(question, bufferMs)) return maxRung;
  const last = lastWithin(context);
  if (last < maxRung && kbps >= at(needs, last + 1)) return highestPassed(context, last, kbps, needs, passed);
  if (last > minRung && kbps <= at(needs, last - 1)) return lowestAbove(context, last, kbps, needs);
  return last;
}

/** Rung of the segment before, within the caps. */
export function lastWithin(context: Context): number {
  return Math.min(context.maxRung, Math.max(context.minRung, context.lastRung ?? context.minRung));
}

function highestPassed(
  context: Context,
  last: number,
  kbps: number,
  needs: readonly number[],
  passed: MapQuestion["passed"],
): number {
  for (let rung = context.maxRung; rung > last; rung--) if (passed(kbps, at(needs, rung))) return rung;
  return last;
}

function lowestAbove(context: Context, last: number, kbps: number, needs: readonly number[]): number {
  for (let rung = context.minRung; rung < last; rung++) if (at(needs, rung) > kbps) return rung;
  return last;
}

/** What the map was asked, as a clause: the buffer, the zone, and the rates beside the last rung. */
export function mapClause(context: Context, question: MapQuestion): string {
  const { zones, kbps, needs } = question;
  const buffer = `buffer ${seconds(context.bufferMs)} s`;
  if (context.bufferMs <= zones.reservoirMs)
    return `${buffer} is inside the reservoir of ${seconds(zones.reservoirMs)} s`;
  if (isFull(question, context.bufferMs))
    return `${buffer} is beyond the cushion's end at ${seconds(zones.topMs)} s`;
  const last = lastWithin(context);
  const above = last < context.maxRung ? mbit(at(needs, last + 1)) : "none";
  const under = last > context.minRung ? mbit(at(needs, last - 1)) : "none";
  const cushion = `${seconds(zones.reservoirMs)}–${seconds(zones.topMs)} s`;
  return `${buffer} in the cushion of ${cushion}: f(B) = ${mbit(kbps)} Mbit/s, rate− ${under}, rate+ ${above}`;
}
