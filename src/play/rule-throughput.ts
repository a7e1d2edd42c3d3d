// Throughput alone decides: the highest rung that nine tenths of the estimate carry, and less while the buffer is short.
// Source: the throughput rule, insufficient-buffer rule and abandonment of Sabre, which are dash.js's of 2018.
import { at } from "./ladder.ts";
import type { Progress, Rule } from "./rule.ts";
import type { Context, Film } from "./types.ts";

const safety = 0.9;
/** Share of what the buffer can wait for that is spent: 0.9 at first, times 0.9 per decision, never below 0.5. */
const firstShare = 0.9;
const leastShare = 0.5;
const graceMs = 500;
/** A request that would take longer than this many segment lengths is given up. */
const longestLengths = 1.8;

export interface ThroughputState {
  readonly share: number;
}

export const throughputRule: Rule<ThroughputState> = {
  name: "throughput",
  start: () => ({ share: firstShare }),
  decide: (film, state, context) => ({
    choice: { rung: choose(film, state, context).rung, waitMs: 0 },
    state: { share: Math.max(leastShare, state.share * firstShare) },
  }),
  explain: (film, state, context) => {
    const { rung, carried, safeBits } = choose(film, state, context);
    if (context.estimateKbps === undefined) return "Nothing was measured yet: the lowest rung.";
    const name = at(film.ladder.names, rung);
    const reach = `${Math.round(context.estimateKbps)} kbit/s measured, of which 90 % carry ${at(film.ladder.names, carried)}`;
    const buffer = `${(context.bufferMs / 1000).toFixed(1)} s in the buffer`;
    if (rung === carried) return `${name}: ${reach}; ${buffer}.`;
    return `${name}: ${reach}, but ${buffer} bear a segment of at most ${(safeBits / 1e6).toFixed(2)} Mbit.`;
  },
  progressed: (film, _state, progress) => abandonTo(film, progress),
  patience: { graceMs, lengths: longestLengths },
};

interface Choosing {
  readonly carried: number;
  readonly safeBits: number;
  readonly rung: number;
}

function choose(film: Film, state: ThroughputState, context: Context): Choosing {
  const kbps = context.estimateKbps;
  if (kbps === undefined || !(kbps > 0)) return { carried: 0, safeBits: 0, rung: context.minRung };
  const length = film.segments.durationMs[context.segment] ?? 0;
  const carried = clamp(carriedRung(film, length, context.latencyMs, safety * kbps), context);
  const safeBits = state.share * (context.bufferMs - context.latencyMs) * kbps;
  return { carried, safeBits, rung: Math.max(context.minRung, cappedRung(film, length, carried, safeBits)) };
}

/** The highest rung with latency + V·R/T ≤ V. */
export function carriedRung(film: Film, length: number, latencyMs: number, kbps: number): number {
  const rates = film.ladder.kbps;
  let rung = 0;
  while (rung + 1 < rates.length && latencyMs + (length * (rates[rung + 1] ?? 0)) / kbps <= length) rung += 1;
  return rung;
}

/** The insufficient-buffer rule: the highest rung up to `from` with R·V ≤ safe bits, counted from below. */
export function cappedRung(film: Film, length: number, from: number, safeBits: number): number {
  const rates = film.ladder.kbps;
  for (let rung = 0; rung < from; rung++) {
    if ((rates[rung + 1] ?? 0) * length > safeBits) return rung;
  }
  return from;
}

/** Where a slow request is given up for: a rung that the rate so far carries, if its segment is smaller than what is left. */
export function abandonTo(film: Film, progress: Progress): number | undefined {
  const bodyMs = progress.ms - progress.ttfbMs;
  if (progress.ms < graceMs || !(bodyMs > 0) || !(progress.arrivedBits > 0)) return undefined;
  const length = film.segments.durationMs[progress.segment] ?? 0;
  const rate = progress.arrivedBits / bodyMs;
  const left = progress.bits - progress.arrivedBits;
  if (progress.ms + left / rate <= longestLengths * length) return undefined;
  const rung = carriedRung(film, length, progress.latencyMs, safety * rate);
  const rates = film.ladder.kbps;
  const bits = (progress.bits * (rates[rung] ?? 0)) / (rates[progress.rung] ?? 1);
  return rung >= progress.rung || bits >= left ? undefined : rung;
}

function clamp(rung: number, context: Context): number {
  return Math.min(context.maxRung, Math.max(context.minRung, rung));
}
