// Lines as a chart takes them: on one row of moments, broken where nothing is known.

import type { SparkPoint } from "./spark-path.ts";

/** Colours of lines, each a token of tokens.css. */
export type ChartColour = "accent" | "line-strong" | "buffer" | `height-${1 | 2 | 3 | 4 | 5 | 6}`;

export interface ChartLine {
  /** "" where one line needs no name. */
  readonly name: string;
  readonly colour: ChartColour;
  /** By time. */
  readonly points: readonly SparkPoint[];
}

/** `values[line][moment]`; null breaks the line, undefined leaves it be: another line has that moment. */
export interface Aligned {
  readonly atMs: readonly number[];
  readonly values: readonly (readonly (number | null | undefined)[])[];
}

/** Two points of a line that are further apart than `holeMs` are not joined. */
export function aligned(lines: readonly ChartLine[], holeMs = Number.POSITIVE_INFINITY): Aligned {
  const known = lines.map(({ points }) => {
    const byTime = new Map<number, number | null>();
    for (const [at, { atMs, value }] of points.entries()) {
      const beforeMs = points[at - 1]?.atMs ?? atMs;
      if (atMs - beforeMs > holeMs) byTime.set(beforeMs + 1, null);
      byTime.set(atMs, value);
    }
    return byTime;
  });
  const atMs = [...new Set(known.flatMap((byTime) => [...byTime.keys()]))].toSorted((a, b) => a - b);
  return { atMs, values: known.map((byTime) => atMs.map((one) => byTime.get(one))) };
}

/** The moments at which some line has a value: what a reader walks along, by index. */
export function told({ atMs, values }: Aligned): readonly number[] {
  return atMs.flatMap((_, at) => (values.some((line) => typeof line[at] === "number") ? [at] : []));
}

/** The next moment that has a value, in a direction, and the last one that way when there is none. */
export function stepped(moments: readonly number[], from: number, key: string): number | undefined {
  switch (key) {
    case "ArrowRight":
      return moments.find((at) => at > from) ?? moments.at(-1);
    case "ArrowLeft":
      return moments.findLast((at) => at < from) ?? moments[0];
    case "Home":
      return moments[0];
    case "End":
      return moments.at(-1);
    default:
      return undefined;
  }
}
