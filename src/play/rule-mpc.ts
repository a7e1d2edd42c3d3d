// Model-predictive control: the plan for the coming segments that is worth most, if the network stays as it was; only the first
// step of the plan is taken. A benchmark: it trusts a forecast where buffer-based rules need none.
//
// Source: "A Control-Theoretic Approach for Dynamic Adaptive Video Streaming over HTTP", SIGCOMM 2015. Over a horizon of 5
// segments it maximises Σ R_k − µ·(seconds of stall) − Σ |R_k − R_{k−1}|, in kbit/s, with µ the highest rate. The forecast is the
// harmonic mean of the last 5 throughputs (bits over the whole time of a request, latency included). RobustMPC takes it for
// too high by the worst relative error of its last 5 forecasts: T / (1 + max |error|).
import { at } from "./ladder.ts";
import { bestPlan, type Plan } from "./mpc-plan.ts";
import type { Downloaded, Rule } from "./rule.ts";
import type { Context, Film } from "./types.ts";
import { mbit, move, seconds } from "./words.ts";

const horizon = 5;
const memory = 5;

export interface MpcState {
  readonly maxBufferMs: number;
  /** The last throughputs, oldest first. */
  readonly kbps: readonly number[];
  /** Relative errors of the last forecasts, oldest first. */
  readonly errors: readonly number[];
}

function planner(name: string, trust: "trusts" | "doubts"): Rule<MpcState> {
  return {
    name,
    start: (_film, maxBufferMs) => ({ maxBufferMs, kbps: [], errors: [] }),
    decide: (film, state, context) => ({
      choice: { rung: choose(film, state, context, trust)?.rung ?? context.minRung, waitMs: 0 },
      state,
    }),
    explain: (film, state, context) => sentence(film, state, context, trust),
    downloaded: (_film, state, download) => remember(state, download),
  };
}

function choose(film: Film, state: MpcState, context: Context, trust: "trusts" | "doubts"): Plan | undefined {
  const forecastKbps = forecast(state, trust);
  if (forecastKbps === undefined) return undefined;
  const until = context.segment + horizon;
  return bestPlan({
    kbps: film.ladder.kbps,
    bits: film.segments.bits.slice(context.segment, until),
    durationMs: film.segments.durationMs.slice(context.segment, until),
    forecastKbps,
    bufferMs: context.bufferMs,
    maxBufferMs: state.maxBufferMs,
    lastRung: context.lastRung ?? context.minRung,
    minRung: context.minRung,
    maxRung: context.maxRung,
  });
}

/** What the next requests are expected to bring, in kbit/s; undefined until something was measured. */
export function forecast(state: MpcState, trust: "trusts" | "doubts"): number | undefined {
  const mean = harmonicMean(state.kbps);
  if (mean === undefined || trust === "trusts") return mean;
  return mean / (1 + Math.max(0, ...state.errors));
}

export function harmonicMean(kbps: readonly number[]): number | undefined {
  if (kbps.length === 0) return undefined;
  return kbps.length / kbps.reduce((sum, rate) => sum + 1 / rate, 0);
}

/** Abandoned requests count too: their bytes did take that time. */
function remember(state: MpcState, download: Downloaded): MpcState {
  if (!(download.bits > 0 && download.ms > 0)) return state;
  const kbps = download.bits / download.ms;
  const expected = harmonicMean(state.kbps);
  return {
    ...state,
    kbps: [...state.kbps, kbps].slice(-memory),
    errors: expected === undefined ? [] : [...state.errors, Math.abs(expected - kbps) / kbps].slice(-memory),
  };
}

function sentence(film: Film, state: MpcState, context: Context, trust: "trusts" | "doubts"): string {
  const plan = choose(film, state, context, trust);
  const rung = plan?.rung ?? context.minRung;
  const end = `→ ${move(context.lastRung, rung)} ${at(film.ladder.names, rung)}`;
  const kbps = forecast(state, trust);
  if (plan === undefined || kbps === undefined) return `no throughput measured yet ${end}`;
  const steps = Math.min(horizon, film.segments.bits.length - context.segment);
  const worst = Math.max(0, ...state.errors);
  const doubt = trust === "doubts" ? `, forecasts were off by up to ${(100 * worst).toFixed(0)} %` : "";
  return `buffer ${seconds(context.bufferMs)} s, forecast ${mbit(kbps)} Mbit/s${doubt}: the best plan for ${steps} segments is worth ${mbit(plan.value)} Mbit/s ${end}`;
}

export const mpc = planner("mpc", "trusts");
export const robustMpc = planner("robustmpc", "doubts");
