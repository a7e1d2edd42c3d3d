// What the instruments read now, as the series and the push take it. prom-client counts buckets up to their bound; here each is alone.
import type { MetricObjectWithValues, MetricValue, MetricValueWithName } from "prom-client";
import { controlMetrics } from "#control/metrics.ts";
import type { DistributionFigure, Figure } from "#series/figure.ts";
import { type Labels, labelKey } from "./distribution.ts";

type Read = MetricObjectWithValues<MetricValue<string>>;
type Part = MetricValue<string> & Partial<Pick<MetricValueWithName<string>, "metricName">>;
interface Largest {
  readonly largest: ReadonlyMap<string, number> | undefined;
}

type Row = (typeof controlMetrics)[keyof typeof controlMetrics];

const rowsByName = new Map<string, Row>(Object.values(controlMetrics).map((row) => [row.name, row]));

/** `largestOf` begins its values anew. */
export function figuresOf(
  read: readonly Read[],
  largestOf: (name: string) => ReadonlyMap<string, number> | undefined,
): readonly Figure[] {
  return read.flatMap((metric): readonly Figure[] => {
    const { unit = "", sentence = "", kind = "gauge" } = rowsByName.get(metric.name) ?? {};
    const named = { name: metric.name, unit, sentence };
    const { values } = metric;
    if (kind === "histogram") {
      const largest = largestOf(metric.name);
      return distributionsOf(values).map((parts) => distribution(parts, { ...named, largest }));
    }
    return values.map(({ labels, value }) =>
      kind === "counter"
        ? { ...named, kind: "counter", labels: tagsOf(labels), total: value }
        : { ...named, kind: "gauge", labels: tagsOf(labels), value },
    );
  });
}

function tagsOf(labels: Labels): ReadonlyMap<string, string> {
  return new Map(Object.entries(labels).map(([name, value]) => [name, String(value)]));
}

function distributionsOf(parts: readonly Part[]): readonly (readonly Part[])[] {
  const groups = Map.groupBy(parts, ({ labels }) => labelKey(withoutBound(labels)));
  return [...groups.values()];
}

function withoutBound({ le: _le, ...labels }: Labels): Labels {
  return labels;
}

function distribution(
  parts: readonly Part[],
  { largest, ...named }: Pick<Figure, "name" | "unit" | "sentence"> & Largest,
): DistributionFigure {
  const labels = withoutBound(parts[0]?.labels ?? {});
  const part = (end: string): number =>
    parts.find(({ metricName = "" }) => metricName === `${named.name}_${end}`)?.value ?? 0;
  const buckets = parts.filter(({ metricName }) => metricName === `${named.name}_bucket`);
  const counts = buckets.map(({ value }, at) => value - (buckets[at - 1]?.value ?? 0));
  const bounds = buckets.slice(0, -1).map((bucket) => Number(bucket.labels.le));
  const max = largest?.get(labelKey(labels));
  return {
    ...named,
    kind: "distribution",
    ...{ labels: tagsOf(labels), bounds, counts, sum: part("sum"), count: part("count"), max },
  };
}
