// BOLA as published, four ways: BASIC or FINITE, and what to do when the buffer wants more than the network carries.
//
// BASIC keeps the largest V the buffer allows. FINITE knows that a film begins and ends: V follows the buffer that is
// worth building, half of what was played or is left, at least three segments, so that it climbs early and spends the
// buffer at the end; it may also give a request up.
//
// On the way up BOLA would overshoot what the network carries, run low and fall back. The guard: an upward step beyond
// q_T stops at q_T and waits until the buffer is down to where q_T is worth its bits (O, for oscillation), or takes the rung
// above q_T (U, for utility). A film that already plays above q_T stays where it is.
//
// Source: BOLA paper, algorithms BOLA-FINITE, BOLA-O and BOLA-U; research sabre-results §2.8. Sabre waits until q_T scores 0
// where the paper waits until it scores as q_T + 1; this follows Sabre.
import {
  bestRung,
  carriedWithinCaps,
  largestV,
  longestSegment,
  maxLevel,
  plainWorth,
  rungToFleeTo,
  type Worth,
  withinCaps,
} from "./bola.ts";
import { bolaSentence } from "./bola-words.ts";
import type { Choice, Downloaded, Progress, Rule } from "./rule.ts";
import type { Context, Film } from "./types.ts";

/** What an upward step beyond what the network carries becomes. */
export type Guard = "wait" | "one-above";

export interface BolaOptions {
  readonly name: string;
  /** Finite: V follows what was played and what is left, and a request may be given up. */
  readonly horizon: "basic" | "finite";
  readonly guard: Guard;
}

export interface BolaState {
  readonly worth: Worth;
  readonly longestMs: number;
  /** This rule's own last choice, or the rung it fled to; undefined at the start. */
  readonly lastRung?: number;
  /** Where playing began, or went on after a seek; undefined until the first decision there. */
  readonly firstSegment?: number;
}

/** The steps of a decision, for the choice and for the sentence. */
export interface BolaTrail {
  readonly worth: Worth;
  /** What V·w − B would be asked of, without a placeholder the buffer itself. */
  readonly levelMs: number;
  readonly last: number;
  /** The rung with the highest score. */
  readonly wanted: number;
  readonly carried: number;
  readonly chosen: number;
  readonly waitMs: number;
}

export function bola(options: BolaOptions): Rule<BolaState> {
  const start = (film: Film, maxBufferMs: number): BolaState => {
    const longestMs = longestSegment(film);
    return { firstSegment: 0, longestMs, worth: plainWorth(film.ladder, longestMs, maxBufferMs, 0) };
  };
  const rule: Rule<BolaState> = {
    name: options.name,
    start,
    decide: (film, state, context) => decide(film, state, context, options),
    explain: (film, state, context) => {
      if (!measured(context)) return bolaSentence(film, context, undefined);
      return bolaSentence(film, context, trailOf(film, state, context, options));
    },
    downloaded: (_film, state, download) => ended(state, download, options),
    sought: (_film, { firstSegment: _left, ...state }) => state,
  };
  return options.horizon === "finite" ? { ...rule, progressed } : rule;
}

function decide(film: Film, state: BolaState, context: Context, options: BolaOptions): Decided {
  const firstSegment = firstSegmentOf(state, context);
  if (!measured(context)) {
    return { choice: { rung: context.minRung, waitMs: 0 }, state: { ...state, firstSegment } };
  }
  const trail = trailOf(film, state, context, options);
  return {
    choice: { rung: trail.chosen, waitMs: trail.waitMs },
    state: { worth: trail.worth, longestMs: state.longestMs, lastRung: trail.chosen, firstSegment },
  };
}

interface Decided {
  readonly choice: Choice;
  readonly state: BolaState;
}

function trailOf(film: Film, state: BolaState, context: Context, options: BolaOptions): BolaTrail {
  const worth = options.horizon === "finite" ? finiteWorth(film, state, context) : state.worth;
  const levelMs = context.bufferMs;
  const last = withinCaps(state.lastRung ?? context.minRung, context);
  const wanted = bestRung(film.ladder, worth, levelMs, context);
  const carried = carriedWithinCaps(film, context, context.estimateKbps ?? 0);
  const trail = { worth, levelMs, last, wanted, carried, chosen: wanted, waitMs: 0 };
  if (wanted <= last || wanted <= carried) return trail;
  if (last > carried) return { ...trail, chosen: last };
  if (options.guard === "one-above") return { ...trail, chosen: carried + 1 };
  return { ...trail, chosen: carried, waitMs: Math.max(0, levelMs - maxLevel(worth, carried)) };
}

/** V = (B' − p) / w_top,  B' = min(Bmax, p·max(t/2, 3)),  t = min(played, left) segments, p the longest. */
function finiteWorth(film: Film, state: BolaState, context: Context): Worth {
  const { longestMs, worth } = state;
  const played = context.segment - firstSegmentOf(state, context);
  const left = film.segments.durationMs.length - context.segment;
  const horizonMs = longestMs * Math.max(Math.min(played, left) / 2, 3);
  const bufferMs = Math.min(context.maxBufferMs, horizonMs);
  const { utility, gammaP } = worth;
  return { utility, gammaP, vMs: largestV(bufferMs, longestMs, utility, gammaP) };
}

function firstSegmentOf(state: BolaState, context: Context): number {
  return context.lastRung === undefined ? context.segment : (state.firstSegment ?? context.segment);
}

function ended(state: BolaState, download: Downloaded, options: BolaOptions): BolaState {
  if (options.horizon === "basic" || download.abandonedTo === undefined || download.replacement) return state;
  return { ...state, lastRung: download.abandonedTo };
}

function progressed(film: Film, state: BolaState, progress: Progress): number | undefined {
  const leftBits = progress.bits - progress.arrivedBits;
  if (progress.arrivedBits <= 0 || leftBits <= 0) return undefined;
  const { rung, bits, bufferMs } = progress;
  return rungToFleeTo(film.ladder, state.worth, { rung, bits, leftBits, levelMs: bufferMs });
}

export function measured(context: Context): boolean {
  return context.estimateKbps !== undefined && context.estimateKbps > 0;
}
