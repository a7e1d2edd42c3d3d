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

/** Yesterday's cutoff, and by which factor a new one must be cheaper to replace it. */
export interface Habit {
  readonly cutoff: number | undefined;
  readonly factor: number;
}

/** Chooses the cutoff and solves both equations for every box. */
export function split(curve: Curve, shares: Shares, habit: Habit): Split {
  const lambda = smallestRelaxation(curve, shares);
  const relaxed = { storage: shares.storage, traffic: relax(shares, lambda) };
  const range = feasibleCutoffs(curve, relaxed);
  const best = cheapestCutoff(curve);
  if (range === undefined) return singleBand(best, shares);
  const cutoff = keepOrMove(curve, range, clamp(best, range), habit);
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
  const least = Math.min(1, ...ratios);
  const most = Math.max(1, ...ratios);
  if (most - least < same) return { low: 0, high: 1 };
  const low = edge((d) => 1 - shareAt(curve, d) > least * (1 - d)).right;
  const high = edge((d) => shareAt(curve, d) >= most * d).left;
  return low <= high ? { low, high } : undefined;
}

/** Where `holds`, true on the left of [0, 1] and false on the right, changes. */
function edge(holds: (d: number) => boolean): { left: number; right: number } {
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

function relax(shares: Shares, lambda: number): number[] {
  return shares.traffic.map((t, i) => (1 - lambda) * t + lambda * (shares.storage[i] ?? 0));
}

function smallestRelaxation(curve: Curve, shares: Shares): number {
  const opens = (lambda: number): boolean =>
    feasibleCutoffs(curve, { storage: shares.storage, traffic: relax(shares, lambda) }) !== undefined;
  return opens(0) ? 0 : edge((lambda) => !opens(lambda)).right;
}

function keepOrMove(curve: Curve, range: Range, best: number, habit: Habit): number {
  const old = habit.cutoff;
  if (old === undefined || old < range.low || old > range.high) return best;
  const gain = (d: number): number => shareAt(curve, d) - d;
  return gain(best) > gain(old) * habit.factor ? best : old;
}

function singleBand(cutoff: number, shares: Shares): Split {
  const apart = shares.storage.some((s, i) => Math.abs(s - (shares.traffic[i] ?? 0)) > same);
  return { cutoff, lambda: apart ? 1 : 0, alpha: [...shares.storage], beta: [...shares.storage] };
}

function clamp(value: number, range: Range): number {
  return Math.min(range.high, Math.max(range.low, value));
}
