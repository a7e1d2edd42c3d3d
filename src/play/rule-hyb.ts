// HYB: the buffer decides the rate over a map in ln R, and measured throughput helps where the buffer is too short for that.
//
// The map of BBA-0 ("A Buffer-Based Approach to Rate Adaptation", SIGCOMM 2014) starts slowly, and with buffers of some ten
// seconds it asks for rungs that a fall of the network cannot bear. Three uses of throughput T mend that: what 0.8·T carries is a
// floor under the map, and makes for a fast start; in the variant O, as in BOLA-O ("BOLA: Near-Optimal Bitrate Adaptation for
// Online Videos", INFOCOM 2016), a step up that T does not carry is held; and no segment is asked for that, by its real size,
// would not surely arrive before the buffer runs dry: bits ≤ s·(B − latency)·T, where s falls from 0.9 to 0.5, by a tenth with
// each decision, since the first ones have the least to go by (the insufficient-buffer rule of dash.js, with real sizes).
//
// A request under way is given up when, at the rate of its bytes so far, it would take over 1.8 times as long as it plays and
// outlast the buffer, and a lower rung's segment is smaller than what is left of it.
import { fixedZones, lastWithin, logarithmic, mapClause, mappedRung } from "./bba-map.ts";
import { at } from "./ladder.ts";
import type { Progress, Rule } from "./rule.ts";
import { nominal } from "./rule-bba.ts";
import { carriedRung } from "./rule-throughput.ts";
import type { Context, Film, RateMap } from "./types.ts";
import { mbit, megabits, move } from "./words.ts";

/** Share of the estimate that is a floor under the map. */
const floorShare = 0.8;
const firstCaution = 0.9;
const leastCaution = 0.5;
/** No request is given up before. */
const graceMs = 500;
/** Longer than this many times its playing time is too long for a segment. */
const tooLong = 1.8;
/** Share of the measured rate that the rung to give up for may need. */
const giveUpShare = 0.9;

export interface HybState {
  readonly zones: RateMap;
  /** Share of what T brings in the time of the buffer that a segment may need, at the next decision. */
  readonly caution: number;
  /** The rung of the last request, if that was given up: the map moves on from it as if it had been fetched. */
  readonly givenUp: number | undefined;
}

interface Trail {
  readonly mapped: number;
  readonly held: number;
  readonly lifted: number;
  readonly chosen: number;
}

function hyb(name: string, holds: "holds" | "follows"): Rule<HybState> {
  return {
    name,
    start: (film, maxBufferMs) => ({
      zones: fixedZones(film, maxBufferMs),
      caution: firstCaution,
      givenUp: undefined,
    }),
    decide: (film, state, context) => ({
      choice: { rung: choose(film, state, context, holds).chosen, waitMs: 0 },
      state: {
        ...state,
        caution: Math.max(leastCaution, firstCaution * state.caution),
      },
    }),
    explain: (film, state, context) => sentence(film, state, context, choose(film, state, context, holds)),
    downloaded: (_film, state, { abandonedTo, rung }) => ({
      ...state,
      givenUp: abandonedTo === undefined ? undefined : rung,
    }),
    sought: (_film, state) => ({ ...state, caution: firstCaution, givenUp: undefined }),
    progressed: (film, _state, progress) => giveUp(film, progress),
    patience: { graceMs, lengths: tooLong },
  };
}

function choose(film: Film, state: HybState, moment: Context, holds: "holds" | "follows"): Trail {
  const context = movingOn(state, moment);
  const { minRung, maxRung, estimateKbps } = context;
  const mapped = mappedRung(context, nominal(film, state.zones, context, logarithmic));
  if (estimateKbps === undefined || !(estimateKbps > 0)) {
    return { mapped, held: minRung, lifted: minRung, chosen: minRung };
  }
  const carried = (kbps: number): number =>
    Math.min(maxRung, Math.max(minRung, carriedNow(film, context, kbps)));
  const last = lastWithin(context);
  const bearable = carried(estimateKbps);
  const held = holds === "holds" && mapped > last && mapped > bearable ? Math.max(last, bearable) : mapped;
  const lifted = Math.max(held, carried(floorShare * estimateKbps));
  return { mapped, held, lifted, chosen: fitting(film, state, context, lifted, estimateKbps) };
}

/** The moment, with a rung that was given up as the last one. */
function movingOn(state: HybState, context: Context): Context {
  return state.givenUp === undefined ? context : { ...context, lastRung: state.givenUp };
}

function carriedNow(film: Film, context: Context, kbps: number): number {
  const ms = at(film.segments.durationMs, context.segment);
  return carriedRung(film, ms, context.latencyMs, kbps);
}

function fitting(film: Film, state: HybState, context: Context, from: number, kbps: number): number {
  const bits = at(film.segments.bits, context.segment);
  const safe = safeBits(state, context, kbps);
  let rung = from;
  while (rung > context.minRung && at(bits, rung) > safe) rung--;
  return rung;
}

function safeBits(state: HybState, context: Context, kbps: number): number {
  return state.caution * (context.bufferMs - context.latencyMs) * kbps;
}

function giveUp(film: Film, progress: Progress): number | undefined {
  const bodyMs = progress.ms - progress.ttfbMs;
  if (progress.ms < graceMs || !(bodyMs > 0 && progress.arrivedBits > 0)) return undefined;
  const ms = at(film.segments.durationMs, progress.segment);
  const kbps = progress.arrivedBits / bodyMs;
  const leftBits = progress.bits - progress.arrivedBits;
  const leftMs = leftBits / kbps;
  if (!(progress.ms + leftMs > tooLong * ms && leftMs > progress.bufferMs)) return undefined;
  const rung = carriedRung(film, ms, progress.latencyMs, giveUpShare * kbps);
  const bits = (progress.bits * at(film.ladder.kbps, rung)) / at(film.ladder.kbps, progress.rung);
  return rung < progress.rung && bits < leftBits ? rung : undefined;
}

function sentence(film: Film, state: HybState, context: Context, trail: Trail): string {
  const name = (rung: number): string => at(film.ladder.names, rung);
  const end = `→ ${move(context.lastRung, trail.chosen)} ${name(trail.chosen)}`;
  const { estimateKbps } = context;
  if (estimateKbps === undefined) return `no throughput measured yet ${end}`;
  const question = nominal(film, state.zones, context, logarithmic);
  const parts = [mapClause(movingOn(state, context), question)];
  if (trail.held < trail.mapped) parts.push(`${mbit(estimateKbps)} Mbit/s hold it at ${name(trail.held)}`);
  if (trail.lifted > trail.held)
    parts.push(`${floorShare} · ${mbit(estimateKbps)} Mbit/s carry ${name(trail.lifted)}`);
  if (trail.chosen < trail.lifted)
    parts.push(sizeClause(film, state, context, trail.chosen + 1, estimateKbps));
  return `${parts.join("; ")} ${end}`;
}

function sizeClause(film: Film, state: HybState, context: Context, rung: number, kbps: number): string {
  const bits = megabits(at(at(film.segments.bits, context.segment), rung));
  const safe = megabits(Math.max(0, safeBits(state, context, kbps)));
  return `segment ${context.segment + 1} at ${at(film.ladder.names, rung)} is ${bits} Mbit, only ${safe} are safe to arrive in time`;
}

export const hybO = hyb("hyb-o", "holds");
export const hybU = hyb("hyb-u", "follows");
