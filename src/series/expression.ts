// What a query computes, as a graph: a part that was named twice (:dup) is one node, computed once.
import type { Query } from "./query.ts";

export type Aggregation = "sum" | "max" | "min" | "count" | "avg";
export type UnaryName = "neg" | "abs" | "not" | "per-step";
export type BinaryName = "add" | "sub" | "mul" | "div" | "gt" | "ge" | "lt" | "le" | "and" | "or";
export type Statistic = "avg" | "max" | "min" | "last" | "count" | "total";

export const statistics: readonly Statistic[] = ["avg", "max", "min", "last", "count", "total"];

/** One of a query's groups is known by the values of these tags; undefined: one line, not grouped. */
type Keys = readonly string[] | undefined;

export type Expression = { readonly keys: Keys } & (
  | { readonly kind: "constant"; readonly value: number }
  | { readonly kind: "data"; readonly query: Query; readonly aggregation: Aggregation }
  | { readonly kind: "fold"; readonly aggregation: Aggregation; readonly of: Expression }
  | { readonly kind: "unary"; readonly name: UnaryName; readonly of: Expression }
  | {
      readonly kind: "binary";
      readonly name: BinaryName;
      readonly left: Expression;
      readonly right: Expression;
    }
  | { readonly kind: "rolling-count"; readonly of: Expression; readonly window: number }
  | {
      readonly kind: "rolling-mean";
      readonly of: Expression;
      readonly window: number;
      readonly least: number;
    }
  | Smoothed
  | { readonly kind: "offset"; readonly of: Expression; readonly byMs: number }
  | { readonly kind: "percentiles"; readonly query: Query; readonly percents: readonly number[] }
  | { readonly kind: "topk"; readonly of: Expression; readonly by: Statistic; readonly count: number }
);

/** Double exponential smoothing. */
interface Smoothed {
  readonly kind: "des";
  readonly of: Expression;
  readonly training: number;
  /** How fast the level and the trend follow, 0…1. */
  readonly alpha: number;
  readonly beta: number;
}

export function constant(value: number): Expression {
  return { kind: "constant", value, keys: undefined };
}

export function data(query: Query, aggregation: Aggregation, keys?: readonly string[]): Expression {
  return { kind: "data", query, aggregation, keys };
}

/** Lines of both sides that belong together are found by the smaller side's tags; a string says why there are none. */
export function binary(name: BinaryName, left: Expression, right: Expression): Expression | string {
  const [a, b] = [left.keys, right.keys];
  const keys = a === undefined || (b !== undefined && b.length > a.length) ? b : a;
  const other = keys === b ? a : b;
  if (keys !== undefined && other?.some((key) => !keys.includes(key)) === true) {
    return `one side is grouped by ${a?.join(", ")}, the other by ${b?.join(", ")}: neither holds the other`;
  }
  return { kind: "binary", name, left, right, keys };
}
