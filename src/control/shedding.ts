// Who is sent away when there is too much to do: the least important first, in steps that follow a cubic.
//
//   x = how far the worst signal is from "busy" (0) to "full" (1)      admitted: score ≤ 100 · (1 − x³)
//
// The score is of the request's class, 1 the most important. Source: Netflix's prioritized load shedding; the cubic fits
// the points they published (35 % → mid-90s, 80 % → 50, 95 % → 10).
import type { Partition } from "./limiter.ts";

export interface LoadClass {
  /** 1…100; 0 is never sent away. */
  readonly score: number;
  readonly partition: Partition;
}

export const loadClasses = {
  health: { score: 0, partition: "critical" },
  renew: { score: 2, partition: "critical" },
  licence: { score: 3, partition: "critical" },
  release: { score: 5, partition: "critical" },
  play: { score: 8, partition: "critical" },
  machine: { score: 10, partition: "critical" },
  manifest: { score: 15, partition: "critical" },
  signIn: { score: 20, partition: "user" },
  operator: { score: 25, partition: "user" },
  change: { score: 30, partition: "user" },
  browse: { score: 40, partition: "user" },
  search: { score: 50, partition: "user" },
  prefetch: { score: 70, partition: "bulk" },
  telemetry: { score: 80, partition: "bulk" },
  artwork: { score: 85, partition: "bulk" },
  metrics: { score: 95, partition: "bulk" },
} as const satisfies Readonly<Record<string, LoadClass>>;

export type LoadClassName = keyof typeof loadClasses;

export interface LoadSignals {
  /** Part of the time that the event loop was busy, 0…1. */
  readonly utilisation: number;
  /** 99th percentile of how late the event loop was, milliseconds. */
  readonly loopDelayMs: number;
  /** Requests in work as a multiple of the limit. */
  readonly inWork: number;
}

/** Where each signal begins to matter, where it is at its worst, and how much of the scale it may fill alone. */
const scales: Readonly<Record<keyof LoadSignals, { from: number; to: number; most: number }>> = {
  // A busy core alone is no emergency: everything up to manifests goes on, and what waits shows in the other two.
  utilisation: { from: 0.75, to: 0.95, most: 0.93 },
  loopDelayMs: { from: 50, to: 250, most: 1 },
  inWork: { from: 1, to: 2, most: 1 },
};

const smoothedMs = 1000;

export interface Overload {
  /** 0…1, smoothed. */
  readonly x: number;
  readonly atMs: number;
}

export function calm(nowMs: number): Overload {
  return { x: 0, atMs: nowMs };
}

/** Folded in, with a time constant of a second. `nowMs` is of the clock that never jumps. */
export function observed(overload: Overload, signals: LoadSignals, nowMs: number): Overload {
  const weight = 1 - Math.exp(-Math.max(0, nowMs - overload.atMs) / smoothedMs);
  const worst = Math.max(
    ...(["utilisation", "loopDelayMs", "inWork"] as const).map((name) => {
      const { from, to, most } = scales[name];
      return Math.min(most, Math.max(0, (signals[name] - from) / (to - from)));
    }),
  );
  return { x: overload.x + weight * (worst - overload.x), atMs: nowMs };
}

/** The highest score that is still admitted. */
export function admittedScore({ x }: Pick<Overload, "x">): number {
  return 100 * (1 - x ** 3);
}

export function isAdmitted(score: number, overload: Pick<Overload, "x">): boolean {
  return score <= admittedScore(overload);
}

/** Seconds that whoever is sent away should wait: spread, so that they do not come back together. `chance` is 0…1. */
export function retryAfterSeconds({ x }: Pick<Overload, "x">, chance: number): number {
  return Math.max(1, Math.round((1 + 9 * x) * (0.5 + chance)));
}
