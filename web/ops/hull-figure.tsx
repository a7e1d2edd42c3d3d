// The optimiser's pictures: rate (logarithmic) to the right, quality upwards.
import * as Plot from "@observablehq/plot";
import type { ReactElement } from "react";
import { useCallback } from "react";
import { formatRate } from "#web/format.ts";
import { useWords } from "#web/words/say.ts";
import type { EncodeReport } from "#wire/encode-report.ts";
import { encodeWords } from "./encode-words.ts";
import { Figure } from "./figure.tsx";
import type { TrialPoint } from "./hull.ts";
import { chosenPoints, heightsOf, metricName, rateTicks } from "./hull.ts";
import type { ShotFacts } from "./shots.ts";

interface HullProps {
  readonly report: EncodeReport;
  readonly shot: number;
}

function rateAxis(rates: readonly number[], width: number): Plot.ScaleOptions {
  const domain = extent(rates);
  const [low, high] = domain;
  const inside = rateTicks(domain, width);
  return {
    type: "log",
    label: null,
    domain,
    grid: true,
    ticks: inside.length > 1 ? inside : [low, high],
    tickFormat: (bps: number) => formatRate(bps).replace("bit/s", ""),
  };
}

/** All shots share both axes, so that a still and an explosion can be compared at a glance. */
export function HullFigure({ report, shot }: HullProps): ReactElement {
  const say = useWords(encodeWords);
  const draw = useCallback((width: number): Element => hullPlot(report, shot, width), [report, shot]);
  const points = chosenPoints(report, shot);
  const chosen = points.map((point) => `${point.height}p CRF ${point.crf}`).join(", ");
  return <Figure label={say("hullFigure", { number: shot + 1, chosen })} draw={draw} />;
}

/** Columns that a screen shows: of more shots than that, the dearest of those that share one is drawn. */
const mostColumns = 600;

/** Each shot as wide as it lasts, as high as its rate in the top rung is against the film's mean. */
export function filmPlot(shots: readonly ShotFacts[], width: number): Element {
  const each = Math.ceil(shots.length / mostColumns);
  const bars = Array.from({ length: Math.ceil(shots.length / each) }, (_, at) => {
    const of = shots.slice(at * each, (at + 1) * each);
    const last = of.at(-1);
    return {
      from: (of[0]?.startMs ?? 0) / 60_000,
      to: ((last?.startMs ?? 0) + 1000 * (last?.seconds ?? 0)) / 60_000,
      dear: of.reduce((most, { dear = 0 }) => Math.max(most, dear), 0),
    };
  });
  return Plot.plot({
    className: "plot",
    width,
    height: 110,
    marginLeft: 32,
    marginRight: 12,
    marginTop: 8,
    marginBottom: 22,
    x: {
      label: null,
      tickFormat: (minutes: number) => `${minutes} min`,
      ticks: Math.max(2, Math.round(width / 120)),
    },
    y: { label: null, ticks: 3, grid: true, zero: true, tickFormat: (times: number) => `${times}×` },
    marks: [
      Plot.rectY(bars, {
        x1: "from",
        x2: "to",
        y: "dear",
        fill: "var(--buffer)",
        insetLeft: 0.25,
        insetRight: 0.25,
      }),
      Plot.ruleY([1], { stroke: "var(--ink-faint)", strokeDasharray: "3 3" }),
    ],
  });
}

function hullPlot(report: EncodeReport, shot: number, width: number): Element {
  const heights = heightsOf(report);
  const xy = { x: "bitrateBps", y: "quality" } as const;
  const trials = report.trials.filter((trial) => trial.shot === shot);
  const hull = report.hulls[shot] ?? [];
  return Plot.plot({
    className: "plot",
    width,
    height: Math.min(420, Math.round(width * 0.72)),
    marginLeft: 32,
    marginRight: 12,
    marginTop: 10,
    marginBottom: 24,
    x: rateAxis(
      report.trials.map((trial) => trial.bitrateBps),
      width,
    ),
    y: { label: null, ticks: 4, grid: true, domain: qualityDomain(report.trials) },
    color: { type: "ordinal", domain: [...heights], range: heights.map((_, index) => heightColour(index)) },
    marks: [
      Plot.dot(trials, { ...xy, r: 2, fill: "var(--trial)" }),
      Plot.line(hull, { ...xy, stroke: "var(--line-strong)", strokeWidth: 1.5 }),
      Plot.dot(hull, { ...xy, r: 3, fill: "height", title: pointWords }),
      Plot.dot([...chosenPoints(report, shot)], {
        ...xy,
        r: 6.5,
        stroke: "var(--ink)",
        strokeWidth: 1.5,
        title: pointWords,
      }),
    ],
  });
}

function pointWords(point: TrialPoint): string {
  return `${point.height}p, CRF ${point.crf}: ${formatRate(point.bitrateBps)}, quality ${point.quality.toFixed(1)}`;
}

/** The whole title: our ladder's points against those of one CRF, which are predicted. Up and to the left is better. */
export function LadderFigure({ report }: { readonly report: EncodeReport }): ReactElement {
  const say = useWords(encodeWords);
  const draw = useCallback((width: number): Element => ladderPlot(report, width), [report]);
  return (
    <div>
      <p className="legend">
        <span>
          <i className="key ours" /> {say("thisLadder")}
        </span>
        <span>
          <i className="key fixed" /> {say("oneCrf")}
        </span>
        <span className="faint">{say("upLeft", { quality: metricName(report.metric) })}</span>
      </p>
      <Figure label={say("ladderFigure")} draw={draw} />
    </div>
  );
}

function ladderPlot(report: EncodeReport, width: number): Element {
  const xy = { x: "bitrateBps", y: "quality" } as const;
  return Plot.plot({
    className: "plot",
    width,
    height: Math.max(180, Math.min(280, Math.round(width * 0.5))),
    marginLeft: 32,
    marginBottom: 24,
    x: rateAxis(
      [...report.ladder, ...report.fixedLadder].map((rung) => rung.bitrateBps),
      width,
    ),
    y: { label: null, ticks: 5, grid: true },
    marks: [
      Plot.line(report.fixedLadder, { ...xy, stroke: "var(--ink-faint)", strokeDasharray: "4 3" }),
      Plot.dot(report.fixedLadder, { ...xy, stroke: "var(--ink-faint)", r: 4 }),
      Plot.line(report.ladder, { ...xy, stroke: "var(--accent)", strokeWidth: 2 }),
      Plot.dot(report.ladder, { ...xy, fill: "var(--accent)", r: 4 }),
    ],
  });
}

function heightColour(index: number): string {
  return `var(--height-${(index % 6) + 1})`;
}

/** Lowest and highest; a loop, since a long film has more trials than a call takes arguments. */
function extent(values: readonly number[]): [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return [low, high];
}

function qualityDomain(trials: readonly TrialPoint[]): [number, number] {
  const [low, high] = extent(trials.map((trial) => trial.quality));
  return [Math.max(0, low - 3), Math.min(100, high + 3)];
}
