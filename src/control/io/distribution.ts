// A histogram that also knows the largest value since it was last read, which buckets cannot tell.
import type { Histogram } from "prom-client";

export type Labels = Readonly<Record<string, string | number | undefined>>;

export interface Distribution {
  observe(labels: Readonly<Record<string, string | number>>, value: number): void;
  /** The largest by labels, as `labelKey` writes them, since this was last asked. */
  largest(): ReadonlyMap<string, number>;
}

export function distributionOf(histogram: Histogram): Distribution {
  let largest = new Map<string, number>();
  return {
    observe(labels, value) {
      histogram.observe(labels, value);
      const key = labelKey(labels);
      largest.set(key, Math.max(largest.get(key) ?? Number.NEGATIVE_INFINITY, value));
    },
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
