// What a plan will do if demand is as forecast: load per box, how far the cluster reaches, what is missed, what moves.
import type { PredictedLoad } from "#model/placement.ts";
import type { StockFile } from "./stock.ts";

export interface Holding {
  readonly file: StockFile;
  readonly serverIds: readonly string[];
}

/**
 * Divides each file's traffic over its holders so that the fullest of them stays as low as possible (water-filling on
 * traffic ÷ throughput), files with few holders first because they have least choice. One pass, so it is a division
 * that steering can reach, not a bound.
 *
 * Every server counts in the cluster's throughput, also one that holds nothing.
 */
export function predict(order: {
  readonly servers: readonly { readonly id: string; readonly throughputBps: number }[];
  readonly holdings: readonly Holding[];
  readonly previous: ReadonlyMap<string, readonly string[]>;
}): PredictedLoad {
  const { holdings } = order;
  const throughput = new Map(order.servers.map((server) => [server.id, server.throughputBps]));
  const load = levelled(holdings, throughput);
  const bytes = bytesOf(holdings);
  const stored = sum(bytes.values());
  const served = sum(load.values());
  const demanded = holdings.reduce((acc, { file }) => acc + file.traffic, 0);
  const missed = holdings.reduce((acc, h) => acc + (h.serverIds.length === 0 ? h.file.traffic : 0), 0);
  const mean = served / sum(throughput.values());
  const fullest = Math.max(0, ...[...load].map(([id, sent]) => sent / (throughput.get(id) ?? 0)));
  return {
    maxUtilisation: mean > 0 ? fullest / mean : 0,
    effectiveCapacity: mean > 0 ? mean / fullest : 1,
    holePercent: demanded > 0 ? (100 * missed) / demanded : 0,
    churnBytes: churn(holdings, order.previous),
    servers: order.servers.map(({ id }) => ({
      serverId: id,
      bytes: bytes.get(id) ?? 0,
      trafficShare: served > 0 ? (load.get(id) ?? 0) / served : 0,
      storageShare: stored > 0 ? (bytes.get(id) ?? 0) / stored : 0,
    })),
  };
}

function levelled(
  holdings: readonly Holding[],
  throughput: ReadonlyMap<string, number>,
): ReadonlyMap<string, number> {
  const load = new Map<string, number>();
  const fewestFirst = holdings
    .filter(({ serverIds }) => serverIds.length > 0)
    .toSorted((a, b) => a.serverIds.length - b.serverIds.length);
  for (const { file, serverIds } of fewestFirst) {
    const [only] = serverIds;
    if (serverIds.length === 1 && only !== undefined) {
      load.set(only, (load.get(only) ?? 0) + file.traffic);
      continue;
    }
    pour(file.traffic, serverIds, load, throughput);
  }
  return load;
}

/** Adds `amount` to the least utilised first, until all that took part stand equally high. */
function pour(
  amount: number,
  serverIds: readonly string[],
  load: Map<string, number>,
  throughput: ReadonlyMap<string, number>,
): void {
  const level = (id: string): number => (load.get(id) ?? 0) / (throughput.get(id) ?? 1);
  const ascending = serverIds.map((id) => ({ id, level: level(id) })).sort((a, b) => a.level - b.level);
  let width = 0;
  let below = 0;
  let surface = 0;
  let taking = 0;
  for (const { id, level } of ascending) {
    if (taking > 0 && level >= surface) break;
    width += throughput.get(id) ?? 0;
    below += load.get(id) ?? 0;
    surface = (amount + below) / width;
    taking += 1;
  }
  for (const { id } of ascending.slice(0, taking)) load.set(id, surface * (throughput.get(id) ?? 0));
}

function bytesOf(holdings: readonly Holding[]): ReadonlyMap<string, number> {
  const bytes = new Map<string, number>();
  for (const { file, serverIds } of holdings) {
    for (const id of serverIds) bytes.set(id, (bytes.get(id) ?? 0) + file.sizeBytes);
  }
  return bytes;
}

/** Bytes that some box must fetch because it did not hold them before. */
function churn(holdings: readonly Holding[], previous: ReadonlyMap<string, readonly string[]>): number {
  let fetched = 0;
  for (const { file, serverIds } of holdings) {
    const before = previous.get(file.id) ?? [];
    for (const id of serverIds) if (!before.includes(id)) fetched += file.sizeBytes;
  }
  return fetched;
}

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
