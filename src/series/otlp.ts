// Figures as a metrics request of OTLP/HTTP in JSON. Source: OpenTelemetry Protocol 1.x, "JSON Protobuf Encoding": names in lower
// camel case, enums as numbers, 64-bit integers as decimal text, times in nanoseconds.
import type { DistributionFigure, Figure } from "./figure.ts";
import type { Tags } from "./tags.ts";

export interface OtlpOrder {
  readonly figures: readonly Figure[];
  /** Since when the counters count, wall time. */
  readonly sinceMs: number;
  readonly nowMs: number;
  readonly version: string;
  /** Of this program on this machine. */
  readonly instance: string;
}

interface Attribute {
  readonly key: string;
  readonly value: { readonly stringValue: string };
}

interface Times {
  readonly startTimeUnixNano: string;
  readonly timeUnixNano: string;
}

interface NumberPoint extends Partial<Times> {
  readonly attributes: readonly Attribute[];
  readonly asDouble: number;
}

interface HistogramPoint extends Times {
  readonly attributes: readonly Attribute[];
  readonly count: string;
  readonly sum: number;
  readonly bucketCounts: readonly string[];
  readonly explicitBounds: readonly number[];
}

export type OtlpMetric = {
  readonly name: string;
  readonly unit: string;
  readonly description: string;
} & (
  | { readonly gauge: { readonly dataPoints: readonly NumberPoint[] } }
  | { readonly sum: Cumulative<NumberPoint> & { readonly isMonotonic: true } }
  | { readonly histogram: Cumulative<HistogramPoint> }
);

interface Cumulative<T> {
  readonly aggregationTemporality: typeof cumulative;
  readonly dataPoints: readonly T[];
}

export interface OtlpRequest {
  readonly resourceMetrics: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeMetrics: readonly {
      readonly scope: { readonly name: string; readonly version: string };
      readonly metrics: readonly OtlpMetric[];
    }[];
  }[];
}

/** AGGREGATION_TEMPORALITY_CUMULATIVE: a push that is lost costs resolution, and no event. */
const cumulative = 2;

export function otlpOf(order: OtlpOrder): OtlpRequest {
  const times = { startTimeUnixNano: nanos(order.sinceMs), timeUnixNano: nanos(order.nowMs) };
  const byName = Map.groupBy(order.figures, ({ name }) => name);
  const metrics = [...byName.values()].map((figures) => metricOf(figures, times));
  const resource = {
    attributes: [
      attribute("service.name", "millrace-control"),
      attribute("service.version", order.version),
      attribute("service.instance.id", order.instance),
    ],
  };
  const scope = { name: "millrace", version: order.version };
  return { resourceMetrics: [{ resource, scopeMetrics: [{ scope, metrics }] }] };
}

function metricOf(figures: readonly Figure[], times: Times): OtlpMetric {
  const [first] = figures;
  const named = {
    name: first?.name ?? "",
    unit: unitOf(first?.unit ?? ""),
    description: first?.sentence ?? "",
  };
  const distributions = figures.filter((figure) => figure.kind === "distribution");
  if (distributions.length > 0) {
    const dataPoints = distributions.map((figure) => histogramPoint(figure, times));
    return { ...named, histogram: { aggregationTemporality: cumulative, dataPoints } };
  }
  const gauges = figures.filter((figure) => figure.kind === "gauge");
  if (gauges.length > 0) {
    const { timeUnixNano } = times;
    const dataPoints = gauges.map(({ labels, value }) => ({
      attributes: attributesOf(labels),
      timeUnixNano,
      asDouble: value,
    }));
    return { ...named, gauge: { dataPoints } };
  }
  const dataPoints = figures
    .filter((figure) => figure.kind === "counter")
    .map(({ labels, total }) => ({ attributes: attributesOf(labels), ...times, asDouble: total }));
  return { ...named, sum: { aggregationTemporality: cumulative, isMonotonic: true, dataPoints } };
}

function histogramPoint(figure: DistributionFigure, times: Times): HistogramPoint {
  return {
    attributes: attributesOf(figure.labels),
    ...times,
    count: String(figure.count),
    sum: figure.sum,
    bucketCounts: figure.counts.map(String),
    explicitBounds: figure.bounds,
  };
}

function attributesOf(labels: Tags): readonly Attribute[] {
  return [...labels].map(([key, value]) => attribute(key, value));
}

function attribute(key: string, value: string): Attribute {
  return { key, value: { stringValue: value } };
}

function nanos(ms: number): string {
  return `${Math.round(ms)}000000`;
}

const ucum: Readonly<Record<string, string>> = { s: "s", "bit/s": "bit/s", B: "By", ratio: "1", epoch: "1" };

/** UCUM, where things that are counted stand in braces. */
function unitOf(unit: string): string {
  return ucum[unit] ?? `{${unit}}`;
}

const slowestMs = 300_000;

/**
 * How long to wait before the next try after so many failures in a row: doubled each time, spread by a half to both sides, and
 * never less than the collector asked for.
 */
export function pauseMs(order: {
  readonly failures: number;
  readonly firstMs: number;
  /** 0…1 */
  readonly chance: number;
  readonly askedMs: number;
}): number {
  const doubled = Math.min(slowestMs, order.firstMs * 2 ** Math.min(30, Math.max(0, order.failures - 1)));
  return Math.min(slowestMs, Math.max(order.askedMs, doubled * (0.5 + order.chance)));
}

/** Source: OTLP/HTTP, "Failures": these alone are worth another try. */
export function isWorthRetrying(status: number): boolean {
  return status === 429 || status === 502 || status === 503 || status === 504;
}
