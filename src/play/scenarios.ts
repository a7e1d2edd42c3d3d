// The eight scenarios in which rules are compared: networks, film, buffer. Source: research sabre-results §1, which took them from
// "From Theory to Practice: Improving Bitrate Adaptation in the DASH Reference Player" (MMSys 2018).
import { filmOfSizes } from "./sim-film.ts";
import { type Period, type Trace, traceOf } from "./sim-network.ts";
import type { Film } from "./types.ts";

export interface Scenario {
  readonly name: string;
  /** File or folder below the folder of traces. */
  readonly traces: string;
  readonly movie: "bbb" | "bbb4k";
  readonly bufferMs: number;
  /** How long the film is made; as it is without it. */
  readonly lengthMs?: number;
}

const g3 = { traces: "norway-hsdpa-3g", movie: "bbb" } as const;
const g4 = { traces: "ghent-lte-4g", movie: "bbb4k" } as const;
const halfAnHour = 1_800_000;

export const scenarios: readonly Scenario[] = [
  { name: "3G-VOD-25", ...g3, bufferMs: 25_000 },
  { name: "3G-LIVE-10", ...g3, bufferMs: 10_000 },
  { name: "4G-VOD-25", ...g4, bufferMs: 25_000 },
  { name: "4G-LIVE-10", ...g4, bufferMs: 10_000 },
  { name: "3G-VOD-240", ...g3, bufferMs: 240_000, lengthMs: halfAnHour },
  { name: "4G-VOD-240", ...g4, bufferMs: 240_000, lengthMs: halfAnHour },
  {
    name: "FCC-SD-25",
    traces: "fcc-sabre/fcc-sd.ndjson",
    movie: "bbb",
    bufferMs: 25_000,
    lengthMs: 180_000,
  },
  {
    name: "FCC-HD-25",
    traces: "fcc-sabre/fcc-hd.ndjson",
    movie: "bbb4k",
    bufferMs: 25_000,
    lengthMs: 180_000,
  },
];

/** Where no constant was searched and no bar was set: other networks, and the buffer of the web player. */
export const otherScenarios: readonly Scenario[] = [
  { name: "FCC-PENSIEVE-25", traces: "fcc-pensieve-test", movie: "bbb", bufferMs: 25_000 },
  { name: "FCC-PENSIEVE-60", traces: "fcc-pensieve-test", movie: "bbb", bufferMs: 60_000 },
  { name: "3G-VOD-60", ...g3, bufferMs: 60_000 },
  { name: "4G-VOD-60", ...g4, bufferMs: 60_000 },
];

/** Numbers from 0 to 1, the same for the same seed. Source: mulberry32, public domain. */
export function drawsFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const madeRates = {
  bbb: [230, 331, 477, 688, 991, 1427, 2056, 2962, 5027, 6000],
  bbb4k: [1000, 2500, 5000, 8000, 16_000, 35_000],
} as const;

/** Twenty networks for where no recorded ones are: a walk in ln rate around a mean of its own, with outages. One second a step. */
export function madeTraces({ name, movie }: Scenario): readonly Trace[] {
  const rates = madeRates[movie];
  const middle = Math.log(rates[Math.floor(rates.length / 2)] ?? 1000);
  return Array.from({ length: 20 }, (_, index) => {
    const draw = drawsFrom(1000 + index);
    const mean = middle + 1.5 * (draw() - 0.5);
    let wander = 0;
    const periods: Period[] = [];
    while (periods.length < 600) {
      wander = 0.9 * wander + 0.5 * (draw() + draw() + draw() - 1.5);
      const out = draw() < 0.002 ? 5 + Math.floor(20 * draw()) : 0;
      for (let i = 0; i < out; i++) periods.push({ durationMs: 1000, kbps: 0, latencyMs: 50 });
      periods.push({ durationMs: 1000, kbps: Math.exp(mean + wander), latencyMs: 50 });
    }
    return wanted(traceOf(`${name} made ${index}`, periods));
  });
}

function wanted(made: ReturnType<typeof traceOf>): Trace {
  if (made.kind === "refused") throw new Error(`the network's own numbers were refused: ${made.because}`);
  return made.trace;
}

/** A film of 200 segments of 3 s whose sizes swing by a third. */
export function madeFilm({ movie }: Scenario): Film {
  const draw = drawsFrom(7);
  const kbps = madeRates[movie];
  const bits = Array.from({ length: 200 }, () => {
    const weight = 0.67 + 0.66 * draw();
    return kbps.map((rate) => Math.round(rate * 3000 * weight));
  });
  const made = filmOfSizes({ segmentMs: 3000, kbps, bits });
  if (made.kind === "refused") throw new Error(`the film's own numbers were refused: ${made.because}`);
  return made.film;
}
