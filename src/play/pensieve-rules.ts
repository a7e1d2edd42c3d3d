// The two simple rules that the Pensieve paper measures itself against: a buffer map in equal steps, and the harmonic mean of
// the last 5 throughputs. Source: "Neural Adaptive Video Streaming with Pensieve", SIGCOMM 2017.
import { at } from "./ladder.ts";
import type { Rule } from "./rule.ts";
import { harmonicMean } from "./rule-mpc.ts";
import type { Context } from "./types.ts";
import { mbit, seconds } from "./words.ts";

const reservoirMs = 5000;
const cushionMs = 10_000;
const memory = 5;

/** Rung ⌊(M − 1)·(B − 5 s) / 10 s⌋, lowest below and highest above. */
export const pensieveBb: Rule<null> = {
  name: "pensieve-bb",
  start: () => null,
  decide: (_film, state, context) => ({ choice: { rung: stair(context), waitMs: 0 }, state }),
  explain: (film, _state, context) =>
    `buffer ${seconds(context.bufferMs)} s on the stairs from 5.0 s to 15.0 s → ${at(film.ladder.names, stair(context))}`,
};

function stair({ bufferMs, minRung, maxRung }: Context): number {
  const share = Math.min(1, Math.max(0, (bufferMs - reservoirMs) / cushionMs));
  return minRung + Math.floor((maxRung - minRung) * share);
}

/** The highest rung whose nominal rate is not above the mean; state: the last throughputs, oldest first. */
export const pensieveRate: Rule<readonly number[]> = {
  name: "pensieve-rate",
  start: () => [],
  decide: (film, state, context) => ({
    choice: { rung: carried(film.ladder.kbps, state, context), waitMs: 0 },
    state,
  }),
  explain: (film, state, context) => {
    const name = at(film.ladder.names, carried(film.ladder.kbps, state, context));
    return `the last ${state.length} segments came at ${mbit(harmonicMean(state) ?? 0)} Mbit/s → ${name}`;
  },
  downloaded: (_film, state, { bits, ms }) =>
    bits > 0 && ms > 0 ? [...state, bits / ms].slice(-memory) : state,
};

function carried(kbps: readonly number[], state: readonly number[], context: Context): number {
  const mean = harmonicMean(state) ?? 0;
  for (let rung = context.maxRung; rung > context.minRung; rung--) if (at(kbps, rung) <= mean) return rung;
  return context.minRung;
}
