// Networks that a page can simulate for itself: constant rates, and short traces that a seeded function makes. None was recorded
// anywhere: they are named after what they resemble.
import { seededRandom } from "#units/random.ts";
import { type Period, type Trace, traceOf } from "./sim-network.ts";

export interface MadeNetwork {
  readonly name: MadeName;
  readonly trace: Trace;
  /** Over one round of the trace. */
  readonly meanKbps: number;
}

export const madeNames = ["slow", "middling", "fast", "train", "evening", "tunnel"] as const;
export type MadeName = (typeof madeNames)[number];

const seed = 20_261_126;
const secondsLong = 240;

/** The same name makes the same network every time, on every machine. */
export function madeNetwork(name: MadeName): MadeNetwork {
  const made = traceOf(name, periodsOf(name));
  if (made.kind === "refused") throw new Error(`cannot happen: ${name}: ${made.because}`);
  const { trace } = made;
  let [bits, ms] = [0, 0];
  for (const [period, length] of trace.durationMs.entries()) {
    bits += length * (trace.kbps[period] ?? 0);
    ms += length;
  }
  return { name, trace, meanKbps: bits / ms };
}

function periodsOf(name: MadeName): readonly Period[] {
  switch (name) {
    case "slow":
      return [{ durationMs: 60_000, kbps: 600, latencyMs: 120 }];
    case "middling":
      return [{ durationMs: 60_000, kbps: 2500, latencyMs: 40 }];
    case "fast":
      return [{ durationMs: 60_000, kbps: 12_000, latencyMs: 15 }];
    case "train":
      return walk({ meanKbps: 2500, spread: 0.9, memory: 0.85, latencyMs: 80 });
    case "evening":
      return walk({ meanKbps: 4000, spread: 0.35, memory: 0.97, latencyMs: 30 });
    case "tunnel":
      return [
        { durationMs: 25_000, kbps: 5000, latencyMs: 50 },
        { durationMs: 8000, kbps: 120, latencyMs: 200 },
        { durationMs: 12_000, kbps: 1500, latencyMs: 80 },
      ];
  }
}

interface Walk {
  readonly meanKbps: number;
  /** Standard deviation of ln rate. */
  readonly spread: number;
  /** How much of a second's deviation is left in the next. */
  readonly memory: number;
  readonly latencyMs: number;
}

/** rate = mean·e^(x − s²/2), x' = memory·x + √(1 − memory²)·s·N(0, 1): a log-normal walk whose mean is the one asked for. */
function walk({ meanKbps, spread, memory, latencyMs }: Walk): readonly Period[] {
  const chance = seededRandom(seed);
  const step = Math.sqrt(1 - memory * memory) * spread;
  let x = 0;
  return Array.from({ length: secondsLong }, () => {
    x = memory * x + step * normal(chance);
    return { durationMs: 1000, kbps: Math.round(meanKbps * Math.exp(x - (spread * spread) / 2)), latencyMs };
  });
}

/** The sum of twelve draws less six has mean 0 and variance 1. */
function normal(chance: { next(): number }): number {
  let sum = -6;
  for (let i = 0; i < 12; i++) sum += chance.next();
  return sum;
}
