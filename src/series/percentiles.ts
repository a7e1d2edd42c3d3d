// Percentiles of a distribution from its buckets: how much fell below each bound, and a straight line within the bucket. They are
// as good as the buckets are narrow. Percentiles are never averaged: buckets are added, then looked at.
import { percentileKey } from "./grouping.ts";
import { type Group, groupsOf, type Line } from "./line.ts";
import { boundTag, picked } from "./tags.ts";

export interface PercentileOrder {
  readonly keys: readonly string[];
  /** 0…100 */
  readonly percents: readonly number[];
  readonly count: number;
}

/** One line for each group and percentile. `buckets` are rates, each with its bound in the tag `le`. */
export function percentileLines(buckets: readonly Line[], order: PercentileOrder): readonly Line[] {
  return groupsOf(buckets, ({ tags }) => picked(tags, order.keys)).flatMap((group) =>
    linesOfGroup(group, order),
  );
}

function linesOfGroup({ tags, members }: Group<Line>, { percents, count }: PercentileOrder): readonly Line[] {
  const byBound = groupsOf(members, (line) => picked(line.tags, [boundTag]))
    .map((group) => ({ bound: boundOf(group.tags.get(boundTag)), members: group.members }))
    .toSorted((a, b) => a.bound - b.bound);
  const lines = percents.map((percent) => ({
    tags: new Map([...tags, [percentileKey, String(percent)]]),
    values: new Float64Array(count).fill(Number.NaN),
  }));
  for (let at = 0; at < count; at++) {
    const rates = byBound.map(({ bound, members: same }) => ({
      bound,
      rate: same.reduce((sum, { values }) => sum + orZero(values[at] ?? Number.NaN), 0),
    }));
    for (const [index, percent] of percents.entries()) {
      const values = lines[index]?.values;
      if (values !== undefined) values[at] = percentileOf(rates, percent);
    }
  }
  return lines;
}

function boundOf(text: string | undefined): number {
  return text === "+Inf" || text === undefined ? Number.POSITIVE_INFINITY : Number(text);
}

function orZero(value: number): number {
  return Number.isNaN(value) ? 0 : value;
}

/** Beyond the last bound nothing is known: it is the answer for what lies there. NaN when nothing was counted. */
function percentileOf(
  rates: readonly { readonly bound: number; readonly rate: number }[],
  percent: number,
): number {
  const total = rates.reduce((sum, { rate }) => sum + rate, 0);
  if (total === 0) return Number.NaN;
  const wanted = (total * percent) / 100;
  let [below, lower] = [0, 0];
  for (const { bound, rate } of rates) {
    if (rate > 0 && below + rate >= wanted) {
      if (bound === Number.POSITIVE_INFINITY) return lower;
      return lower + (bound - lower) * ((wanted - below) / rate);
    }
    below += rate;
    lower = bound;
  }
  return lower;
}
