// P(D): which share of the traffic the densest D of the stored bytes carries, with the cutoffs that would do and the one
// that was chosen.
import * as Plot from "@observablehq/plot";
import type { PlanTheory } from "#model/placement.ts";
import { percentWords, type Sheet } from "./looks.ts";

export interface DemandCurve extends Pick<PlanTheory, "curve" | "feasible" | "cheapest" | "bands"> {
  readonly cutoff: number;
  /** Another cutoff that somebody looks at. */
  readonly tried?: number | undefined;
}

export function demandFigure(demand: DemandCurve, sheet: Sheet): Element {
  const { curve, feasible, cheapest, cutoff } = demand;
  const at = shareAt(curve, cutoff);
  const narrow = sheet.width < 420;
  const middle = (at + cutoff) / 2;
  const borders = demand.bands.flatMap((band) => (band.to < 1 && band.to !== cutoff ? [band.to] : []));
  // Where nothing is gained there is no cutoff to speak of.
  const gap = at - cutoff > 1e-9 ? [{ x: cutoff, from: cutoff, to: at }] : [];
  const { tried: other } = demand;
  const tried =
    other === undefined || other === cutoff ? [] : [{ x: other, from: other, to: shareAt(curve, other) }];
  return Plot.plot({
    className: "plot",
    ...(sheet.document === undefined ? {} : { document: sheet.document }),
    width: sheet.width,
    height: Math.max(240, Math.min(380, Math.round(sheet.width * 0.55))),
    marginLeft: 40,
    marginRight: 16,
    marginTop: 24,
    marginBottom: 36,
    x: {
      percent: true,
      domain: [0, 100],
      ticks: 5,
      label: "D: densest part of the stored bytes (%)",
      grid: true,
    },
    y: { percent: true, domain: [0, 100], ticks: 5, label: "P(D): its part of the traffic (%)", grid: true },
    marks: [
      Plot.rectX(feasible === undefined ? [] : [feasible], {
        x1: "low",
        x2: "high",
        fill: "var(--accent)",
        fillOpacity: 0.16,
        title: ({ low, high }) => `feasible cutoffs: ${percentWords(low)} to ${percentWords(high)}`,
      }),
      Plot.line([0, 1], { x: (d) => d, y: (d) => d, stroke: "var(--ink-faint)", strokeDasharray: "3 3" }),
      Plot.ruleX(borders, { stroke: "var(--ink-faint)", strokeDasharray: "1 3" }),
      Plot.ruleX([cheapest], {
        stroke: "var(--ink-faint)",
        title: () => `cheapest crossings: ${percentWords(cheapest)}`,
      }),
      Plot.line(curve, { x: "depth", y: "share", stroke: "var(--accent)", strokeWidth: 2 }),
      Plot.ruleX(gap, { x: "x", y1: "from", y2: "to", stroke: "var(--rung)", strokeWidth: 2.5 }),
      Plot.dot(gap, { x: "x", y: "to", fill: "var(--rung)", r: 4.5 }),
      Plot.ruleX(tried, { x: "x", y1: "from", y2: "to", stroke: "var(--switch)", strokeWidth: 2 }),
      Plot.dot(tried, { x: "x", y: "to", stroke: "var(--switch)", fill: "var(--surface)", r: 4 }),
      Plot.text(gap, {
        x: "x",
        y: () => middle,
        text: () => `P(D) − D = ${percentWords(at - cutoff)}`,
        ...beside(cutoff, narrow),
        ...written,
      }),
      Plot.text(gap, {
        x: "x",
        y: "to",
        text: () => `D* = ${percentWords(cutoff)}`,
        ...beside(cutoff, narrow),
        dy: at > 0.9 ? 12 : -9,
        ...written,
      }),
    ],
  });
}

const written = { fill: "var(--ink)", stroke: "var(--surface)", strokeWidth: 3 } as const;

/** Words stand on the side with more room. */
function beside(x: number, narrow: boolean): { readonly textAnchor: "start" | "end"; readonly dx: number } {
  return x < (narrow ? 0.45 : 0.6) ? { textAnchor: "start", dx: 7 } : { textAnchor: "end", dx: -7 };
}

/** Straight between points. */
export function shareAt(curve: DemandCurve["curve"], x: number): number {
  const after = curve.findIndex((point) => point.depth >= x);
  const [a, b] = [curve[after - 1] ?? { depth: 0, share: 0 }, curve[after] ?? { depth: 1, share: 1 }];
  return b.depth > a.depth ? a.share + ((b.share - a.share) * (x - a.depth)) / (b.depth - a.depth) : b.share;
}
