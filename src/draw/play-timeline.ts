// How one session went, as its player told: the rung that was played against the throughput, stalls, time that nothing is known of, and
// who served. Drawings on one axis of time, in minutes since the session's start.
import * as Plot from "@observablehq/plot";
import type { Sheet } from "./looks.ts";

export interface PlayMoment {
  readonly minutes: number;
  readonly bufferSeconds: number;
  readonly bitrateBps: number;
  readonly throughputBps: number;
  readonly source: string;
  /** Which stretch without a gap it belongs to: nothing is drawn across a gap. */
  readonly part: number;
}

export interface PlaySpan {
  readonly from: number;
  readonly to: number;
}

export interface PlayTimeline {
  readonly moments: readonly PlayMoment[];
  readonly stalls: readonly PlaySpan[];
  readonly unknown: readonly PlaySpan[];
  readonly until: number;
  /** The moment that is looked at. */
  readonly at: number;
  readonly colourOf: (source: string) => string;
}

/** A chart beside these keeps the same ones. */
export const margins = { marginLeft: 44, marginRight: 12 } as const;

export function rateFigure(play: PlayTimeline, sheet: Sheet): Element {
  const { moments, stalls, unknown } = play;
  const megabits = (bps: number): number | undefined => (bps > 0 ? bps / 1e6 : undefined);
  return Plot.plot({
    ...frame(play, sheet, 150),
    y: { label: null, ticks: 3, grid: true, type: "log", tickFormat: (mbps: number) => `${mbps} M` },
    marks: [
      ...spans(unknown, stalls),
      Plot.dot(moments, {
        x: "minutes",
        y: ({ throughputBps }: PlayMoment) => megabits(throughputBps),
        fill: "var(--throughput)",
        r: 2,
      }),
      Plot.lineY(moments, {
        x: "minutes",
        y: ({ bitrateBps }: PlayMoment) => megabits(bitrateBps),
        z: "part",
        stroke: "var(--rung)",
        strokeWidth: 2,
        curve: "step-after",
      }),
      marker(play),
    ],
  });
}

export function ribbonFigure(play: PlayTimeline, sheet: Sheet): Element {
  const runs: { from: number; to: number; source: string; part: number }[] = [];
  for (const [at, { minutes, source, part }] of play.moments.entries()) {
    const next = play.moments[at + 1];
    const to = next === undefined ? play.until : next.part === part ? next.minutes : minutes;
    const last = runs.at(-1);
    if (last?.source === source && last.part === part) last.to = to;
    else if (source !== "") runs.push({ from: minutes, to, source, part });
  }
  return Plot.plot({
    ...frame(play, sheet, 44),
    x: { ...axis(play), label: null, ticks: 6, tickFormat: (minutes: number) => `${minutes} min` },
    y: { axis: null, domain: [0, 1] },
    marginBottom: 24,
    marks: [
      Plot.rect(runs, {
        ...{ x1: "from", x2: "to", y1: 0.1, y2: 0.9 },
        fill: ({ source }) => play.colourOf(source),
        title: "source",
      }),
      marker(play),
    ],
  });
}

function axis({ until }: PlayTimeline): Plot.ScaleOptions {
  return { domain: [0, Math.max(until, 1 / 60)] };
}

function frame(play: PlayTimeline, sheet: Sheet, height: number): Plot.PlotOptions {
  return {
    className: "plot",
    ...(sheet.document === undefined ? {} : { document: sheet.document }),
    ...margins,
    ...{ width: sheet.width, height, marginTop: 8, marginBottom: 8 },
    x: { ...axis(play), axis: null },
  };
}

function spans(unknown: readonly PlaySpan[], stalls: readonly PlaySpan[]): Plot.Markish[] {
  return [
    Plot.rectX(unknown, { x1: "from", x2: "to", fill: "var(--line)", fillOpacity: 0.8 }),
    Plot.rectX(stalls, { x1: "from", x2: "to", fill: "var(--stall)", fillOpacity: 0.7 }),
    Plot.ruleX(stalls, { x: "from", stroke: "var(--stall)", strokeWidth: 1.5 }),
  ];
}

function marker({ at }: PlayTimeline): Plot.Markish {
  return Plot.ruleX([at], { stroke: "var(--ink)", strokeWidth: 1 });
}
