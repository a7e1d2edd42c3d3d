// What plans moved, one bar per day or per plan.
import * as Plot from "@observablehq/plot";
import { bytesWords } from "#units/in-words.ts";
import type { Sheet } from "./looks.ts";

export interface ChurnBar {
  /** A date, or a plan's name. Unlike in all bars. */
  readonly label: string;
  readonly bytes: number;
}

export function churnFigure(bars: readonly ChurnBar[], sheet: Sheet): Element {
  const every = Math.max(1, Math.ceil((bars.length * 62) / Math.max(1, sheet.width - 70)));
  const most = bars.reduce((max, bar) => Math.max(max, bar.bytes), 0);
  return Plot.plot({
    className: "plot",
    ...(sheet.document === undefined ? {} : { document: sheet.document }),
    width: sheet.width,
    height: 200,
    marginLeft: 62,
    marginRight: 12,
    marginBottom: 30,
    x: {
      type: "band",
      domain: bars.map((bar) => bar.label),
      label: null,
      ticks: bars.filter((_, i) => i % every === 0).map((bar) => bar.label),
      tickSize: 0,
      tickFormat: shortLabel,
    },
    y: { label: null, grid: true, ticks: 4, tickFormat: bytesWords, domain: [0, most > 0 ? most : 1] },
    marks: [
      Plot.barY(bars, {
        x: "label",
        y: "bytes",
        fill: "var(--switch)",
        title: (bar) => `${bar.label}: ${bytesWords(bar.bytes)}`,
      }),
      Plot.ruleY([0], { stroke: "var(--line-strong)" }),
    ],
  });
}

/** The year of a date is clear; a long name is cut. */
function shortLabel(label: string): string {
  const date = /^\d{4}-(\d\d-\d\d)$/.exec(label)?.[1];
  return date ?? (label.length > 9 ? `${label.slice(0, 8)}…` : label);
}
