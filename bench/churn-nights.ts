// Cluster B through its nights, with a box that comes on the tenth and one that dies on the twentieth; rows of figures.
import type { PlacementServer } from "#model/placement.ts";
import type { PlaceSettings } from "#place/settings.ts";
import { clusterB, comers, type Night, type Nights, planNight, sumOf } from "./churn-cluster.ts";
import { type FetchedNight, fetchedNights } from "./churn-fetch.ts";
import { leastMoved } from "./churn-least.ts";

export interface ClusterRun {
  readonly nights: readonly Night[];
  readonly changes: readonly Change[];
  /** Effective capacity of each night's plan over that of a plan of the same day without a past. */
  readonly ofFresh: readonly number[];
  readonly fetched: readonly FetchedNight[];
}

/** A night planned twice on the same demand and from the same night before: with the change, and without it. */
export interface Change {
  readonly what: string;
  readonly server: PlacementServer;
  readonly came: boolean;
  readonly before: Night;
  readonly without: Night;
  readonly with: Night;
}

type Row = Record<string, string | number>;

export const bars = {
  storagePercent: 3.2,
  flashPercent: 9,
  byteHitLoss: 0.15,
  idealShare: 1.05,
  aboveTotalVariation: 0.1,
} as const;

const comes = 10;
const goes = 20;

export function runCluster(order: Nights, settings: PlaceSettings): ClusterRun {
  const nights: Night[] = [];
  const changes: Change[] = [];
  const ofFresh: number[] = [];
  let servers: readonly PlacementServer[] = clusterB;
  for (let night = 0; night < order.forecasts.length; night++) {
    const before = nights.at(-1);
    const planned = (those: readonly PlacementServer[]): Night =>
      planNight({ nights: order, night, servers: those, settings, before });
    if (before !== undefined && (night === comes || night === goes)) {
      const tried = changesOf(night, servers).map((change) => ({
        ...change,
        planned: planned(change.servers),
      }));
      const without = planned(servers);
      for (const { what, server, came, planned: made } of tried) {
        changes.push({ what: `night ${night}: ${what}`, server, came, before, without, with: made });
      }
      servers = tried[0]?.servers ?? servers;
      nights.push(tried[0]?.planned ?? without);
    } else nights.push(planned(servers));
    const fresh = planNight({ nights: order, night, servers, settings, before: undefined });
    ofFresh.push(reachOf(nights.at(-1) ?? fresh) / reachOf(fresh));
  }
  return { nights, changes, ofFresh, fetched: fetchedNights(order, nights, settings) };
}

/** The first is what happens; the others are only tried. */
function changesOf(
  night: number,
  servers: readonly PlacementServer[],
): { what: string; server: PlacementServer; came: boolean; servers: readonly PlacementServer[] }[] {
  if (night === comes) {
    return comers.map((server) => {
      return { what: `${server.id} comes`, server, came: true, servers: [...servers, server] };
    });
  }
  return ["storage2", "flash2"].flatMap((id) =>
    servers
      .filter((server) => server.id === id)
      .map((server) => ({
        what: `${id} dies`,
        server,
        came: false,
        servers: servers.filter((one) => one.id !== id),
      })),
  );
}

/** Nightly fill of each kind of box, as planned and as fetched within the nights' budgets, and what calm costs in byte-hit. */
export function clusterRows(calm: ClusterRun, restless: ClusterRun): Row[] {
  const best = meanOf(restless.nights.slice(1).map(hitOf));
  const loss = 100 * (best - meanOf(calm.nights.slice(1).map(hitOf)));
  const lossFetched = (to: number): number =>
    100 * (meanOf(restless.nights.slice(1, to).map(hitOf)) - meanOf(calm.fetched.slice(1, to).map(hitOf)));
  const waiting = calm.fetched.map((night) => night.waiting);
  return [
    fillRow("storage", calm, calm.nights, "planned", bars.storagePercent),
    fillRow("flash", calm, calm.nights, "planned", bars.flashPercent),
    fillRow("storage", calm, calm.fetched, "fetched in budget", undefined),
    fillRow("flash", calm, calm.fetched, "fetched in budget", undefined),
    fillRow("storage", restless, restless.nights, "without hysteresis", undefined),
    fillRow("flash", restless, restless.nights, "without hysteresis", undefined),
    { what: "cluster, with hysteresis", ...healthOf(calm) },
    {
      what: "cluster, without",
      ...healthOf(restless),
    },
    { what: "byte-hit lost by hysteresis, points", loss: loss.toFixed(3), ...judged(loss, bars.byteHitLoss) },
    {
      what: "byte-hit lost by hysteresis and budget, points",
      untilABoxComes: lossFetched(comes).toFixed(3),
      ...judged(lossFetched(comes), bars.byteHitLoss),
      allNights: lossFetched(calm.nights.length).toFixed(3),
    },
    {
      what: "planned bytes that wait for another night, TB",
      mean: terabytes(meanOf(waiting)),
      most: terabytes(Math.max(...waiting)),
      last: terabytes(waiting.at(-1) ?? 0),
    },
  ];
}

function fillRow(
  kind: string,
  run: ClusterRun,
  nights: readonly Pick<Night, "fetched">[],
  how: string,
  bar: number | undefined,
): Row {
  const percents = nights.flatMap((night, at) =>
    at === 0 || at === comes || at === goes
      ? []
      : clusterB
          .filter(
            ({ id }) =>
              id.startsWith(kind) && run.nights[at]?.plan.weights.some(({ serverId }) => serverId === id),
          )
          .map(({ id, storageBytes }) => (100 * (night.fetched.get(id) ?? 0)) / storageBytes),
  );
  const most = Math.max(...percents);
  return {
    what: `fill per ${kind} box and night, ${how}, %`,
    mean: meanOf(percents).toFixed(2),
    most: most.toFixed(2),
    ...(bar === undefined ? {} : judged(most, bar)),
  };
}

function healthOf(run: ClusterRun): Row {
  const reach = run.nights.map(reachOf);
  const least = Math.min(...run.ofFresh);
  return {
    byteHitPercent: (100 * meanOf(run.nights.slice(1).map(hitOf))).toFixed(2),
    effectiveCapacityFirst: (reach[0] ?? 0).toFixed(3),
    effectiveCapacityMean: meanOf(reach).toFixed(3),
    ofFreshMean: meanOf(run.ofFresh).toFixed(3),
    ofFreshLeast: least.toFixed(3),
    lambdaMean: meanOf(run.nights.map((night) => night.plan.lambda)).toFixed(3),
  };
}

/**
 * What a change moves of the files that were stored and still are, beyond what the night moves without it, over the least
 * that must move for the new weights. Beside it the share that the box has of them: of one that came its part of the room,
 * of one that died what it alone held. The two are the same while the bands keep their bytes. `fetchedTB` is all that boxes
 * fetch for the change, with what the room of a box that came lets in.
 */
export function changeRows(run: ClusterRun): Row[] {
  return run.changes.map((change) => {
    const moved = movedBytes(change.with, change.before) - movedBytes(change.without, change.before);
    const share = idealBytes(change);
    const least = leastMoved(change);
    const fetched = sumOf(change.with.fetched.values()) - sumOf(change.without.fetched.values());
    return {
      what: change.what,
      movedTB: terabytes(moved),
      leastTB: terabytes(least),
      shareTB: terabytes(share),
      fetchedTB: terabytes(fetched),
      ofShare: (moved / share).toFixed(3),
      ratio: (moved / least).toFixed(3),
      ...judged(moved / least, bars.idealShare),
    };
  });
}

/** Bytes that boxes fetch of files that were stored the night before, wherever. */
function movedBytes(night: Night, before: Night): number {
  let bytes = 0;
  for (const { id, sizeBytes } of night.files) {
    const had = before.holders.get(id) ?? [];
    if (had.length === 0) continue;
    bytes += sizeBytes * (night.holders.get(id) ?? []).filter((box) => !had.includes(box)).length;
  }
  return bytes;
}

function idealBytes({ with: night, before, server, came }: Change): number {
  const kept = night.files.filter(({ id }) => {
    const had = before.holders.get(id) ?? [];
    return had.length > 0 && (night.holders.get(id) ?? []).length > 0;
  });
  if (!came) {
    const alone = kept.filter(({ id }) => (before.holders.get(id) ?? []).every((box) => box === server.id));
    return sumOf(alone.map(({ sizeBytes }) => sizeBytes));
  }
  const room = sumOf(night.plan.predicted.servers.map(({ bytes }) => bytes));
  const own = night.plan.predicted.servers.find(({ serverId }) => serverId === server.id)?.bytes ?? 0;
  return (own / room) * sumOf(kept.map(({ sizeBytes }) => sizeBytes));
}

function terabytes(bytes: number): string {
  return (bytes / 1e12).toFixed(1);
}

/** How often a file that crossed the cutoff changed boxes, beside the least that the weights allow. */
export function crossingRow(run: ClusterRun): Row {
  let [crossed, moved, bytes, movedBytes] = [0, 0, 0, 0];
  run.nights.forEach((night, at) => {
    const before = run.nights[at - 1];
    if (before === undefined || at === comes || at === goes) return;
    const bands = new Map(before.plan.assignment.map(({ fileId, band }) => [fileId, band]));
    const sizes = new Map(night.files.map(({ id, sizeBytes }) => [id, sizeBytes]));
    for (const { fileId, band, serverIds } of night.plan.assignment) {
      const was = bands.get(fileId);
      if (!((was === "popular" && band === "tail") || (was === "tail" && band === "popular"))) continue;
      const had = before.holders.get(fileId) ?? [];
      const size = sizes.get(fileId) ?? 0;
      const stayed = serverIds.every((id) => had.includes(id));
      crossed += 1;
      bytes += size;
      if (!stayed) [moved, movedBytes] = [moved + 1, movedBytes + size];
    }
  });
  const variation = meanOf(
    run.nights.map((night) => sumOf(night.plan.weights.map(({ alpha, beta }) => Math.abs(alpha - beta))) / 2),
  );
  return {
    what: "P(move | crossed the cutoff), without hysteresis",
    crossings: crossed,
    ofFiles: (moved / crossed).toFixed(3),
    ofBytes: (movedBytes / bytes).toFixed(3),
    totalVariation: variation.toFixed(3),
    ...judged(moved / crossed, variation + bars.aboveTotalVariation),
  };
}

function judged(value: number, bar: number): Row {
  return { bar: `≤ ${bar.toFixed(2)}`, held: value <= bar ? "met" : "MISSED" };
}

function reachOf(night: Night): number {
  return night.plan.predicted.effectiveCapacity;
}

function hitOf(night: Pick<Night, "byteHit">): number {
  return night.byteHit;
}

function meanOf(values: readonly number[]): number {
  return sumOf(values) / values.length;
}
