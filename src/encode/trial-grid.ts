// Which encodes are tried: heights × CRFs, chosen by effort. Source of the spread: research, encoding §3.
import type { Codec } from "#model/encoded.ts";
import { codecs, crfFor } from "./codecs.ts";
import { type Effort, even, type Size, sizeAt } from "./size.ts";

export interface GridPoint extends Size {
  readonly crf: number;
}

export interface TrialGrid {
  readonly codec: Codec;
  /** Tallest first; the first is the display size unless heights were asked for. */
  readonly sizes: readonly Size[];
  /** On the codec's own scale. */
  readonly points: readonly GridPoint[];
  /** The encoder's, for trials and final pieces alike: a faster one for trials would bend the hulls. */
  readonly preset: string;
  /** Every n-th frame is scored. */
  readonly subsample: number;
}

/** A grid by the number of its points when every height fits. */
export type GridName = "8" | "9" | "12" | "16" | "28";

interface GridRow {
  /** Of the display height. */
  readonly fraction: number;
  /** On x264's scale. */
  readonly crfs: readonly number[];
}

const rowsOf = (crfs: readonly number[]): readonly GridRow[] =>
  [1, 0.75, 0.5, 0.36].map((fraction) => ({ fraction, crfs }));

/**
 * Staggered: a small picture is chosen at low rates only, a large one at high rates, so their CRFs are not the same.
 * Source: research, encoding §3, where "12" lost 0.7 to 1.0 % against "28" on four clips, and "8" 1.6 to 3.9 %.
 */
export const grids: Readonly<Record<GridName, readonly GridRow[]>> = {
  "8": [
    { fraction: 1, crfs: [18, 26] },
    { fraction: 0.75, crfs: [22, 30] },
    { fraction: 0.5, crfs: [22, 34] },
    { fraction: 0.36, crfs: [30, 42] },
  ],
  "9": [
    { fraction: 1, crfs: [18, 26, 34] },
    { fraction: 0.5, crfs: [18, 26, 34] },
    { fraction: 0.36, crfs: [26, 34, 42] },
  ],
  "12": [
    { fraction: 1, crfs: [18, 22, 30] },
    { fraction: 0.75, crfs: [22, 26, 34] },
    { fraction: 0.5, crfs: [22, 30, 38] },
    { fraction: 0.36, crfs: [30, 34, 42] },
  ],
  "16": rowsOf([18, 26, 34, 42]),
  "28": rowsOf([18, 22, 26, 30, 34, 38, 42]),
};

interface EffortRow {
  readonly grid: GridName;
  readonly subsample: number;
}

const effortRows: Readonly<Record<Effort, EffortRow>> = {
  draft: { grid: "9", subsample: 3 },
  standard: { grid: "12", subsample: 3 },
  exhaustive: { grid: "28", subsample: 1 },
};

/** Smaller pictures are not tried: x264 needs two lines of macroblocks, and nobody looks at fewer. */
export const leastHeight = 32;

export interface GridOrder {
  readonly codec: Codec;
  readonly effort: Effort;
  /** Instead of the effort's own. */
  readonly grid?: GridName;
  /** Instead of the grid's own; checked by `heightsFit`. */
  readonly heights?: readonly number[];
}

/** The grid for a film shown at `display`: our points, or others. */
export function trialGrid(display: Size, order: GridOrder, points = gridPoints(display, order)): TrialGrid {
  const { codec, effort } = order;
  const heights = new Map(points.map(({ width, height }) => [height, { width, height }]));
  const sizes = [...heights.values()].sort((a, b) => b.height - a.height);
  return {
    codec,
    sizes,
    points,
    preset: codecs[codec].presets[effort],
    subsample: effortRows[effort].subsample,
  };
}

/** Ours: tallest first, then by rising CRF. */
export function gridPoints(display: Size, { codec, effort, grid, heights }: GridOrder): readonly GridPoint[] {
  const rows = grids[grid ?? effortRows[effort].grid];
  const wanted = heights ?? rows.map(({ fraction }) => even(display.height * fraction));
  const least = Math.max(leastHeight, codecs[codec].leastSide);
  const fits = ({ width, height }: Size): boolean =>
    Math.min(width, height) >= least && height <= display.height;
  const sizes = [...new Set(wanted)]
    .sort((a, b) => b - a)
    .map((height) => sizeAt(display, height))
    .filter(fits);
  const kept = sizes.length > 0 ? sizes : [{ ...display }];
  return kept.flatMap((size) =>
    nearestRow(rows, size.height / display.height).crfs.map((crf) => ({ ...size, crf: crfFor(codec, crf) })),
  );
}

/** From the fewest points to the most. */
export const gridNames: readonly [GridName, ...GridName[]] = ["8", "9", "12", "16", "28"];

/** The grid with most points whose estimate fits, or the smallest there is. */
export function largestWithin(seconds: number, estimate: (name: GridName) => number): GridName {
  return gridNames.findLast((name) => estimate(name) <= seconds) ?? gridNames[0];
}

/** Encodes and pixels per frame of another grid of the same film, codec and heights. */
export function gridWork(
  name: GridName,
  display: Size,
  order: Omit<GridOrder, "grid">,
): { readonly points: number; readonly pixels: number } {
  const { points } = trialGrid(display, { ...order, grid: name });
  return {
    points: points.length,
    pixels: points.reduce((sum, { width, height }) => sum + width * height, 0),
  };
}

/** The row whose fraction is nearest in ratio. */
function nearestRow(rows: readonly GridRow[], fraction: number): GridRow {
  const off = (row: GridRow): number => Math.abs(Math.log(row.fraction / fraction));
  return rows.reduce((best, row) => (off(row) < off(best) ? row : best));
}

/** Whether heights asked for can be encoded: even, not upscaled. */
export function heightsFit(heights: readonly number[], display: Size, least = leastHeight): boolean {
  const fits = (height: number): boolean =>
    Number.isInteger(height) && height % 2 === 0 && height >= least && height <= display.height;
  return heights.length > 0 && heights.every(fits);
}
