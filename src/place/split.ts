// Heterogeneous cluster allocation: the cutoff between popular and tail, and each box's weight in both bands.
//
// Big slow boxes and small fast ones share one catalogue. Give a box the share αᵢ of the popular band (the most
// popular D of the bytes, which carry P(D) of the traffic) and βᵢ of the tail, so that both of its limits are met:
//
//   storage      αᵢ·D    + βᵢ·(1−D)    = sᵢ
//   throughput   αᵢ·P(D) + βᵢ·(1−P(D)) = tᵢ
//
//   αᵢ = sᵢ + (tᵢ−sᵢ)(1−D) ÷ (P−D)        βᵢ = sᵢ − (tᵢ−sᵢ)·D ÷ (P−D)
//
// Both sum to 1 of themselves. They are not negative exactly when (1−P)/(1−D) ≤ min tᵢ/sᵢ and P/D ≥ max tᵢ/sᵢ, and
// as both sides fall with D the feasible cutoffs are one interval. Where it is empty, traffic is moved towards
// storage, t(λ) = (1−λ)t + λs, by the smallest λ that opens it; λ = 1 always does.
// Source: placement research §1.2–1.4 (derived from "Distributing Content to Open Connect", Netflix TechBlog 2017).
import { type Crossings, crossingAt } from "./crossings.ts";
import { type Curve, cheapestCutoff, shareAt } from "./curve.ts";

export interface Shares {
  /** sᵢ, sums to 1. */
  readonly storage: readonly number[];
  /** tᵢ, sums to 1; 0 wherever sᵢ is 0. */
  readonly traffic: readonly number[];
}

export interface Split {
  readonly cutoff: number;
  readonly lambda: number;
  readonly alpha: readonly number[];
  readonly beta: readonly number[];
}

export interface Range {
  readonly low: number;
  readonly high: number;
}

const steps = 60;
/** Below this P(D)−D, popular and tail do not differ and the equations are singular. */
const flat = 1e-6;
const same = 1e-12;

export interface Habit {
  /** Yesterday's cutoff. */
  readonly cutoff: number | undefined;
  /** By which factor a new one must be cheaper to replace it. */
  readonly factor: number;
  /** What crossed which depth in the last days; absent: as if as much crossed everywhere. */
  readonly crossings?: Crossings | undefined;
}

/** Chooses the cutoff and solves both equations for every box. */
export function split(curve: Curve, shares: Shares, habit: Habit): Split {
  const lambda = smallestRelaxation(curve, shares);
  const relaxed = { storage: shares.storage, traffic: relax(shares, lambda) };
  const range = feasibleCutoffs(curve, relaxed);
  if (range === undefined || same > farthest(shares)) return singleBand(cheapestCutoff(curve), shares);
  const cutoff = keepOrMove(curve, range, habit);
  const gap = shareAt(curve, cutoff) - cutoff;
  if (gap < flat) return singleBand(cutoff, shares);
  const pull = shares.storage.map((s, i) => ((relaxed.traffic[i] ?? 0) - s) / gap);
  return {
    cutoff,
    lambda,
    alpha: shares.storage.map((s, i) => Math.max(0, s + (pull[i] ?? 0) * (1 - cutoff))),
    beta: shares.storage.map((s, i) => Math.max(0, s - (pull[i] ?? 0) * cutoff)),
  };
}

/** The cutoffs with which no weight is negative, found by bisection; undefined where there are none. */
export function feasibleCutoffs(curve: Curve, shares: Shares): Range | undefined {
  const ratios = shares.storage.flatMap((s, i) => (s > 0 ? [(shares.traffic[i] ?? 0) / s] : []));
  const least = ratios.reduce((a, b) => Math.min(a, b), 1);
  const most = ratios.reduce((a, b) => Math.max(a, b), 1);
  if (most - least < same) return { low: 0, high: 1 };
  const low = edge((d) => 1 - shareAt(curve, d) > least * (1 - d)).right;
  const high = edge((d) => shareAt(curve, d) >= most * d).left;
  return low <= high ? { low, high } : undefined;
}

/** Where `holds`, true on the left of [0, 1] and false on the right, changes; found by bisection. */
export function edge(holds: (d: number) => boolean): { left: number; right: number } {
  let left = 0;
  let right = 1;
  if (holds(1)) return { left: 1, right: 1 };
  if (!holds(0)) return { left: 0, right: 0 };
  for (let i = 0; i < steps; i++) {
    const middle = (left + right) / 2;
    if (holds(middle)) left = middle;
    else right = middle;
  }
  return { left, right };
}

/** Traffic targets moved towards storage. */
export function relax(shares: Shares, lambda: number): number[] {
  return shares.traffic.map((t, i) => (1 - lambda) * t + lambda * (shares.storage[i] ?? 0));
}

function smallestRelaxation(curve: Curve, shares: Shares): number {
  const opens = (lambda: number): boolean =>
    feasibleCutoffs(curve, { storage: shares.storage, traffic: relax(shares, lambda) }) !== undefined;
  return opens(0) ? 0 : edge((lambda) => !opens(lambda)).right;
}

/**
 * Bytes that move per day, but for a factor that is the same everywhere: X(D) ÷ (P(D)−D), as what crosses D changes
 * boxes with probability ½Σ|t−s| ÷ (P(D)−D).
 */
function expectedChurn(curve: Curve, cutoff: number, crossings: Crossings | undefined): number {
  const gap = shareAt(curve, cutoff) - cutoff;
  const crossing = crossings === undefined ? 1 : crossingAt(crossings, cutoff);
  return gap > 0 ? crossing / gap : Number.POSITIVE_INFINITY;
}

/** The feasible cutoff where least moves; without history that is the one nearest to argmax P(D) − D. */
function cheapest(curve: Curve, range: Range, crossings: Crossings | undefined): number {
  let best = clamp(cheapestCutoff(curve), range);
  if (crossings === undefined) return best;
  for (const depth of [range.low, ...crossings.depth, range.high]) {
    if (depth < range.low || depth > range.high) continue;
    if (expectedChurn(curve, depth, crossings) < expectedChurn(curve, best, crossings)) best = depth;
  }
  return best;
}

function keepOrMove(curve: Curve, range: Range, habit: Habit): number {
  const best = cheapest(curve, range, habit.crossings);
  const old = habit.cutoff;
  if (old === undefined || old < range.low || old > range.high) return best;
  const churn = (d: number): number => expectedChurn(curve, d, habit.crossings);
  return churn(old) > churn(best) * habit.factor ? best : old;
}

function farthest(shares: Shares): number {
  return shares.storage.reduce((most, s, i) => Math.max(most, Math.abs(s - (shares.traffic[i] ?? 0))), 0);
}

function singleBand(cutoff: number, shares: Shares): Split {
  const lambda = farthest(shares) > same ? 1 : 0;
  return { cutoff, lambda, alpha: [...shares.storage], beta: [...shares.storage] };
}

function clamp(value: number, range: Range): number {
  return Math.min(range.high, Math.max(range.low, value));
}
