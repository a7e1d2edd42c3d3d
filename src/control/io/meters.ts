// The rows of control/metrics.ts as Prometheus instruments, in a registry of this server's own.
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import { type CounterRow, controlMetrics, type GaugeRow, type HistogramRow } from "#control/metrics.ts";

export interface Meters {
  readonly requests: Histogram;
  readonly signIns: Counter;
  readonly refreshes: Counter;
  readonly plays: Counter;
  readonly beacons: Counter;
  readonly cmcdEvents: Counter;
  readonly cmcdStarved: Counter;
  readonly cmcdFirstByte: Histogram;
  readonly steers: Counter;
  readonly licences: Counter;
  readonly steeredThroughput: Histogram;
  readonly consumed: Counter;
  readonly shed: Counter;
  readonly overload: Gauge;
  readonly inWorkLimit: Gauge;
  readonly loopDelay: Gauge;
  readonly lag: Gauge;
  readonly appliances: Gauge;
  readonly placementEpoch: Gauge;
  /** Prometheus text. */
  text(): Promise<string>;
  readonly contentType: string;
}

export function openMeters(): Meters {
  const registry = new Registry();
  const rows = controlMetrics;
  const named = (row: CounterRow | GaugeRow | HistogramRow) => ({
    name: row.name,
    help: `${row.sentence} Unit: ${row.unit}.`,
    labelNames: [...row.labels],
    registers: [registry],
  });
  const counter = (row: CounterRow): Counter => new Counter(named(row));
  const gauge = (row: GaugeRow): Gauge => new Gauge(named(row));
  const histogram = (row: HistogramRow): Histogram =>
    new Histogram({ ...named(row), buckets: [...row.buckets] });
  return {
    requests: histogram(rows.requests),
    cmcdEvents: counter(rows.cmcdEvents),
    cmcdStarved: counter(rows.cmcdStarved),
    cmcdFirstByte: histogram(rows.cmcdFirstByte),
    signIns: counter(rows.signIns),
    refreshes: counter(rows.refreshes),
    plays: counter(rows.plays),
    beacons: counter(rows.beacons),
    steers: counter(rows.steers),
    licences: counter(rows.licences),
    steeredThroughput: histogram(rows.steeredThroughput),
    consumed: counter(rows.consumed),
    shed: counter(rows.shed),
    overload: gauge(rows.overload),
    inWorkLimit: gauge(rows.inWorkLimit),
    loopDelay: gauge(rows.loopDelay),
    lag: gauge(rows.lag),
    appliances: gauge(rows.appliances),
    placementEpoch: gauge(rows.placementEpoch),
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}
