// Live series on a canvas, by uPlot: what is drawn is asked for at each drawing, so that colours follow the theme and figures their data.
import "uplot/dist/uPlot.min.css";
import uPlot from "uplot";
import type { Aligned, ChartColour } from "./chart-data.ts";

export interface ChartBand {
  readonly fromMs: number;
  readonly untilMs: number;
  readonly colour: "line" | "stall";
}

/** What is drawn now. */
export interface ChartSheet {
  readonly data: Aligned;
  readonly fromMs: number;
  readonly untilMs: number;
  /** Of the value axis, and of the moments. */
  readonly write: (value: number) => string;
  readonly writeAt: (atMs: number) => string;
  readonly bands: readonly ChartBand[];
  /** A moment that is marked. */
  readonly markMs: number | undefined;
}

export interface ChartShape {
  readonly height: number;
  readonly colours: readonly ChartColour[];
  /** The ground below the first line is filled. */
  readonly area: boolean;
  /** Room for the values' words, in pixels; undefined: as much as they need. */
  readonly valueRoom: number | undefined;
  /** Ticks of time of day; otherwise of minutes since `fromMs`. */
  readonly isClock: boolean;
}

export interface ChartCanvas {
  show(sheet: ChartSheet): void;
  resize(width: number): void;
  /** Puts the cursor at a moment, by index; undefined: away. */
  point(at: number | undefined): void;
  destroy(): void;
}

const minuteMs = 60_000;
const endPadding = 12;

export function chartCanvas(
  holder: HTMLElement,
  shape: ChartShape,
  first: ChartSheet,
  onPoint: (at: number | undefined) => void,
): ChartCanvas {
  let sheet = first;
  const plot = new uPlot(
    optionsOf(holder, shape, () => sheet, onPoint),
    rows(first),
    holder,
  );
  const light = matchMedia("(prefers-color-scheme: light)");
  const redraw = (): void => plot.redraw(false, true);
  light.addEventListener("change", redraw);
  return {
    show: (next) => {
      sheet = next;
      plot.setData(rows(next));
    },
    resize: (width) => plot.setSize({ width, height: shape.height }),
    point: (at) => {
      const atMs = at === undefined ? undefined : sheet.data.atMs[at];
      const left = atMs === undefined ? -10 : plot.valToPos(atMs, "x");
      plot.setCursor({ left, top: atMs === undefined ? -10 : 1 });
    },
    destroy: () => {
      light.removeEventListener("change", redraw);
      plot.destroy();
    },
  };
}

function rows({ data }: ChartSheet): uPlot.AlignedData {
  return [[...data.atMs], ...data.values.map((line) => [...line])];
}

function optionsOf(
  holder: HTMLElement,
  { height, colours, area, valueRoom, isClock }: ChartShape,
  sheet: () => ChartSheet,
  onPoint: (at: number | undefined) => void,
): uPlot.Options {
  const token = (name: string): string => getComputedStyle(holder).getPropertyValue(`--${name}`).trim();
  const axis = {
    stroke: () => token("ink-faint"),
    font: `11px ${token("font")}`,
    ticks: { stroke: () => token("line"), size: 4 },
    grid: { stroke: () => token("line"), width: 1 },
  };
  return {
    ...{ width: Math.max(1, holder.clientWidth), height, ms: 1, legend: { show: false } },
    padding: [8, endPadding, 0, 0],
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 7 } },
    scales: {
      x: { time: isClock, range: () => [sheet().fromMs, Math.max(sheet().untilMs, sheet().fromMs + 1)] },
      y: { range: (_, __, most) => [0, most > 0 ? most * 1.05 : 1] },
    },
    series: [
      {},
      ...colours.map((colour, at) => ({
        ...{ stroke: () => token(colour), width: 1.5 },
        // A point between two gaps would be invisible.
        points: { show: true, size: 4, fill: () => token(colour), filter: lonely },
        ...(area && at === 0 && { fill: () => token(`${colour}-wash`) }),
      })),
    ],
    axes: [
      { ...axis, grid: { show: false }, space: 56, size: 26, ...timeTicks(isClock, sheet) },
      {
        ...{ ...axis, space: 34, gap: 4 },
        size: (_, words) => valueRoom ?? Math.max(24, ...(words ?? []).map((word) => 12 + 6.2 * word.length)),
        values: (_, splits) => splits.map((value) => sheet().write(value)),
      },
    ],
    hooks: {
      drawClear: [(plot) => drawBands(plot, sheet().bands, token)],
      draw: [(plot) => drawMark(plot, sheet().markMs, token)],
      setCursor: [({ cursor }) => onPoint(cursor.idx ?? undefined)],
    },
  };
}

function lonely(plot: uPlot, line: number): number[] {
  const values = plot.data[line] ?? [];
  const has = (at: number): boolean => typeof values[at] === "number";
  // Undefined is another line's moment: the neighbours beyond it count.
  const beside = (at: number, step: 1 | -1): boolean => {
    let next = at + step;
    while (values[next] === undefined && next >= 0 && next < values.length) next += step;
    return has(next);
  };
  return [...values.keys()].filter((at) => has(at) && !beside(at, 1) && !beside(at, -1));
}

function timeTicks(isClock: boolean, sheet: () => ChartSheet): uPlot.Axis {
  const values = (_: uPlot, splits: number[]): string[] => splits.map((atMs) => sheet().writeAt(atMs));
  if (isClock) return { values };
  const minutes = [1, 2, 5, 10, 15, 30, 60, 120, 240, 480].map((count) => count * minuteMs);
  // Counted from the beginning, not from midnight.
  const splits = (_: uPlot, __: number, from: number, until: number, step: number): number[] =>
    Array.from({ length: Math.floor((until - from) / step) + 1 }, (_one, at) => from + at * step);
  return { values, incrs: minutes, splits };
}

function drawBands(plot: uPlot, bands: readonly ChartBand[], token: (name: string) => string): void {
  const { ctx, bbox } = plot;
  for (const { fromMs, untilMs, colour } of bands) {
    const [from, until] = [fromMs, untilMs].map((atMs) => plot.valToPos(atMs, "x", true));
    if (from === undefined || until === undefined) continue;
    ctx.save();
    ctx.globalAlpha = colour === "stall" ? 0.7 : 0.5;
    ctx.fillStyle = token(colour);
    ctx.fillRect(from, bbox.top, Math.max(2, until - from), bbox.height);
    ctx.restore();
  }
}

function drawMark(plot: uPlot, markMs: number | undefined, token: (name: string) => string): void {
  if (markMs === undefined) return;
  const { ctx, bbox } = plot;
  ctx.fillStyle = token("ink");
  ctx.fillRect(Math.round(plot.valToPos(markMs, "x", true)), bbox.top, uPlot.pxRatio, bbox.height);
}
