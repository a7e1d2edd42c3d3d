// A histogram that also knows the largest value since it was last read, which buckets cannot tell.
import type { Histogram } from "prom-client";

export type Labels = Readonly<Record<string, string | number | undefined>>;
type Given = Readonly<Record<string, string | number>>;
export type Observe = (value: number) => void;

export interface Distribution {
  observe(labels: Given, value: number): void;
  /** For labels that come again and again: they are looked at once. */
  of(labels: Given): Observe;
  /** The largest by labels, as `labelKey` writes them, since this was last asked. */
  largest(): ReadonlyMap<string, number>;
}

export function distributionOf(histogram: Histogram): Distribution {
  let largest = new Map<string, number>();
  const of = (labels: Given): Observe => {
    const child = histogram.labels(labels);
    const key = labelKey(labels);
    return (value) => {
      child.observe(value);
      if (value > (largest.get(key) ?? Number.NEGATIVE_INFINITY)) largest.set(key, value);
    };
  };
  return {
    of,
    observe: (labels, value) => of(labels)(value),
    largest() {
      const read = largest;
      largest = new Map();
      return read;
    },
  };
}

export function labelKey(labels: Labels): string {
  return JSON.stringify(
    Object.entries(labels)
      .map(([name, value]) => [name, String(value)])
      .toSorted(byName),
  );
}

function byName([a = ""]: readonly string[], [b = ""]: readonly string[]): number {
  return a < b ? -1 : 1;
}
