// Buffer-based adaptation: the seconds that lie ready decide the rate, and no estimate of the network is asked.
//
// Source: "A Buffer-Based Approach to Rate Adaptation: Evidence from a Large Video Streaming Service", SIGCOMM 2014. A map f(B)
// that is continuous, rises, and is pinned to the lowest rate at an empty buffer and to the highest at a full one never stalls
// while the network carries the lowest rate, and its mean rate follows the network's. BBA-0 draws it straight over the nominal
// rates, beside a fixed reservoir of 90 s of a buffer of 240 s. Segments of one rung differ in size, so BBA-1 draws it over what
// the next segment really needs, and makes the reservoir as long as the coming segments would eat of it, were the network just
// at the lowest rate. BBA-2 starts faster: one rung up whenever the last segment came much faster than it plays, from 8 times at
// an empty buffer to 2 times at the end of the cushion, until the buffer shrinks or the map asks for more. Outages of 20 s to
// 30 s are common: outage protection moves the map to the right by 400 ms with each segment while the buffer grows. BBA-Others
// calms it: no step up that the segments already ahead of the viewer would not bear, and a reservoir that never shrinks.
//
// All lengths are shares of the buffer, so that at 240 s they are the paper's: reservoir 90 s (BBA-0) and 8 s to 140 s (BBA-1
// and on), end of the cushion 216 s, protection up to 80 s below 180 s of buffer. BBA-LOG is ours: BBA-0 over ln R, safer in
// short buffers because a rung q is safe against a fall to the lowest rate only while V·R_q/R_0 ≤ B.
//
// The paper speaks of chunk sizes, all chunks being equally long. Ours are not, so that needs are bits over duration, which
// decides the same where durations are equal.
import {
  below,
  type Curve,
  curveKbps,
  fixedZones,
  isFull,
  lastWithin,
  linear,
  logarithmic,
  longestMs,
  type MapQuestion,
  mapClause,
  mappedRung,
  reaching,
  strictly,
} from "./bba-map.ts";
import { at } from "./ladder.ts";
import type { Choice, Grounds, Rule } from "./rule.ts";
import type { Context, Film, RateMap } from "./types.ts";
import { move, seconds } from "./words.ts";

/** BBA-0 and BBA-LOG: the zones are all they keep. */
function fixedMap(name: string, curve: Curve): Rule<RateMap> {
  return {
    name,
    start: fixedZones,
    decide: (film, zones, context) => ({
      choice: choice(mappedRung(context, nominal(film, zones, context, curve))),
      state: zones,
    }),
    explain: (film, zones, context) => {
      const question = nominal(film, zones, context, curve);
      return `${mapClause(context, question)} ${end(film, context, mappedRung(context, question))}`;
    },
    grounds: (film, zones, context) => groundsOf(nominal(film, zones, context, curve)),
  };
}

/** The reservoir must not be spent, and the cushion ends where the map does. */
function groundsOf({ zones, kbps }: MapQuestion): Grounds {
  return { reserveMs: zones.reservoirMs, floorKbps: undefined, topMs: zones.topMs, mapKbps: kbps };
}

/** The map over the nominal rates of the ladder. */
export function nominal(film: Film, zones: RateMap, context: Context, curve: Curve): MapQuestion {
  const needs = film.ladder.kbps;
  const ends = [at(needs, 0), at(needs, needs.length - 1)] as const;
  const kbps = curveKbps(curve, ends, zones, context.bufferMs);
  return { zones, kbps, needs, passed: strictly, roundingMs: curve.roundingMs };
}

function choice(rung: number): Choice {
  return { rung, waitMs: 0 };
}

function end(film: Film, context: Context, rung: number): string {
  return `→ ${move(context.lastRung, rung)} ${at(film.ladder.names, rung)}`;
}

export const bba0 = fixedMap("bba-0", linear);
export const bbaLog = fixedMap("bba-log", logarithmic);

/** What the rules from BBA-1 on keep. */
export interface ChunkState {
  readonly maxBufferMs: number;
  readonly topMs: number;
  /** Mean of the lowest and the highest rung's segments: the ends of the map. */
  readonly lowestKbps: number;
  readonly highestKbps: number;
  readonly startingUp: boolean;
  /** Buffer at the decision before; undefined before the first and after a seek. */
  readonly bufferMs: number | undefined;
  /** The last segment; undefined when it was asked for at an empty buffer, which is no measure of growth. */
  readonly arrived: { readonly tookMs: number; readonly playsMs: number } | undefined;
  readonly protectionMs: number;
  /** The longest reservoir so far. */
  readonly longestReservoirMs: number;
}

/** Which of the paper's parts a rule has. */
interface Parts {
  readonly name: string;
  readonly fastStart: boolean;
  readonly outageProtection: boolean;
  readonly calm: boolean;
}

function chunkMap(parts: Parts): Rule<ChunkState> {
  return {
    name: parts.name,
    start: (film, maxBufferMs) => ({
      maxBufferMs,
      topMs: fixedZones(film, maxBufferMs).topMs,
      lowestKbps: meanKbps(film, 0, film.segments.durationMs.length, 0),
      highestKbps: meanKbps(film, 0, film.segments.durationMs.length, film.ladder.kbps.length - 1),
      startingUp: parts.fastStart,
      bufferMs: undefined,
      arrived: undefined,
      protectionMs: 0,
      longestReservoirMs: 0,
    }),
    decide: (film, state, context) => {
      const { rung, next } = look(parts, film, state, context);
      return { choice: choice(rung), state: next };
    },
    explain: (film, state, context) => {
      const seen = look(parts, film, state, context);
      return `${seen.because} ${end(film, context, seen.rung)}`;
    },
    grounds: (film, state, context) => groundsOf(look(parts, film, state, context).question),
    downloaded: (film, state, download) => ({
      ...state,
      arrived:
        download.bufferAtRequestMs > 0 && download.abandonedTo === undefined
          ? { tookMs: download.ms, playsMs: at(film.segments.durationMs, download.segment) }
          : undefined,
    }),
    sought: (_film, state) => ({
      ...state,
      startingUp: parts.fastStart,
      bufferMs: undefined,
      arrived: undefined,
      protectionMs: 0,
    }),
  };
}

interface Look {
  readonly question: MapQuestion;
  readonly rung: number;
  readonly next: ChunkState;
  readonly because: string;
}

/** One decision: the map, then the start. */
function look(parts: Parts, film: Film, state: ChunkState, context: Context): Look {
  const reservoirMs = parts.calm
    ? Math.max(state.longestReservoirMs, dynamicReservoirMs(film, state, context.segment))
    : dynamicReservoirMs(film, state, context.segment);
  const protectionMs = parts.outageProtection ? protection(state, context) : 0;
  const zones = {
    topMs: state.topMs,
    reservoirMs: parts.outageProtection ? shifted(film, state, reservoirMs, protectionMs) : reservoirMs,
  };
  const question = chunkQuestion(film, state, zones, context);
  const mapped = mappedRung(context, question);
  const suggested = parts.calm ? calmed(film, context, question, mapped) : mapped;
  const last = lastWithin(context);
  const shrank = state.bufferMs !== undefined && context.bufferMs < state.bufferMs;
  const startingUp = state.startingUp && !shrank && suggested <= last;
  const next = {
    ...state,
    startingUp,
    bufferMs: context.bufferMs,
    protectionMs,
    longestReservoirMs: reservoirMs,
  };
  if (startingUp) return { question, ...startLook(state, context, next) };
  const held = suggested === mapped ? "" : "; by the mean of the segments ahead";
  return { question, rung: suggested, next, because: `${mapClause(context, question)}${held}` };
}

/** The map over what the next segment needs, between the mean needs of the lowest and the highest rung. */
function chunkQuestion(film: Film, state: ChunkState, zones: RateMap, context: Context): MapQuestion {
  const ms = at(film.segments.durationMs, context.segment);
  const needs = at(film.segments.bits, context.segment).map((bits) => bits / ms);
  const kbps = curveKbps(linear, [state.lowestKbps, state.highestKbps], zones, context.bufferMs);
  return { zones, kbps, needs, passed: reaching, roundingMs: linear.roundingMs };
}

/**
 * Σ (bits / R₀ − duration) over the coming 2·Bmax of film: what the buffer would lose, were the network at the lowest rate.
 *
 * Within 8 s and 140 s of a buffer of 240 s; in shorter ones within min(8 s, 0.375·Bmax) and 140/240·Bmax.
 */
export function dynamicReservoirMs(
  film: Film,
  state: Pick<ChunkState, "maxBufferMs" | "topMs">,
  from: number,
): number {
  const { durationMs, bits } = film.segments;
  const lowest = at(film.ladder.kbps, 0);
  let seen = 0;
  let lost = 0;
  for (let segment = from; segment < durationMs.length && seen < 2 * state.maxBufferMs; segment++) {
    const ms = durationMs[segment] ?? 0;
    seen += ms;
    lost += (bits[segment]?.[0] ?? 0) / lowest - ms;
  }
  const least = Math.min(8000, 0.375 * state.maxBufferMs);
  const most = (140 / 240) * state.maxBufferMs;
  return below(state.topMs, Math.min(most, Math.max(least, lost)));
}

/** Protection after this decision: 400 ms more for each segment while the buffer grows and is under three quarters full. */
function protection(state: ChunkState, context: Context): number {
  const grew = state.bufferMs !== undefined && context.bufferMs > state.bufferMs;
  if (state.startingUp || !grew || context.bufferMs >= 0.75 * state.maxBufferMs) return state.protectionMs;
  return Math.min(state.maxBufferMs / 3, state.protectionMs + 400);
}

/** The reservoir with its protection: at least one segment of cushion stays. */
function shifted(film: Film, state: ChunkState, reservoirMs: number, protectionMs: number): number {
  return Math.max(0, Math.min(state.topMs - longestMs(film), reservoirMs + protectionMs));
}

/**
 * BBA-Others: down as the map says; up to the highest rung whose mean need stays under f(B) over the segments ahead, as many
 * as lie ready, from 1 to 60.
 */
function calmed(film: Film, context: Context, question: MapQuestion, mapped: number): number {
  const last = lastWithin(context);
  const inReservoir = context.bufferMs <= question.zones.reservoirMs;
  if (mapped < last || inReservoir || isFull(question, context.bufferMs)) return mapped;
  const ahead = Math.min(60, Math.max(1, segmentsWithin(film, context)));
  for (let rung = context.maxRung; rung > last; rung--) {
    if (meanKbps(film, context.segment, ahead, rung) <= question.kbps) return rung;
  }
  return last;
}

/** As many of the coming segments as the buffer holds of film. */
function segmentsWithin(film: Film, context: Context): number {
  return Math.floor(context.bufferMs / at(film.segments.durationMs, context.segment));
}

function meanKbps(film: Film, from: number, count: number, rung: number): number {
  const { durationMs, bits } = film.segments;
  const until = Math.min(durationMs.length, from + count);
  let sum = 0;
  let ms = 0;
  for (let segment = from; segment < until; segment++) {
    sum += bits[segment]?.[rung] ?? 0;
    ms += durationMs[segment] ?? 0;
  }
  return sum / ms;
}

/** BBA-2: one rung up when ΔB = V − arrival is over V·(0.875 − 0.375·B/top), else the last rung. */
function startLook(state: ChunkState, context: Context, next: ChunkState): Omit<Look, "question"> {
  const last = lastWithin(context);
  if (state.arrived === undefined)
    return { rung: last, next, because: "starting up, no arrival measured yet" };
  const { tookMs, playsMs } = state.arrived;
  const neededMs = playsMs * (0.875 - 0.375 * Math.min(1, context.bufferMs / state.topMs));
  const gainedMs = playsMs - tookMs;
  return {
    rung: gainedMs > neededMs ? Math.min(context.maxRung, last + 1) : last,
    next,
    because: `starting up: the last segment gained ${seconds(gainedMs)} s of buffer, a step up needs ${seconds(neededMs)} s`,
  };
}

const plain = { fastStart: false, outageProtection: false, calm: false };

export const bba1 = chunkMap({ ...plain, name: "bba-1" });
export const bba2 = chunkMap({ ...plain, name: "bba-2", fastStart: true });
export const bba2Op = chunkMap({ ...plain, name: "bba-2-op", fastStart: true, outageProtection: true });
export const bbaOthers = chunkMap({ ...plain, name: "bba-others", fastStart: true, calm: true });
