// The default rule: a rung is climbed to when it can be kept for long, and left when it cannot be kept for the next few seconds.
//
// It began as HYB (rule-hyb.ts): a map from the buffer to the rate, with a floor, a guard and a cap of throughput. A map knows
// the buffer but not the network: over 40 Mbit/s and over 4 it climbs at the same seconds, so that it either wastes the one or
// overtaxes the other. Here the buffer is judged by what the network makes of it. One question is asked of every rung, of the
// real sizes of the segments ahead (look-ahead.ts): kept for h of film over T, does the buffer stay above the reserve r?
//
//   r       = 2 · V · R / T_worst, within 20 s and 60 s, and at most 0.5 · (Bmax − 2V): what two segments would take at the
//             worst rate of the session, which half an hour forgives. Outages of 20 s to 30 s are common (SIGCOMM 2014).
//   climb   to the highest rung above the last that holds for h = 1.75 · (Bmax − V) over T = 0.8 · usual rate,
//           and that the network carried within the last 5 segments
//   keep    the last rung while it holds for 12 s over T = estimate; else down to the highest rung that does
//   floor   what 0.6 · usual rate carries without any buffer, so that a start is fast
//   cap     bits ≤ 0.7 · (B − latency) · T: a segment must arrive before the buffer is empty
//   worth   the cheapest rung within 1 VMAF (worth.ts)
//
// Why it is calm: the two horizons are a hysteresis in time. A climb that would have to be undone within h is not made, while
// a fall that the buffer covers is waited for; no rung need be held back or delayed by counting. Above what the network carried
// in none of the last 5 segments nothing is climbed to, however full the buffer: over a steady network the choice settles, where
// rules that spend their buffer go up and down for ever (BOLA-O holds back by the estimate of the moment, which in a network
// that wavers is too low half of the time: "BOLA", INFOCOM 2016). Towards the film's end h ends with the film, since a buffer
// is of no use after it, but is never under 60 s: a better picture for less is not worth the switch.
//
// The usual rate is the lower of two geometric means over film, of half-lives 6 s and half the room (recent-rates.ts). The
// estimate, a mean over transfer time, falls fast: it is asked where a fall matters.
//
// A request is given up as in HYB; after that T is at most the rate at which it came, for one decision.
//
// Pace, after "Sammy: smoothing video traffic to be a friendly internet neighbor" (SIGCOMM 2023) and its public demo: from 3
// times the highest rate allowed at an empty buffer to 1.5 times at a full one. 0.8 · 1.5 is above 1, so that a paced network
// still looks good enough for the top, and there is a pace as long as the network carries the rung, so that it does not come
// and go with the estimate that it makes. Not simulated.
//
// Constants were found on every second trace of eight sets (docs/abr.md), which also says what each part is worth.
import { lastWithin, longestMs } from "./bba-map.ts";
import { explained, groundsOf } from "./default-words.ts";
import { at } from "./ladder.ts";
import { holds, leftMs, type Outlook, planFor, playsMs } from "./look-ahead.ts";
import { type Memory, noRates, type RecentRates, usualKbps, withSegment } from "./recent-rates.ts";
import type { Downloaded, Progress, Rule } from "./rule.ts";
import { carriedRung } from "./rule-throughput.ts";
import type { Context, Film } from "./types.ts";
import { worthwhileRung } from "./worth.ts";

/** Shares have no unit; the essay says what each is for. */
export interface DefaultConstants {
  readonly reserveShare: number;
  readonly shortestReserveMs: number;
  readonly longestReserveMs: number;
  /** The reserve is what this many segments take at the worst rate seen. */
  readonly worstSegments: number;
  readonly climbRooms: number;
  readonly shortestClimbMs: number;
  readonly climbShare: number;
  readonly provenSegments: number;
  /** How many times what was proven a rung may need. */
  readonly provenTimes: number;
  readonly keepMs: number;
  readonly floorShare: number;
  readonly safeShare: number;
  readonly shortMemoryMs: number;
  readonly longMemoryRooms: number;
  readonly forgivenMs: number;
  /** Longer than this many times its playing time is too long for a segment. */
  readonly tooLong: number;
  /** Share of the rate so far that the rung to give up for may need. */
  readonly giveUpShare: number;
}

export const defaultConstants: DefaultConstants = {
  reserveShare: 0.5,
  shortestReserveMs: 20_000,
  longestReserveMs: 60_000,
  worstSegments: 2,
  climbRooms: 1.75,
  shortestClimbMs: 60_000,
  climbShare: 0.8,
  provenSegments: 5,
  provenTimes: 1,
  keepMs: 12_000,
  floorShare: 0.6,
  safeShare: 0.7,
  shortMemoryMs: 6000,
  longMemoryRooms: 0.5,
  forgivenMs: 1_800_000,
  tooLong: 1.8,
  giveUpShare: 0.9,
};

/** No request is given up before. */
const graceMs = 500;
/** Waiting that is accepted at an empty buffer, right after start or seek: the picture stands still anyway. */
const startGraceMs = 1000;

export interface DefaultState {
  readonly rates: RecentRates;
  readonly memory: Memory;
  /** The rung before and after worth was weighed, at the last decision. */
  readonly planned: { readonly rung: number; readonly chosen: number } | undefined;
  /** At which the last request came, if that was given up. */
  readonly givenUpKbps: number | undefined;
}

/** The steps of a choice, and what they were held against. */
export interface DefaultTrail {
  readonly last: number;
  /** After keep or climb. */
  readonly planned: number;
  readonly lifted: number;
  readonly fitting: number;
  readonly chosen: number;
  readonly nowKbps: number;
  readonly usualKbps: number;
  readonly provenKbps: number;
  /** What the floor may need. */
  readonly floorKbps: number;
  readonly safeBits: number;
  readonly keep: Outlook;
  readonly climb: Outlook;
}

export function defaultWith(constants: DefaultConstants): Rule<DefaultState> {
  return {
    name: "default",
    start: (film, maxBufferMs) => ({
      rates: noRates,
      memory: {
        shortMs: constants.shortMemoryMs,
        longMs: constants.longMemoryRooms * roomMs(longestMs(film), maxBufferMs),
        forgivenMs: constants.forgivenMs,
        segments: constants.provenSegments,
      },
      planned: undefined,
      givenUpKbps: undefined,
    }),
    decide: (film, state, context) => {
      const trail = choose(constants, film, state, context);
      const rung = trail?.chosen ?? context.minRung;
      const planned = { rung: trail?.fitting ?? rung, chosen: rung };
      const paceKbps = trail === undefined ? undefined : pace(film, context, trail);
      return {
        choice: paceKbps === undefined ? { rung, waitMs: 0 } : { rung, waitMs: 0, paceKbps },
        state: { ...state, planned },
      };
    },
    explain: (film, state, context) => explained(film, context, choose(constants, film, state, context)),
    grounds: (film, state, context) => {
      const trail = choose(constants, film, state, context);
      return trail && groundsOf(film, trail);
    },
    downloaded: (film, state, download) => ended(film, state, download),
    sought: (_film, state) => ({ ...state, planned: undefined, givenUpKbps: undefined }),
    progressed: (film, _state, progress) => giveUp(constants, film, progress),
    patience: { graceMs, lengths: constants.tooLong },
  };
}

/** The highest buffer that a decision sees. */
function roomMs(segmentMs: number, maxBufferMs: number): number {
  return Math.max(segmentMs, maxBufferMs - segmentMs);
}

/** Undefined while nothing is known of the network. */
function choose(
  constants: DefaultConstants,
  film: Film,
  state: DefaultState,
  context: Context,
): DefaultTrail | undefined {
  const nowKbps = Math.min(context.estimateKbps ?? 0, state.givenUpKbps ?? Number.POSITIVE_INFINITY);
  if (!(nowKbps > 0)) return undefined;
  const usual = usualKbps(state.rates) ?? nowKbps;
  const worstKbps = Math.min(nowKbps, state.rates.worstKbps ?? nowKbps);
  const plans = horizons(constants, film, context, { nowKbps, usualKbps: usual, worstKbps });
  const last = lastPlanned(state, context);
  const provenKbps = constants.provenTimes * Math.max(nowKbps, ...state.rates.last);
  const planned =
    climbed(film, context, plans.climb, last, provenKbps) ?? kept(film, context, plans.keep, last);
  const floorKbps = Math.min(constants.floorShare * usual, provenKbps);
  const lifted = Math.max(planned, carried(film, context, floorKbps));
  const safeBits = constants.safeShare * spareMs(context) * nowKbps;
  const fitting = fittingRung(film, context, lifted, safeBits);
  const chosen = worthwhileRung(film, context, fitting);
  return {
    last,
    planned,
    lifted,
    fitting,
    chosen,
    nowKbps,
    usualKbps: usual,
    provenKbps,
    floorKbps,
    safeBits,
    ...plans,
  };
}

function horizons(
  constants: DefaultConstants,
  film: Film,
  context: Context,
  rates: { readonly nowKbps: number; readonly usualKbps: number; readonly worstKbps: number },
): Pick<DefaultTrail, "keep" | "climb"> {
  const { reserveShare, shortestReserveMs, longestReserveMs, climbRooms, shortestClimbMs } = constants;
  const ms = playsMs(film, context, context.segment);
  const most = Math.max(0, context.maxBufferMs - 2 * ms);
  const reserve = {
    leastReserveMs: Math.min(reserveShare * most, shortestReserveMs),
    mostReserveMs: Math.min(reserveShare * most, longestReserveMs),
    reserveMsPerKbps:
      (constants.worstSegments * at(film.segments.durationMs, context.segment)) / rates.worstKbps,
  };
  const horizonMs = climbRooms * roomMs(ms, context.maxBufferMs);
  const untilEnd = leftMs(film, context, horizonMs);
  return {
    keep: {
      kbps: rates.nowKbps,
      filmMs: Math.min(constants.keepMs, untilEnd),
      ...reserve,
    },
    climb: {
      kbps: constants.climbShare * rates.usualKbps,
      filmMs: Math.min(horizonMs, Math.max(untilEnd, shortestClimbMs)),
      ...reserve,
    },
  };
}

/** Rung to move on from: where worth alone chose a cheaper one, the one that was planned. */
function lastPlanned({ planned }: DefaultState, context: Context): number {
  const lastRung = planned?.chosen === context.lastRung ? planned?.rung : context.lastRung;
  return lastWithin({ ...context, lastRung });
}

function climbed(
  film: Film,
  context: Context,
  plan: Outlook,
  last: number,
  provenKbps: number,
): number | undefined {
  for (let rung = carried(film, context, provenKbps); rung > last; rung--) {
    if (holds(film, context, planFor(film, plan, rung))) return rung;
  }
  return undefined;
}

function kept(film: Film, context: Context, plan: Outlook, last: number): number {
  let rung = last;
  while (rung > context.minRung && !holds(film, context, planFor(film, plan, rung))) rung--;
  return rung;
}

/** What the rate carries without any buffer, within the caps. */
function carried(film: Film, context: Context, kbps: number): number {
  const ms = playsMs(film, context, context.segment);
  const needed = kbps / (context.playbackRate ?? 1);
  const rung = carriedRung(film, ms, context.latencyMs, needed);
  return Math.min(context.maxRung, Math.max(context.minRung, rung));
}

function spareMs(context: Context): number {
  return Math.max(context.sinceSeek === 0 ? startGraceMs : 0, context.bufferMs - context.latencyMs);
}

function fittingRung(film: Film, context: Context, from: number, safeBits: number): number {
  const bits = at(film.segments.bits, context.segment);
  let rung = from;
  while (rung > context.minRung && at(bits, rung) > safeBits) rung--;
  return rung;
}

/** 3 · R at an empty buffer, 1.5 · R at a full one, R the highest rate allowed; none while T does not carry the rung. */
function pace(film: Film, context: Context, trail: DefaultTrail): number | undefined {
  const rate = context.playbackRate ?? 1;
  if (trail.nowKbps < rate * at(film.ladder.kbps, trail.chosen)) return undefined;
  const room = roomMs(playsMs(film, context, context.segment), context.maxBufferMs);
  const share = 3 - 1.5 * Math.min(1, Math.max(0, context.bufferMs) / room);
  return share * rate * at(film.ladder.kbps, context.maxRung);
}

function ended(film: Film, state: DefaultState, download: Downloaded): DefaultState {
  const bodyMs = download.ms - download.ttfbMs;
  const givenUpKbps =
    download.abandonedTo !== undefined && bodyMs > 0 && download.bits > 0
      ? download.bits / bodyMs
      : undefined;
  const filmMs = at(film.segments.durationMs, download.segment);
  return { ...state, givenUpKbps, rates: withSegment(state.rates, download, filmMs, state.memory) };
}

/**
 * Given up when, at the rate so far, it takes over `tooLong` times its playing time and outlasts the buffer, and the segment
 * of a rung that this rate carries is smaller than what is left.
 */
function giveUp(constants: DefaultConstants, film: Film, progress: Progress): number | undefined {
  const bodyMs = progress.ms - progress.ttfbMs;
  if (progress.ms < graceMs || !(bodyMs > 0 && progress.arrivedBits > 0)) return undefined;
  const ms = at(film.segments.durationMs, progress.segment);
  const kbps = progress.arrivedBits / bodyMs;
  const leftBits = progress.bits - progress.arrivedBits;
  const left = leftBits / kbps;
  if (!(progress.ms + left > constants.tooLong * ms && left > progress.bufferMs)) return undefined;
  const rung = carriedRung(film, ms, progress.latencyMs, constants.giveUpShare * kbps);
  const bits = at(at(film.segments.bits, progress.segment), rung);
  return rung < progress.rung && bits < leftBits ? rung : undefined;
}

export const defaultRule = defaultWith(defaultConstants);
