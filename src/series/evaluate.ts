// A query's lines over a span of time, within a budget: who asks too much is told so, and nothing is cut off in silence.
import { combines, folding, negated, statisticOf } from "./arithmetic.ts";
import { valueAt } from "./blocks.ts";
import type { Aggregation, Expression } from "./expression.ts";
import { type Group, groupsOf, type Line } from "./line.ts";
import { rollingCount, rollingMean, smoothed } from "./moving.ts";
import { percentileLines } from "./percentiles.ts";
import { exactTags, type Query, sizeOf } from "./query.ts";
import type { Grid } from "./span.ts";
import type { Series, SeriesSource } from "./store.ts";
import { boundTag, keyOf, nameTag, picked, type Tags } from "./tags.ts";

/** Source: Atlas, reference.conf, but for the last: sums over computed points, chosen by us to last some tenths of a second. */
export const budget = {
  pointsPerLine: 1440,
  lines: 1024,
  datapoints: 500_000,
  computed: 10_000_000,
} as const;

/** A line of the query's result. */
export interface NamedLine extends Line {
  /** Of the expressions that the query leaves, which. */
  readonly expression: number;
  readonly label: string;
}

export type Evaluated =
  | { readonly kind: "lines"; readonly lines: readonly NamedLine[]; readonly read: Spent }
  | { readonly kind: "refused"; readonly because: string };

interface Spent {
  readonly series: number;
  readonly datapoints: number;
}

/** One evaluation. Once it is refused everything that follows comes to nothing. */
interface Work {
  readonly source: SeriesSource;
  series: number;
  datapoints: number;
  computed: number;
  refused: string | undefined;
  readonly found: Map<Query, readonly Series[]>;
  /** Results by expression and by how far they are shifted. */
  readonly known: Map<Expression, Map<number, readonly Line[]>>;
}

export function evaluate(expressions: readonly Expression[], grid: Grid, source: SeriesSource): Evaluated {
  const work: Work = {
    source,
    series: 0,
    datapoints: 0,
    computed: 0,
    refused: undefined,
    found: new Map(),
    known: new Map(),
  };
  const lines = expressions.flatMap((expression, at) =>
    linesOf(work, expression, grid).map((line) => ({
      ...line,
      expression: at,
      label: labelOf(line, expression),
    })),
  );
  allow(work, lines.length, "lines", "lines in the answer");
  if (work.refused !== undefined) return { kind: "refused", because: work.refused };
  return { kind: "lines", lines, read: { series: work.series, datapoints: work.datapoints } };
}

function labelOf({ tags }: Line, { keys }: Expression): string {
  if (keys === undefined) return tags.get(nameTag) ?? "";
  return keys.map((key) => tags.get(key) ?? "").join(" ");
}

/** Whether so much is within the budget; else the evaluation is refused. */
function allow(work: Work, found: number, limit: keyof typeof budget, what: string): boolean {
  if (found > budget[limit])
    work.refused ??= `at most ${budget[limit]} ${what} are allowed, this query comes to ${found} or more`;
  return work.refused === undefined;
}

function spend(work: Work, points: number): boolean {
  work.computed += points;
  return allow(work, work.computed, "computed", "computed points and looks at series");
}

function linesOf(work: Work, expression: Expression, grid: Grid): readonly Line[] {
  if (work.refused !== undefined) return [];
  const known = work.known.get(expression) ?? new Map<number, readonly Line[]>();
  work.known.set(expression, known);
  const done = known.get(grid.firstMs) ?? computed(work, expression, grid);
  known.set(grid.firstMs, done);
  const isAllowed = allow(work, done.length, "lines", "lines") && spend(work, done.length * grid.count);
  return isAllowed ? done : [];
}

function computed(work: Work, expression: Expression, grid: Grid): readonly Line[] {
  const { stepMs, count } = grid;
  switch (expression.kind) {
    case "constant":
      return [{ tags: new Map(), values: new Float64Array(count).fill(expression.value) }];
    case "data":
      return dataLines(work, expression, grid);
    case "fold":
      return folded(linesOf(work, expression.of, grid), expression, count);
    case "unary": {
      const { name } = expression;
      const apply = {
        neg: (v: number) => -v,
        abs: Math.abs,
        not: negated,
        "per-step": (v: number) => (v * stepMs) / 1000,
      };
      return each(linesOf(work, expression.of, grid), (values) => values.map((value) => apply[name](value)));
    }
    case "binary":
      return combined(work, expression, grid);
    case "rolling-count":
      return each(linesOf(work, expression.of, grid), (values) => rollingCount(values, expression.window));
    case "rolling-mean": {
      const lines = linesOf(work, expression.of, grid);
      if (!spend(work, lines.length * count * Math.min(expression.window, count))) return [];
      return each(lines, (values) => rollingMean(values, expression));
    }
    case "des":
      return each(linesOf(work, expression.of, grid), (values) => smoothed(values, expression));
    case "offset":
      return linesOf(work, expression.of, { ...grid, firstMs: shifted(grid, expression.byMs) });
    case "percentiles": {
      const keys = expression.keys?.slice(0, -1) ?? [];
      const buckets = bucketLines(work, expression.query, keys, grid);
      const { percents } = expression;
      if (!spend(work, buckets.length * count * (1 + percents.length))) return [];
      return percentileLines(buckets, { keys, percents, count });
    }
    case "topk": {
      const ranked = linesOf(work, expression.of, grid).map((line) => ({
        line,
        rank: statisticOf(expression.by, line.values),
      }));
      // What has no data comes last.
      ranked.sort(
        (a, b) => order(b.rank) - order(a.rank) || (keyOf(a.line.tags) < keyOf(b.line.tags) ? -1 : 1),
      );
      return ranked.slice(0, expression.count).map(({ line }) => line);
    }
  }
}

function order(rank: number): number {
  return Number.isNaN(rank)
    ? -Number.MAX_VALUE
    : Math.min(Math.max(rank, -Number.MAX_VALUE / 4), Number.MAX_VALUE / 4);
}

/** Back by whole steps, so that points stay on the boundaries. */
function shifted({ firstMs, stepMs }: Grid, byMs: number): number {
  return firstMs - Math.round(byMs / stepMs) * stepMs;
}

function each(lines: readonly Line[], of: (values: Float64Array) => Float64Array): readonly Line[] {
  return lines.map(({ tags, values }) => ({ tags, values: of(values) }));
}

type DataExpression = Extract<Expression, { kind: "data" }>;

/** Without groups there is always a line: of no data, when nothing fits the query. */
function dataLines(work: Work, { query, aggregation, keys }: DataExpression, grid: Grid): readonly Line[] {
  const found = selected(work, query, grid);
  const own = exactTags(query);
  const groups =
    keys === undefined
      ? [{ tags: own, members: found }]
      : groupsOf(found, ({ tags }) => picked(tags, keys)).map(({ tags, members }) => ({
          tags: new Map([...own, ...tags]),
          members,
        }));
  if (!allow(work, groups.length, "lines", "lines")) return [];
  return groups.map(({ tags, members }) => {
    const line = folding(aggregation, grid.count);
    for (const series of members) addSeries(line, series, aggregation, grid, work.source.stepMs);
    return { tags, values: line.result() };
  });
}

function selected(work: Work, query: Query, grid: Grid): readonly Series[] {
  const known = work.found.get(query);
  const isAllowed = known !== undefined || spend(work, work.source.size * sizeOf(query));
  if (!isAllowed) return [];
  const found = known ?? work.source.select(query);
  work.found.set(query, found);
  work.series += found.length;
  work.datapoints += found.length * grid.count * (grid.stepMs / work.source.stepMs);
  return allow(work, work.datapoints, "datapoints", "stored points") ? found : [];
}

function addSeries(
  line: ReturnType<typeof folding>,
  { blocks }: Series,
  aggregation: Aggregation,
  { firstMs, stepMs, count }: Grid,
  storedMs: number,
): void {
  const many = stepMs / storedMs;
  for (let at = 0; at < count; at++) {
    const last = (firstMs + at * stepMs) / storedMs;
    line.add(at, many === 1 ? valueAt(blocks, last) : consolidated(blocks, last, many, aggregation));
  }
}

/**
 * Several stored points as one. It follows the aggregation: the largest for max, the smallest for min, else the mean, in which a
 * point without data counts as zero beside others. Source: Atlas, "Consolidation".
 */
function consolidated(
  blocks: Series["blocks"],
  last: number,
  many: number,
  aggregation: Aggregation,
): number {
  let [result, present] = [0, 0];
  for (let step = last - many + 1; step <= last; step++) {
    const value = valueAt(blocks, step);
    if (Number.isNaN(value)) continue;
    if (present === 0) result = value;
    else if (aggregation === "max") result = Math.max(result, value);
    else if (aggregation === "min") result = Math.min(result, value);
    else result += value;
    present += 1;
  }
  if (present === 0) return Number.NaN;
  return aggregation === "max" || aggregation === "min" ? result : result / many;
}

function bucketLines(work: Work, query: Query, keys: readonly string[], grid: Grid): readonly Line[] {
  return selected(work, query, grid)
    .filter(({ tags }) => tags.has(boundTag) && picked(tags, keys) !== undefined)
    .map((series) => {
      const line = folding("sum", grid.count);
      addSeries(line, series, "sum", grid, work.source.stepMs);
      return { tags: series.tags, values: line.result() };
    });
}

function folded(
  lines: readonly Line[],
  { aggregation, keys }: Extract<Expression, { kind: "fold" }>,
  count: number,
): readonly Line[] {
  const groups: readonly Group<Line>[] =
    keys === undefined
      ? [{ tags: sharedTags(lines), members: lines }]
      : groupsOf(lines, ({ tags }) => picked(tags, keys));
  return groups.map(({ tags, members }) => {
    const line = folding(aggregation, count);
    for (const { values } of members)
      values.forEach((value, at) => {
        line.add(at, value);
      });
    return { tags, values: line.result() };
  });
}

function sharedTags([first, ...rest]: readonly Line[]): Tags {
  if (first === undefined) return new Map();
  return new Map([...first.tags].filter(([key, value]) => rest.every(({ tags }) => tags.get(key) === value)));
}

/** A line that is not grouped goes with every other; grouped ones find each other by the tags of the side that has fewer. */
function combined(
  work: Work,
  expression: Extract<Expression, { kind: "binary" }>,
  grid: Grid,
): readonly Line[] {
  const { name, left, right, keys } = expression;
  const combine = combines[name];
  const [lefts, rights] = [linesOf(work, left, grid), linesOf(work, right, grid)];
  const isLeftLarger = keys === left.keys;
  const [larger, smaller] = isLeftLarger ? [lefts, rights] : [rights, lefts];
  const fewer = (isLeftLarger ? right.keys : left.keys) ?? [];
  const byTags = new Map(smaller.map((line) => [keyOf(picked(line.tags, fewer) ?? new Map()), line]));
  return larger.flatMap((line): readonly Line[] => {
    const partner = byTags.get(keyOf(picked(line.tags, fewer) ?? new Map()));
    if (partner === undefined) return [];
    const [a, b] = isLeftLarger ? [line.values, partner.values] : [partner.values, line.values];
    const tags = keys === undefined ? sharedTags([line, partner]) : line.tags;
    return [{ tags, values: a.map((value, at) => combine(value, b[at] ?? Number.NaN)) }];
  });
}
