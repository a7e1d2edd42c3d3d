// Measures over time: a line for each group, broken where nothing was said, and a mark from where on figures are not all in.
import * as Plot from "@observablehq/plot";
import type { Sheet } from "./looks.ts";

export interface Line {
  readonly name: string;
  readonly points: readonly { readonly atMs: number; readonly value: number }[];
}

export interface Time {
  readonly fromMs: number;
  readonly untilMs: number;
  readonly settledUntilMs: number;
}

/** A hole of more than so much is one. */
const holeMs = 180_000;

export function linesFigure(
  lines: readonly Line[],
  time: Time,
  write: (value: number) => string,
  sheet: Sheet,
): Element {
  const points = lines.flatMap(({ points: of }, index) => {
    let part = 0;
    return of.map(({ atMs, value }, at) => {
      if (atMs - (of[at - 1]?.atMs ?? atMs) > holeMs) part += 1;
      return { atMs, value, index, part };
    });
  });
  return Plot.plot({
    className: "plot",
    ...(sheet.document === undefined ? {} : { document: sheet.document }),
    ...{ width: sheet.width, height: 220, marginLeft: 64, marginRight: 12, marginTop: 10, marginBottom: 26 },
    x: { type: "time", domain: [time.fromMs, time.untilMs], label: null },
    y: { label: null, ticks: 4, grid: true, zero: true, tickFormat: write },
    marks: [
      Plot.rectX(time.settledUntilMs < time.untilMs ? [time] : [], {
        x1: ({ settledUntilMs }: Time) => settledUntilMs,
        x2: ({ untilMs }: Time) => untilMs,
        fill: "var(--line)",
        fillOpacity: 0.5,
      }),
      Plot.lineY(points, {
        x: ({ atMs }) => atMs,
        y: "value",
        z: ({ index, part }) => `${index} ${part}`,
        stroke: ({ index }) => `var(--height-${index + 1})`,
        strokeWidth: 1.5,
      }),
      Plot.dot(points, {
        x: ({ atMs }) => atMs,
        y: "value",
        r: 1.5,
        fill: ({ index }) => `var(--height-${index + 1})`,
        title: ({ index, value }) => `${lines[index]?.name ?? ""}: ${write(value)}`,
      }),
    ],
  });
}
