// BOLA: every rung is worth its utility, costs its bits, and the buffer is the price list.
//
// Sources: "BOLA: Near-Optimal Bitrate Adaptation for Online Videos" (INFOCOM 2016, ToN 2020); "From Theory to Practice:
// Improving Bitrate Adaptation in the DASH Reference Player" (MMSys 2018); nominal rates instead of sizes, ties and
// constants as in the reference simulator Sabre (research sabre-results §2).
//
// The aim is the sum of mean utility, u_q = ln(R_q / R_0), and γ times the share of time without a stall, while the
// buffer stays within its maximum. Lyapunov optimisation turns that long-run aim into a decision that needs no forecast of
// the network: ask for the rung with the highest
//
//   score(q) = (V·w_q − B) / R_q,   w_q = u_q + γp,
//
// B what lies ready (ms), R_q the rung's rate (kbit/s), V how much buffer one unit of worth may occupy (ms). At a small
// buffer the numerators are alike and the cheapest rung wins; as B grows, cheap rungs' numerators shrink first. A score
// below zero says that the buffer is too full for that rung to be worth fetching at all, so a download that begins at
// a score of zero or more begins at B ≤ V·w_top. Hence Theorem 1: with 0 < V ≤ (Bmax − p) / w_top, p one segment, the
// buffer never exceeds V·w_top + p ≤ Bmax, and utility is within O(1/V) of the best possible.
//
// The score also says from which buffer on a rung is preferred. Rung q beats every lower one from
//
//   minLevel(q) = max over q' < q of V·(γp + (R_q·u_q' − R_q'·u_q) / (R_q − R_q'))
//
// on, and is worth its bits up to maxLevel(q) = V·w_q.
import { carriedRung } from "./rule-throughput.ts";
import type { Context, Film, Ladder } from "./types.ts";

/** What the rungs of a ladder are worth, and how much buffer that worth may fill. */
export interface Worth {
  /** u_q per rung, rising. */
  readonly utility: readonly number[];
  /** γp: what a segment without a stall is worth, in units of utility. */
  readonly gammaP: number;
  /** V: milliseconds of buffer per unit of worth; more than 0. */
  readonly vMs: number;
}

/** γp where the lowest rung's utility is 0. Source: the example of the INFOCOM paper. */
const noStallWorth = 5;

/** u_q = ln R_q + u_0 − ln R_0 */
export function utilities(ladder: Ladder, ofLowest: number): readonly number[] {
  const offset = ofLowest - Math.log(ladder.kbps[0] ?? 1);
  return ladder.kbps.map((kbps) => Math.log(kbps) + offset);
}

/**
 * V = (Bmax − p) / w_top, the largest that keeps the buffer within its maximum; p the longest segment.
 *
 * A buffer of less than two segments would leave V near 0, where every score is negative and the dearest rung the least
 * so; V is then that of one segment, which no decision's buffer exceeds.
 */
export function largestV(
  maxBufferMs: number,
  longestMs: number,
  utility: readonly number[],
  gammaP: number,
): number {
  return Math.max(longestMs, maxBufferMs - longestMs) / ((utility[utility.length - 1] ?? 0) + gammaP);
}

/** What plain BOLA holds a ladder worth, counted from `ofLowest`: the sums u_q + γp are the same whatever it is. */
export function plainWorth(ladder: Ladder, longestMs: number, maxBufferMs: number, ofLowest: number): Worth {
  const utility = utilities(ladder, ofLowest);
  const gammaP = noStallWorth - ofLowest;
  return { utility, gammaP, vMs: largestV(maxBufferMs, longestMs, utility, gammaP) };
}

/** The segment length that stands for the film's: its longest. */
export function longestSegment(film: Film): number {
  let longest = 1;
  for (const ms of film.segments.durationMs) longest = Math.max(longest, ms);
  return longest;
}

/** (V·w_q − B) / R_q, in milliseconds of buffer per kbit/s. */
export function scoreOf(ladder: Ladder, worth: Worth, rung: number, levelMs: number): number {
  return (maxLevel(worth, rung) - levelMs) / (ladder.kbps[rung] ?? 1);
}

/** The rung with the highest score within the caps; of equals the lowest. */
export function bestRung(ladder: Ladder, worth: Worth, levelMs: number, caps: Caps): number {
  let best = caps.minRung;
  let highest = scoreOf(ladder, worth, best, levelMs);
  for (let rung = best + 1; rung <= caps.maxRung; rung++) {
    const score = scoreOf(ladder, worth, rung, levelMs);
    if (score > highest) {
      best = rung;
      highest = score;
    }
  }
  return best;
}

/** The buffer up to which a rung is worth its bits, in ms. */
export function maxLevel(worth: Worth, rung: number): number {
  return worth.vMs * ((worth.utility[rung] ?? 0) + worth.gammaP);
}

/**
 * The buffer from which on a rung beats every lower one, in ms; 0 for the lowest.
 *
 * BOLA-E brings its placeholder to exactly this level, where two rungs score alike: which of them wins is a matter of the
 * last digit, and this order of operations is the one that recorded runs of Sabre need.
 */
export function minLevel(ladder: Ladder, worth: Worth, rung: number): number {
  const { utility, gammaP, vMs } = worth;
  const dear = ladder.kbps[rung] ?? 1;
  const dearUtility = utility[rung] ?? 0;
  let level = 0;
  for (let below = 0; below < rung; below++) {
    const cheap = ladder.kbps[below] ?? 1;
    const cheapUtility = utility[below] ?? 0;
    level = Math.max(level, vMs * (gammaP + (dear * cheapUtility - cheap * dearUtility) / (dear - cheap)));
  }
  return level;
}

export type Caps = Pick<Context, "minRung" | "maxRung">;

export function withinCaps(rung: number, caps: Caps): number {
  return Math.min(caps.maxRung, Math.max(caps.minRung, rung));
}

/** q_T: the highest rung within the caps that `kbps` carries at its nominal rate. */
export function carriedWithinCaps(film: Film, context: Context, kbps: number): number {
  const length = film.segments.durationMs[context.segment] ?? 0;
  return withinCaps(carriedRung(film, length, context.latencyMs, kbps), context);
}

/** What is given up for what: a request under way against its remaining bits, a lower rung against its whole size. */
export interface Abandonment {
  readonly rung: number;
  /** Size of the whole segment as it was asked for. */
  readonly bits: number;
  /** Bits still to come of it. */
  readonly leftBits: number;
  readonly levelMs: number;
}

/**
 * The lower rung whose whole segment scores above what is left of this one and is smaller than that; undefined when none.
 *
 * (V·w_q' − B) / S_q' > (V·w_q − B) / S_left,  S_q' = S_q·R_q' / R_q. Never when what is left scores below 0.
 */
export function rungToFleeTo(ladder: Ladder, worth: Worth, request: Abandonment): number | undefined {
  const rate = ladder.kbps[request.rung] ?? 1;
  let highest = (maxLevel(worth, request.rung) - request.levelMs) / request.leftBits;
  if (highest < 0) return undefined;
  let best: number | undefined;
  for (let rung = 0; rung < request.rung; rung++) {
    const bits = (request.bits * (ladder.kbps[rung] ?? 1)) / rate;
    const score = (maxLevel(worth, rung) - request.levelMs) / bits;
    if (bits >= request.leftBits || score <= highest) continue;
    best = rung;
    highest = score;
  }
  return best;
}
