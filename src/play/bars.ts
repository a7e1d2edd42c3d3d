// Whether a rule clears the bars that were set for the default rule, and how sure that is.
//
// Bars per scenario (research abr §8): score at least 0.02 above the better of BOLA-E-O and DYNAMIC; stalls, pooled over all
// traces and beyond what the lowest rung alone would stall, not above BOLA-E-O's; change at most 1.5 times BOLA-E-O's.
import { drawsFrom } from "./scenarios.ts";
import type { SessionMetrics } from "./sim-metrics.ts";

/** A rule over the traces of a scenario. */
export interface Outcome {
  readonly scores: readonly number[];
  readonly score: number;
  /** Σ stall / Σ time, in percent. */
  readonly stallPercent: number;
  readonly kbps: number;
  readonly changeKbps: number;
}

export function outcomeOf(sessions: readonly SessionMetrics[]): Outcome {
  const scores = sessions.map((session) => session.score);
  const sum = (of: (session: SessionMetrics) => number): number =>
    sessions.reduce((total, session) => total + of(session), 0);
  return {
    scores,
    score: mean(scores),
    stallPercent: (100 * sum((session) => session.stallMs)) / sum((session) => session.totalMs),
    kbps: sum((session) => session.meanKbps) / sessions.length,
    changeKbps: sum((session) => session.changeKbps) / sessions.length,
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

export interface Rivals {
  readonly rmin: Outcome;
  readonly bolaE: Outcome;
  readonly dynamic: Outcome;
}

export interface Bars {
  readonly better: "bola-e-o" | "dynamic";
  /** Score above the better of the two. */
  readonly ahead: number;
  /** 95 % interval of `ahead`. */
  readonly interval: readonly [number, number];
  /** Beyond RMIN, in percent of the time. */
  readonly excess: number;
  readonly allowedExcess: number;
  /** Change as a multiple of BOLA-E-O's. */
  readonly change: number;
  readonly holds: boolean;
}

const wantedAhead = 0.02;
const mostChange = 1.5;
/** Sums of the same stalls in another order differ in the last digits. */
const roundingPercent = 1e-9;

export function barsOf(ours: Outcome, { rmin, bolaE, dynamic }: Rivals): Bars {
  const rival = bolaE.score >= dynamic.score ? bolaE : dynamic;
  const ahead = ours.score - rival.score;
  const excess = ours.stallPercent - rmin.stallPercent;
  const allowedExcess = bolaE.stallPercent - rmin.stallPercent;
  const change = ours.changeKbps / bolaE.changeKbps;
  return {
    better: rival === bolaE ? "bola-e-o" : "dynamic",
    ahead,
    interval: bootstrap(ours.scores.map((score, trace) => score - (rival.scores[trace] ?? Number.NaN))),
    excess,
    allowedExcess,
    change,
    holds: ahead >= wantedAhead && excess <= allowedExcess + roundingPercent && change <= mostChange,
  };
}

/**
 * 95 % interval of the mean of paired differences: the 2.5th and 97.5th percentile of the means of 10,000 resamples.
 *
 * Source: the percentile bootstrap, "Bootstrap Methods: Another Look at the Jackknife", Annals of Statistics 1979.
 */
export function bootstrap(differences: readonly number[], resamples = 10_000): readonly [number, number] {
  const draw = drawsFrom(42);
  const count = differences.length;
  const means = Float64Array.from({ length: resamples }, () => {
    let sum = 0;
    for (let i = 0; i < count; i++) sum += differences[Math.floor(draw() * count)] ?? 0;
    return sum / count;
  }).sort();
  const at = (share: number): number => means[Math.floor(share * (resamples - 1))] ?? Number.NaN;
  return [at(0.025), at(0.975)];
}
