// Which encodes are tried: heights × CRFs, chosen by effort. Source of the spread: research, encoding §3.

export type Effort = "draft" | "standard" | "exhaustive";
export const efforts: readonly Effort[] = ["draft", "standard", "exhaustive"];

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface GridPoint extends Size {
  readonly crf: number;
}

export interface TrialGrid {
  /** Tallest first; the first is the display size unless heights were asked for. */
  readonly sizes: readonly Size[];
  /** Rising. */
  readonly crfs: readonly number[];
  /** x264's, for trials and final pieces alike: a faster one for trials would bend the hulls. */
  readonly preset: string;
  /** Every n-th frame is scored. */
  readonly subsample: number;
}

interface EffortRow {
  readonly fractions: readonly number[];
  readonly crfs: readonly number[];
  readonly preset: string;
  readonly subsample: number;
}

const rows: Readonly<Record<Effort, EffortRow>> = {
  draft: { fractions: [1, 2 / 3, 0.4], crfs: [18, 26, 34, 42], preset: "veryfast", subsample: 3 },
  standard: { fractions: [1, 0.75, 0.5, 0.36], crfs: [18, 24, 30, 36, 42], preset: "fast", subsample: 3 },
  exhaustive: {
    fractions: [1, 0.75, 0.5, 0.36],
    crfs: [18, 22, 26, 30, 34, 38, 42],
    preset: "medium",
    subsample: 1,
  },
};

/** Smaller pictures are not tried: x264 needs two lines of macroblocks, and nobody looks at fewer. */
export const leastHeight = 32;

/** The grid for a film shown at `display`; `heights` replace the effort's own and were checked by `heightsFit`. */
export function trialGrid(display: Size, effort: Effort, heights: readonly number[] | undefined): TrialGrid {
  const row = rows[effort];
  const wanted = heights ?? row.fractions.map((fraction) => even(display.height * fraction));
  const kept = [...new Set(wanted)].filter((height) => height >= leastHeight && height <= display.height);
  const sizes = kept.sort((a, b) => b - a).map((height) => sizeAt(display, height));
  return { sizes, crfs: row.crfs, preset: row.preset, subsample: row.subsample };
}

/** Whether heights asked for can be encoded: even, not upscaled. */
export function heightsFit(heights: readonly number[], display: Size): boolean {
  const fits = (height: number): boolean =>
    Number.isInteger(height) && height % 2 === 0 && height >= leastHeight && height <= display.height;
  return heights.length > 0 && heights.every(fits);
}

export function gridPoints(grid: TrialGrid): readonly GridPoint[] {
  return grid.sizes.flatMap((size) => grid.crfs.map((crf) => ({ ...size, crf })));
}

/** The same shape at another height, even. */
export function sizeAt(display: Size, height: number): Size {
  return { width: Math.max(2, even((display.width * height) / display.height)), height };
}

export function even(length: number): number {
  return 2 * Math.round(length / 2);
}
