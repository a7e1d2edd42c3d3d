// A plan in tables: what each server and each band holds, serves and has to fetch.
import type { FileDemand, PlacedFile, PlacementPlan, PlacementServer } from "#model/placement.ts";
import type { ServerKind } from "#model/placement-picture.ts";
import { bandsOf, picturesOf } from "./pictures.ts";

export interface ServerRow {
  readonly serverId: string;
  readonly kind: ServerKind;
  /** Its weight in each band, densest band first. */
  readonly weights: readonly number[];
  readonly bytes: number;
  /** Bytes ÷ storage. */
  readonly full: number;
  readonly trafficShare: number;
  /** ÷ the cluster's mean. */
  readonly utilisation: number;
  /** Bytes it holds now and did not before: what the night's fill brings. */
  readonly fetchBytes: number;
}

export interface BandRow {
  readonly band: PlacedFile["band"];
  readonly files: number;
  readonly bytes: number;
  /** Share of all traffic. */
  readonly traffic: number;
}

export interface PlanSummary {
  readonly servers: readonly ServerRow[];
  readonly bands: readonly BandRow[];
}

export interface SummaryOrder {
  readonly plan: PlacementPlan;
  readonly servers: readonly PlacementServer[];
  readonly files: ReadonlyMap<string, FileDemand>;
  readonly previous: ReadonlyMap<string, readonly string[]>;
}

export function summaryOf(order: SummaryOrder): PlanSummary {
  const { plan, servers } = order;
  const weightBands = bandsOf(plan);
  const place = new Map(plan.weights.map((weight, i) => [weight.serverId, i]));
  const load = new Map(plan.predicted.servers.map((server) => [server.serverId, server]));
  const storage = new Map(servers.map((server) => [server.id, server.storageBytes]));
  const fetched = fetchedBytes(order);
  const rows = picturesOf(plan, servers).servers.map(({ serverId, kind, trafficShare, utilisation }) => {
    const bytes = load.get(serverId)?.bytes ?? 0;
    const whole = storage.get(serverId) ?? 0;
    return {
      serverId,
      kind,
      weights: weightBands.map((band) => band.weights[place.get(serverId) ?? -1] ?? 0),
      bytes,
      full: whole > 0 ? bytes / whole : 0,
      trafficShare,
      utilisation,
      fetchBytes: fetched.get(serverId) ?? 0,
    };
  });
  return { servers: rows, bands: bandRows(order) };
}

function fetchedBytes({ plan, files, previous }: SummaryOrder): ReadonlyMap<string, number> {
  const fetched = new Map<string, number>();
  for (const { fileId, serverIds } of plan.assignment) {
    const before = previous.get(fileId);
    const size = files.get(fileId)?.sizeBytes ?? 0;
    for (const id of serverIds) {
      if (before?.includes(id) !== true) fetched.set(id, (fetched.get(id) ?? 0) + size);
    }
  }
  return fetched;
}

function bandRows({ plan, files }: SummaryOrder): BandRow[] {
  const names = ["head", "popular", "tail", "hole"] as const;
  const sums = new Map(names.map((band) => [band, { files: 0, bytes: 0, sent: 0 }]));
  let all = 0;
  for (const { fileId, band } of plan.assignment) {
    const { sizeBytes = 0, playsPerDay = 0 } = files.get(fileId) ?? {};
    const row = sums.get(band);
    if (row === undefined) continue;
    row.files += 1;
    row.bytes += sizeBytes;
    row.sent += sizeBytes * playsPerDay;
    all += sizeBytes * playsPerDay;
  }
  return [...sums].map(([band, row]) => ({
    band,
    files: row.files,
    bytes: row.bytes,
    traffic: all > 0 ? row.sent / all : 0,
  }));
}
