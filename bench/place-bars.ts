// What was promised beside what was found. Pure.

export type Row = Readonly<Record<string, string | number>>;

/** One table of the answer: rows for a program, some of them or their summary for a reader, and its bars. */
export interface Section {
  readonly title: string;
  readonly rows: readonly Row[];
  readonly shown: readonly Row[];
  readonly bars: readonly Bar[];
  readonly notes: readonly string[];
}

/** One row and what it was measured against. */
export interface Result {
  readonly row: Row;
  readonly bars: readonly Bar[];
}

export interface Bar extends Row {
  readonly bar: string;
  readonly wanted: string;
  readonly found: string;
  readonly verdict: "met" | "missed" | "missed, and no placement could meet it";
}

/** At least so much; `reach` is what any placement can reach at most, where that is known. */
export function atLeast(bar: string, wanted: number, found: number, reach = Number.POSITIVE_INFINITY): Bar {
  const verdict =
    found >= wanted ? "met" : reach < wanted ? "missed, and no placement could meet it" : "missed";
  const limit = Number.isFinite(reach) ? ` (bound ${figure(reach)})` : "";
  return { bar, wanted: `≥ ${figure(wanted)}`, found: `${figure(found)}${limit}`, verdict };
}

/** At most so much, in a unit. What was not found at all (undefined) is missed, and `why` is said. */
export function atMost(
  bar: string,
  wanted: number,
  found: number | undefined,
  unit: string,
  why = "not measured",
): Bar {
  const words = found === undefined ? why : `${figure(found)} ${unit}`;
  return {
    bar,
    wanted: `≤ ${figure(wanted)} ${unit}`,
    found: words.trim(),
    verdict: found !== undefined && found <= wanted ? "met" : "missed",
  };
}

export function barsText(bars: readonly Bar[]): string {
  return bars
    .map(({ bar, wanted, found, verdict }) => `- ${verdict}: ${bar} ${wanted}; found ${found}`)
    .join("\n");
}

/** Four digits that say something. */
export function figure(value: number): string {
  return `${Number(value.toPrecision(4))}`;
}

/** The same values with four digits each. */
export function rounded(values: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, Number(figure(value))]));
}
