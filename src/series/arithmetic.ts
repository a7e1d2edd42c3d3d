// Numbers of two lines, point by point. NaN is no data: adding treats it as nothing, the rest as unknown. Source: Atlas's
// reference of :add, :sub, :div.
import type { Aggregation, BinaryName, Statistic } from "./expression.ts";

export type Combine = (a: number, b: number) => number;

const truth = (is: boolean): number => (is ? 1 : 0);
/** No data is not true. */
const isTrue = (value: number): boolean => value !== 0 && !Number.isNaN(value);

export const combines: Readonly<Record<BinaryName, Combine>> = {
  add: (a, b) => (Number.isNaN(a) ? b : Number.isNaN(b) ? a : a + b),
  sub: (a, b) => (Number.isNaN(a) ? -b : Number.isNaN(b) ? a : a - b),
  mul: (a, b) => a * b,
  div: (a, b) => (b === 0 ? (a === 0 ? 0 : Number.NaN) : a / b),
  gt: (a, b) => truth(a > b),
  ge: (a, b) => truth(a >= b),
  lt: (a, b) => truth(a < b),
  le: (a, b) => truth(a <= b),
  and: (a, b) => truth(isTrue(a) && isTrue(b)),
  or: (a, b) => truth(isTrue(a) || isTrue(b)),
};

export function negated(value: number): number {
  return truth(!isTrue(value));
}

/** Folds lines into one, a value at a time; `at` is the point. */
export interface Folding {
  add(at: number, value: number): void;
  result(): Float64Array;
}

/** What is no data is left out; a point without any data is NaN. */
export function folding(aggregation: Aggregation, count: number): Folding {
  const folded = new Float64Array(count).fill(Number.NaN);
  const present = new Float64Array(count);
  return {
    add(at, value) {
      if (Number.isNaN(value)) return;
      const before = folded[at] ?? Number.NaN;
      present[at] = (present[at] ?? 0) + 1;
      if (aggregation === "max") folded[at] = Number.isNaN(before) ? value : Math.max(before, value);
      else if (aggregation === "min") folded[at] = Number.isNaN(before) ? value : Math.min(before, value);
      else folded[at] = (Number.isNaN(before) ? 0 : before) + (aggregation === "count" ? 1 : value);
    },
    result() {
      if (aggregation === "avg") return folded.map((value, at) => value / (present[at] ?? 1));
      return folded;
    },
  };
}

/** A line as one number. NaN without any data. */
export function statisticOf(name: Statistic, values: Float64Array): number {
  const known = values.filter((value) => !Number.isNaN(value));
  const total = known.reduce((sum, value) => sum + value, 0);
  if (known.length === 0) return Number.NaN;
  switch (name) {
    case "avg":
      return total / known.length;
    case "max":
      return known.reduce((a, b) => Math.max(a, b));
    case "min":
      return known.reduce((a, b) => Math.min(a, b));
    case "last":
      return known.at(-1) ?? Number.NaN;
    case "count":
      return known.length;
    case "total":
      return total;
  }
}
