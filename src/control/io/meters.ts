// The rows of control/metrics.ts as Prometheus instruments, in a registry of this server's own.
import { Counter, type CounterConfiguration, Gauge, Histogram, Registry } from "prom-client";
import type { CopyCounts, elsewhereMetrics } from "#control/kept-elsewhere.ts";
import { type CounterRow, controlMetrics, type GaugeRow, type HistogramRow } from "#control/metrics.ts";
import type { CacheCounts } from "#data/cached.ts";
import type { Figure } from "#series/figure.ts";
import { type Distribution, distributionOf } from "./distribution.ts";
import { figuresOf } from "./figures.ts";
import { type Add, type TallyCounter, tallyCounter } from "./tally-counter.ts";

type Rows = Omit<typeof controlMetrics, "cacheReads" | keyof typeof elsewhereMetrics>;

/** What is counted elsewhere, and read off whenever somebody asks. */
export interface CountedElsewhere {
  readonly cache?: CacheCounts | undefined;
  readonly copies?: CopyCounts | undefined;
  readonly databaseRetries?: (() => number) | undefined;
}

/** One instrument for each row, by its kind. */
type Instruments = {
  readonly [K in keyof Rows]: Rows[K] extends HistogramRow
    ? Distribution
    : Rows[K] extends GaugeRow
      ? Gauge
      : TallyCounter;
};

export interface Meters extends Instruments {
  /** `beacons`, by result. */
  readonly beaconsBy: Readonly<Record<"accepted" | "refused" | "failed", Add>>;
  /** Prometheus text. */
  text(): Promise<string>;
  readonly contentType: string;
  /** Everything as it stands now; largest values begin anew. */
  figures(): Promise<readonly Figure[]>;
}

/** Of a control plane's order. */
export function countedElsewhere(order: {
  readonly cacheCounts?: CacheCounts | undefined;
  readonly archive?: { readonly counts: CopyCounts } | undefined;
  readonly stores: { retries(): number };
}): CountedElsewhere {
  const { cacheCounts: cache, archive, stores } = order;
  return { cache, copies: archive?.counts, databaseRetries: () => stores.retries() };
}

/** What is not counted at all has no meter. */
export function openMeters(elsewhere: CountedElsewhere = {}): Meters {
  const registry = new Registry();
  const rows = controlMetrics;
  const distributions = new Map<string, Distribution>();
  const named = (row: CounterRow | GaugeRow | HistogramRow) => ({
    name: row.name,
    help: `${row.sentence} Unit: ${row.unit}.`,
    labelNames: [...row.labels],
    registers: [registry],
  });
  const counter = (row: CounterRow): TallyCounter =>
    tallyCounter((collect) => new Counter({ ...named(row), collect }));
  const gauge = (row: GaugeRow): Gauge => new Gauge(named(row));
  const histogram = (row: HistogramRow): Distribution => {
    const made = distributionOf(new Histogram({ ...named(row), buckets: [...row.buckets] }));
    distributions.set(row.name, made);
    return made;
  };
  readOff(elsewhere, named);
  return {
    requests: histogram(rows.requests),
    eventsAttempted: counter(rows.eventsAttempted),
    logFill: gauge(rows.logFill),
    positionsWaiting: gauge(rows.positionsWaiting),
    signIns: counter(rows.signIns),
    refreshes: counter(rows.refreshes),
    plays: counter(rows.plays),
    startup: histogram(rows.startup),
    stalls: counter(rows.stalls),
    stalled: counter(rows.stalled),
    played: counter(rows.played),
    failures: counter(rows.failures),
    leaseRefusals: counter(rows.leaseRefusals),
    lost: counter(rows.lost),
    logSync: histogram(rows.logSync),
    logBytes: gauge(rows.logBytes),
    ...metersOfBeacons(counter(rows.beacons)),
    cmcdEvents: counter(rows.cmcdEvents),
    cmcdStarved: counter(rows.cmcdStarved),
    cmcdFirstByte: histogram(rows.cmcdFirstByte),
    licences: counter(rows.licences),
    steers: counter(rows.steers),
    steeredThroughput: histogram(rows.steeredThroughput),
    shed: counter(rows.shed),
    overload: gauge(rows.overload),
    inWorkLimit: gauge(rows.inWorkLimit),
    loopDelay: gauge(rows.loopDelay),
    consumed: counter(rows.consumed),
    lag: gauge(rows.lag),
    historyAway: gauge(rows.historyAway),
    shipLag: gauge(rows.shipLag),
    shipFailures: counter(rows.shipFailures),
    appliances: gauge(rows.appliances),
    ...metersOfBoxes(gauge),
    ...metersOfStreamJob(counter, gauge),
    placementEpoch: gauge(rows.placementEpoch),
    series: gauge(rows.series),
    pushes: counter(rows.pushes),
    text: () => registry.metrics(),
    contentType: registry.contentType,
    async figures() {
      return figuresOf(await registry.getMetricsAsJSON(), (name) => distributions.get(name)?.largest());
    },
  };
}

function metersOfBeacons(beacons: TallyCounter): Pick<Meters, "beacons" | "beaconsBy"> {
  const [accepted, refused, failed] = [
    beacons.of({ result: "accepted" }),
    beacons.of({ result: "refused" }),
    beacons.of({ result: "failed" }),
  ];
  return { beacons, beaconsBy: { accepted, refused, failed } };
}

function metersOfBoxes(gauge: (row: GaugeRow) => Gauge) {
  const rows = controlMetrics;
  return {
    applianceSent: gauge(rows.applianceSent),
    applianceConnections: gauge(rows.applianceConnections),
    applianceDiskUsed: gauge(rows.applianceDiskUsed),
    applianceDiskBudget: gauge(rows.applianceDiskBudget),
    applianceFillQueue: gauge(rows.applianceFillQueue),
  };
}

function metersOfStreamJob(counter: (row: CounterRow) => TallyCounter, gauge: (row: GaugeRow) => Gauge) {
  const rows = controlMetrics;
  return {
    qoe: counter(rows.qoe),
    qoeSaved: counter(rows.qoeSaved),
    qoeLag: gauge(rows.qoeLag),
    servedBytes: counter(rows.servedBytes),
    offloadedBytes: counter(rows.offloadedBytes),
    playersGate: counter(rows.playersGate),
  };
}

type Named = (row: CounterRow | GaugeRow) => CounterConfiguration<string>;

function readOff({ cache, copies, databaseRetries }: CountedElsewhere, named: Named): void {
  const rows = controlMetrics;
  if (cache !== undefined) {
    readCounter(named(rows.cacheReads), () => [
      [{ result: "hit" }, cache.hits],
      [{ result: "miss" }, cache.misses],
      [{ result: "stale" }, cache.stale],
      [{ result: "failed" }, cache.failures],
    ]);
  }
  if (databaseRetries !== undefined)
    readCounter(named(rows.databaseRetries), () => [[{}, databaseRetries()]]);
  if (copies === undefined) return;
  readCounter(named(rows.archiveBlobs), () => [
    [{ what: "copied" }, copies.copies],
    [{ what: "cleared" }, copies.cleared],
  ]);
  readCounter(named(rows.archiveBytes), () => [[{}, copies.bytes]]);
  readCounter(named(rows.archiveFailures), () => [[{}, copies.failures]]);
  new Gauge({
    ...named(rows.archiveBehind),
    collect() {
      this.set(copies.behind);
    },
  });
}

type Reading = readonly [Readonly<Record<string, string>>, number];

function readCounter(row: CounterConfiguration<string>, read: () => readonly Reading[]): void {
  new Counter({
    ...row,
    collect() {
      this.reset();
      for (const [labels, value] of read()) this.inc(labels, value);
    },
  });
}
