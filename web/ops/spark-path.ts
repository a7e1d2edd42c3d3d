// A small line as the path of a drawing.

export interface SparkPoint {
  readonly atMs: number;
  /** Null: no data then; the line has a gap. */
  readonly value: number | null;
}

export const width = 200;
export const height = 40;

interface Frame {
  readonly from: number;
  readonly until: number;
  readonly most: number;
}

/** From zero at the bottom to the most at the top. A point alone is a short stroke, for it would be invisible. */
export function sparkPath(line: readonly SparkPoint[], { from, until, most }: Frame): string {
  const x = (atMs: number): number => (width * (atMs - from)) / Math.max(1, until - from);
  const y = (value: number): number => height - (height * value) / (most > 0 ? most : 1);
  let text = "";
  let isDrawing = false;
  for (const { atMs, value } of line) {
    if (value !== null) text += `${isDrawing ? "L" : "M"}${x(atMs).toFixed(1)} ${y(value).toFixed(1)}h0.6`;
    isDrawing = value !== null;
  }
  return text;
}
