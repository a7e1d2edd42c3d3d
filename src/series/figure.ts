// One reading of an instrument, and the series that it feeds. The sampler makes figures, the store and the push take them.
import { boundTag, nameTag, statisticTag, type Tags } from "./tags.ts";

interface Read {
  readonly name: string;
  /** As the metrics table says it: "s", "plays". */
  readonly unit: string;
  readonly sentence: string;
  readonly labels: Tags;
}

export interface CounterFigure extends Read {
  readonly kind: "counter";
  /** Since the program's start. */
  readonly total: number;
}

export interface GaugeFigure extends Read {
  readonly kind: "gauge";
  readonly value: number;
}

export interface DistributionFigure extends Read {
  readonly kind: "distribution";
  /** Upper bounds, ascending, without the last bucket's, which has none. */
  readonly bounds: readonly number[];
  /** Since the program's start, of each bucket alone: one more than bounds. */
  readonly counts: readonly number[];
  readonly sum: number;
  readonly count: number;
  /** The largest since the reading before; undefined when there was none. */
  readonly max: number | undefined;
}

export type Figure = CounterFigure | GaugeFigure | DistributionFigure;

/** One value for one series. */
export interface Reading {
  readonly kind: "counter" | "gauge";
  readonly tags: Tags;
  readonly value: number;
}

/**
 * A distribution becomes a count, a total, a max, and a series per bucket that was ever hit; the bucket below such a one is there
 * too, because it says where the other begins.
 *
 * Source: Atlas names a timer's total `totalTime` and a summary's `totalAmount`. Its buckets are named by the bound here.
 */
export function readingsOf(figure: Figure): readonly Reading[] {
  const tags = new Map([[nameTag, figure.name], ...figure.labels]);
  if (figure.kind === "counter") return [{ kind: "counter", tags, value: figure.total }];
  if (figure.kind === "gauge") return [{ kind: "gauge", tags, value: figure.value }];
  const part = (statistic: string): Tags => new Map([...tags, [statisticTag, statistic]]);
  const total = figure.unit === "s" ? "totalTime" : "totalAmount";
  const buckets = figure.counts.flatMap((value, at): readonly Reading[] => {
    const bound = String(figure.bounds[at] ?? "+Inf");
    const bucket = new Map([...part("percentile"), [boundTag, bound]]);
    return value > 0 || (figure.counts[at + 1] ?? 0) > 0 ? [{ kind: "counter", tags: bucket, value }] : [];
  });
  const max: readonly Reading[] =
    figure.max === undefined ? [] : [{ kind: "gauge", tags: part("max"), value: figure.max }];
  return [
    { kind: "counter", tags: part("count"), value: figure.count },
    { kind: "counter", tags: part(total), value: figure.sum },
    ...max,
    ...buckets,
  ];
}
