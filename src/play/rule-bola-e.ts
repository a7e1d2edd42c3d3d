// BOLA-E: BOLA with a placeholder for the buffer that is not there yet, and with an eye on what the network carries.
//
// Source: "From Theory to Practice: Improving Bitrate Adaptation in the DASH Reference Player" (MMSys 2018, TOMM 2019);
// details as in Sabre (research sabre-results §2.9).
//
// Plain BOLA chooses by the buffer alone, and the buffer is small where that says nothing: after a start or a seek, and on a
// live stream. BOLA-E adds virtual buffer, the placeholder ph, and scores with B + ph:
//
// - at the start the rung is what the network carries, q_T, and ph what B lacks to minLevel(q_T);
// - waiting for room adds to ph: the buffer would have grown, had it been allowed;
// - after a segment, B at its request plus ph is brought to at most maxLevel of its rung, and to at least minLevel unless the
//   film stalls, so that a rung chosen by others (a cap, DYNAMIC) moves the placeholder along;
// - an abandoned request says that the network has collapsed: ph falls to what the rung fled to needs.
//
// When B + ph exceeds what the chosen rung is worth, the excess is taken from ph, and what remains is waited out, except
// at the highest rung. The insufficient-buffer rule (IBR) then lowers the rung until its bits surely arrive in time:
// R_q·p ≤ s·(B − latency)·T, s = 0.9, times 0.9 per decision down to 0.5. BOLA-PL is the same with plain BOLA's worth
// and without IBR.
import {
  bestRung,
  carriedWithinCaps,
  longestSegment,
  maxLevel,
  minLevel,
  plainWorth,
  rungToFleeTo,
  utilities,
  type Worth,
  withinCaps,
} from "./bola.ts";
import { bolaESentence } from "./bola-words.ts";
import type { Choice, Downloaded, Progress, Rule } from "./rule.ts";
import { type Guard, measured } from "./rule-bola.ts";
import { cappedRung } from "./rule-throughput.ts";
import type { Context, Film, Ladder } from "./types.ts";

const minimumBufferMs = 10_000;
const perLevelMs = 2000;
const utilityOfLowest = 1;
const safetyStep = 0.9;
const leastSafety = 0.5;

export interface BolaEOptions {
  readonly name: string;
  readonly guard: Guard;
  /** Without: plain BOLA's worth, and no insufficient-buffer rule (BOLA-PL). */
  readonly insufficientBufferRule: boolean;
}

export interface BolaEState {
  readonly worth: Worth;
  /** Nothing was decided by throughput since the start or the last seek. */
  readonly starting: boolean;
  readonly placeholderMs: number;
  readonly lastRung?: number;
  /** s of the insufficient-buffer rule. */
  readonly safety: number;
}

export interface BolaETrail {
  readonly worth: Worth;
  readonly starting: boolean;
  /** B + ph as it was scored. */
  readonly levelMs: number;
  readonly last: number;
  readonly wanted: number;
  readonly carried: number;
  /** After the guard. */
  readonly guarded: number;
  /** Bits that surely arrive in time; undefined when nobody asked. */
  readonly safeBits?: number;
  readonly chosen: number;
  readonly waitMs: number;
  readonly placeholderMs: number;
}

export function bolaE(options: BolaEOptions): Rule<BolaEState> {
  return {
    name: options.name,
    start: (film, maxBufferMs) => ({
      worth: options.insufficientBufferRule
        ? enhancedWorth(film.ladder, maxBufferMs)
        : plainWorth(film.ladder, longestSegment(film), maxBufferMs, utilityOfLowest),
      starting: true,
      placeholderMs: 0,
      safety: safetyStep,
    }),
    decide: (film, state, context) => decide(film, state, context, options),
    explain: (film, state, context) => {
      if (!measured(context)) return bolaESentence(film, context, undefined);
      return bolaESentence(film, context, trailOf(film, state, context, options));
    },
    downloaded: (film, state, download) => ended(film, state, download),
    delayed: (_film, state, ms) => ({ ...state, placeholderMs: state.placeholderMs + ms }),
    sought: (_film, state) => ({ ...state, starting: true }),
    progressed,
  };
}

/**
 * u_0 = 1; the target is max(Bmax, 10 s + 2 s per rung); γp = (u_top − 1) / (target / 10 s − 1); V = 10 s / γp.
 *
 * So that, utility counted from the lowest rung, the lowest is worth its bits up to V·γp = 10 s and the highest up to
 * V·(u_top − u_0 + γp), the target. A single rung has nothing to choose between; any γp does.
 */
function enhancedWorth(ladder: Ladder, maxBufferMs: number): Worth {
  const targetMs = Math.max(maxBufferMs, minimumBufferMs + perLevelMs * ladder.kbps.length);
  const utility = utilities(ladder, utilityOfLowest);
  const spread = (utility[utility.length - 1] ?? 0) - utilityOfLowest;
  const gammaP = spread > 0 ? spread / (targetMs / minimumBufferMs - 1) : 1;
  return { utility, gammaP, vMs: minimumBufferMs / gammaP };
}

interface Decided {
  readonly choice: Choice;
  readonly state: BolaEState;
}

function decide(film: Film, state: BolaEState, context: Context, options: BolaEOptions): Decided {
  if (!measured(context)) return { choice: { rung: context.minRung, waitMs: 0 }, state };
  const trail = trailOf(film, state, context, options);
  const safety =
    trail.safeBits === undefined ? state.safety : Math.max(leastSafety, state.safety * safetyStep);
  return {
    choice: { rung: trail.chosen, waitMs: trail.waitMs },
    state: {
      worth: state.worth,
      starting: false,
      placeholderMs: trail.placeholderMs,
      lastRung: state.lastRung ?? context.minRung,
      safety: trail.starting ? safetyStep : safety,
    },
  };
}

function trailOf(film: Film, state: BolaEState, context: Context, options: BolaEOptions): BolaETrail {
  const carried = carriedWithinCaps(film, context, context.estimateKbps ?? 0);
  const last = withinCaps(state.lastRung ?? context.minRung, context);
  if (state.starting) return startingTrail(film, state, context, { carried, last });
  const { worth, placeholderMs } = state;
  const levelMs = context.bufferMs + placeholderMs;
  const wanted = bestRung(film.ladder, worth, levelMs, context);
  const guarded = guard(wanted, last, carried, options.guard);
  const excessMs = Math.max(0, levelMs - maxLevel(worth, guarded));
  const fromPlaceholder = Math.min(excessMs, placeholderMs);
  const settled: BolaETrail = {
    worth,
    starting: false,
    levelMs,
    last,
    wanted,
    carried,
    guarded,
    chosen: guarded,
    waitMs: guarded === context.maxRung ? 0 : excessMs - fromPlaceholder,
    placeholderMs: placeholderMs - fromPlaceholder,
  };
  return options.insufficientBufferRule ? insufficientBuffer(film, state, context, settled) : settled;
}

function startingTrail(
  film: Film,
  { worth }: BolaEState,
  context: Context,
  { carried, last }: { readonly carried: number; readonly last: number },
): BolaETrail {
  const wanted = carried;
  const placeholderMs = Math.max(0, minLevel(film.ladder, worth, carried) - context.bufferMs);
  const levelMs = context.bufferMs + placeholderMs;
  const steps = { wanted, carried, guarded: carried, chosen: carried };
  return { worth, starting: true, levelMs, last, ...steps, waitMs: 0, placeholderMs };
}

function guard(wanted: number, last: number, carried: number, kind: Guard): number {
  if (wanted <= last || wanted <= carried) return wanted;
  const held = Math.max(last, carried);
  return kind === "wait" ? held : held + 1;
}

function insufficientBuffer(film: Film, state: BolaEState, context: Context, trail: BolaETrail): BolaETrail {
  const safeBits = state.safety * (context.bufferMs - context.latencyMs) * (context.estimateKbps ?? 0);
  const length = film.segments.durationMs[context.segment] ?? 0;
  const chosen = Math.max(context.minRung, cappedRung(film, length, trail.guarded, safeBits));
  if (chosen === trail.guarded) return { ...trail, safeBits };
  const most = Math.max(0, minLevel(film.ladder, state.worth, chosen) - context.bufferMs);
  return { ...trail, safeBits, chosen, waitMs: 0, placeholderMs: Math.min(trail.placeholderMs, most) };
}

/** The placeholder after a request that came to its end. */
function ended(film: Film, state: BolaEState, download: Downloaded): BolaEState {
  const lastRung = download.rung;
  if (state.starting) return { ...state, lastRung };
  return { ...state, lastRung, placeholderMs: placeholderAfter(film, state, download) };
}

function placeholderAfter(film: Film, state: BolaEState, download: Downloaded): number {
  const { worth, placeholderMs } = state;
  const leftMs = download.bufferMs;
  const wasMs = leftMs + download.ms;
  if (download.abandonedTo !== undefined) {
    if (download.replacement) return placeholderMs;
    const { abandonedTo } = download;
    const wanted = abandonedTo > 0 ? minLevel(film.ladder, worth, abandonedTo) : minimumBufferMs;
    return Math.min(placeholderMs, Math.max(0, wanted - leftMs));
  }
  if (download.replacement) return placeholderMs + (film.segments.durationMs[download.segment] ?? 0);
  const most = Math.max(0, maxLevel(worth, download.rung) - wasMs);
  const capped = Math.min(placeholderMs, most);
  if (leftMs <= 0) return capped;
  return Math.max(capped, minLevel(film.ladder, worth, download.rung) - wasMs);
}

/**
 * As plain BOLA, but for what a new request costs: one more latency, in which the buffer drains and in which the present
 * request would receive latency · rate of its bits.
 */
function progressed(film: Film, state: BolaEState, progress: Progress): number | undefined {
  const { rung, bits, arrivedBits, ttfbMs } = progress;
  const bodyMs = progress.ms - ttfbMs;
  if (arrivedBits <= 0 || bodyMs <= 0) return undefined;
  const leftBits = bits - arrivedBits - ttfbMs * (arrivedBits / bodyMs);
  if (leftBits <= 0) return undefined;
  const levelMs = Math.max(0, progress.bufferMs + state.placeholderMs - ttfbMs);
  return rungToFleeTo(film.ladder, state.worth, { rung, bits, leftBits, levelMs });
}
