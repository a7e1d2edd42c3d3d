// Figures as values: whole numbers that add up, and the measures that are taken of sums.
import { figures, type measures } from "./definitions.ts";
import { percentile, type Sketch } from "./sketch.ts";

export type FigureName = keyof typeof figures;
/** Of a window, of a session, or what one event adds. */
export type Figures = Readonly<Record<FigureName, number>>;
export type Sum = Record<FigureName, number>;

export const figureNames = Object.keys(figures) as readonly FigureName[];

export function noFigures(): Sum {
  return {
    events: 0,
    plays: 0,
    starts: 0,
    startupMs: 0,
    startFailures: 0,
    exits: 0,
    failures: 0,
    playMs: 0,
    stallMs: 0,
    stalls: 0,
    switches: 0,
    playedBits: 0,
    heightMs: 0,
    responses: 0,
    badResponses: 0,
  };
}

/** Puts what is added into the sum. */
export function add(sum: Sum, more: Figures): void {
  for (const name of figureNames) sum[name] += more[name];
}

/** For how many events one stands: of each of these it has what it has itself. */
export function weighed(of: Figures, weight: number): Figures {
  if (weight === 1) return of;
  const sum = noFigures();
  for (const name of figureNames) sum[name] = Math.round(of[name] * weight);
  return sum;
}

export type Measures = Readonly<Record<keyof typeof measures, number | undefined>>;

/** Undefined where there is nothing to divide by. */
export function measured(of: Figures, startups: Sketch): Measures {
  return {
    startup: over(of.startupMs, of.starts),
    startupMedian: percentile(startups, 0.5),
    startupSlow: percentile(startups, 0.95),
    startFailureRatio: over(of.startFailures, of.plays),
    exitRatio: over(of.exits, of.plays),
    failureRatio: over(of.failures, of.starts),
    stallRatio: over(of.stallMs, of.stallMs + of.playMs),
    bitrate: over(1000 * of.playedBits, of.playMs),
    height: over(of.heightMs, of.playMs),
    badResponseRatio: over(of.badResponses, of.responses),
  };
}

function over(part: number, whole: number): number | undefined {
  return whole === 0 ? undefined : part / whole;
}
