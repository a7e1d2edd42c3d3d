// What the viewer sees: segments leave the buffer one after the other, and what they are worth is summed up as each begins.
// Source: Sabre's buffer model, with a length of its own per segment.
import { newReaction, plays, type Reaction, settle } from "./sim-reaction.ts";
import type { Film } from "./types.ts";

/** Segments `head` to `end` (exclusive) lie in the buffer; `playedMs` of the first is over. Changed in place. */
export interface Playout {
  readonly film: Film;
  /** Mean length of a segment: the unit of everything that is counted per segment. */
  readonly segmentMs: number;
  /** When each segment starts in the film, and where the film ends. */
  readonly startMs: Float64Array;
  readonly kbps: Float64Array;
  /** ln(R[q] / R[0]). */
  readonly utility: Float64Array;
  readonly rungs: Uint8Array;
  readonly reaction: Reaction;
  head: number;
  end: number;
  playedMs: number;
  clockMs: number;
  stallMs: number;
  stalls: number;
  lastPlayed: number | undefined;
  played: number;
  switches: number;
  playedFilmMs: number;
  /** Sums over the segments played, weighted with their lengths. */
  kbpsMs: number;
  utilityMs: number;
  vmafMs: number;
  /** Σ |R[q] − R[q before]| and the same of ln R. */
  changeKbps: number;
  changeLog: number;
  /** Σ R[q] over segments, each counted once. */
  sumKbps: number;
  rampupFromMs: number;
  rampupMs: number | undefined;
  /** The rung that counts as ramped up. */
  rampupRung: number;
}

export function newPlayout(film: Film, maxBufferMs: number): Playout {
  const { durationMs } = film.segments;
  const startMs = new Float64Array(durationMs.length + 1);
  for (const [i, ms] of durationMs.entries()) startMs[i + 1] = (startMs[i] ?? 0) + ms;
  const kbps = Float64Array.from(film.ladder.kbps);
  const lowest = Math.log(kbps[0] ?? 1);
  return {
    film,
    segmentMs: (startMs[durationMs.length] ?? 0) / Math.max(1, durationMs.length),
    startMs,
    kbps,
    utility: kbps.map((rate) => Math.log(rate) - lowest),
    rungs: new Uint8Array(durationMs.length),
    reaction: newReaction(maxBufferMs),
    head: 0,
    end: 0,
    playedMs: 0,
    clockMs: 0,
    stallMs: 0,
    stalls: 0,
    lastPlayed: undefined,
    played: 0,
    switches: 0,
    playedFilmMs: 0,
    kbpsMs: 0,
    utilityMs: 0,
    vmafMs: 0,
    changeKbps: 0,
    changeLog: 0,
    sumKbps: 0,
    rampupFromMs: 0,
    rampupMs: undefined,
    rampupRung: 0,
  };
}

export function levelMs(playout: Playout): number {
  return (playout.startMs[playout.end] ?? 0) - (playout.startMs[playout.head] ?? 0) - playout.playedMs;
}

/** The segment at the buffer's end arrived. */
export function append(playout: Playout, rung: number): void {
  playout.rungs[playout.end] = rung;
  playout.end += 1;
}

/** The viewer goes elsewhere: nothing of what lies ready is of use. */
export function jump(playout: Playout, segment: number): void {
  playout.head = segment;
  playout.end = segment;
  playout.playedMs = 0;
  playout.rampupFromMs = playout.clockMs;
  playout.rampupMs = undefined;
}

export function lengthOf(playout: Playout, segment: number): number {
  return playout.film.segments.durationMs[segment] ?? 0;
}

export function highestFetched(playout: Playout): number {
  let highest = -1;
  for (let i = playout.head; i < playout.end; i++) highest = Math.max(highest, playout.rungs[i] ?? 0);
  return highest;
}

/** Lets `ms` pass for the viewer: film while there is some, a stall after. */
export function drain(playout: Playout, ms: number): void {
  if (playout.head === playout.end) {
    playout.stallMs += ms;
    playout.clockMs += ms;
    return;
  }
  let left = ms;
  if (playout.playedMs > 0) {
    const rest = lengthOf(playout, playout.head) - playout.playedMs;
    if (left + playout.playedMs < lengthOf(playout, playout.head)) {
      playout.playedMs += left;
      playout.clockMs += left;
      return;
    }
    left -= rest;
    playout.clockMs += rest;
    playout.head += 1;
    playout.playedMs = 0;
  }
  left = playWhole(playout, left);
  if (left > 0) {
    playout.stallMs += left;
    playout.clockMs += left;
    playout.stalls += 1;
  }
  settle(playout.reaction, playout.clockMs);
}

/** Plays what lies ready to its end. */
export function playOut(playout: Playout): void {
  drain(playout, levelMs(playout));
  playout.head = playout.end;
  playout.playedMs = 0;
}

/** Plays segments from their beginnings; returns what is left of `ms` when none lies ready. */
function playWhole(playout: Playout, ms: number): number {
  let left = ms;
  while (left > 0 && playout.head < playout.end) {
    const length = lengthOf(playout, playout.head);
    begin(playout, length);
    if (left >= length) {
      playout.head += 1;
      playout.clockMs += length;
      left -= length;
    } else {
      playout.playedMs = left;
      playout.clockMs += left;
      left = 0;
    }
  }
  return left;
}

function begin(playout: Playout, length: number): void {
  const rung = playout.rungs[playout.head] ?? 0;
  const kbps = playout.kbps[rung] ?? 0;
  playout.played += 1;
  playout.playedFilmMs += length;
  playout.sumKbps += kbps;
  playout.kbpsMs += kbps * length;
  playout.utilityMs += (playout.utility[rung] ?? 0) * length;
  playout.vmafMs += (playout.film.segments.vmaf?.[playout.head]?.[rung] ?? 0) * length;
  const last = playout.lastPlayed;
  if (last !== undefined && last !== rung) {
    playout.switches += 1;
    playout.changeKbps += Math.abs(kbps - (playout.kbps[last] ?? 0));
    playout.changeLog += Math.abs((playout.utility[rung] ?? 0) - (playout.utility[last] ?? 0));
  }
  playout.lastPlayed = rung;
  if (playout.rampupMs === undefined && rung >= playout.rampupRung) {
    playout.rampupMs = playout.clockMs - playout.rampupFromMs;
  }
  plays(playout.reaction, playout.clockMs, rung);
}
