// What a plan starts from, made comparable: usable boxes with their shares, files in density order, and the refusals.
import type { FileDemand, PlacementServer } from "#model/placement.ts";

/** Box numbers are 16 bits wide, and two of them are taken. */
const mostServers = 65_000;

/** A box that can both hold and send. */
export interface Box {
  readonly id: string;
  /** Bytes that may be planned for: storage less the headroom. */
  readonly room: number;
  readonly throughput: number;
}

export interface StockFile extends FileDemand {
  /** Plays a day that count: as demanded, or 1 for every file when nobody plays anything. */
  readonly plays: number;
  /** Bytes sent per day. */
  readonly traffic: number;
}

export type Stock =
  | {
      readonly kind: "stock";
      readonly boxes: readonly Box[];
      /** Densest first; equal density in id order. */
      readonly files: readonly StockFile[];
      readonly traffic: number;
    }
  | { readonly kind: "refused"; readonly because: string };

/** Checks both lists and puts them in an order that does not depend on how they came. */
export function takeStock(order: {
  readonly servers: readonly PlacementServer[];
  readonly files: readonly FileDemand[];
  readonly minCopies: number;
  readonly headroomPercent: number;
}): Stock {
  const because = serverFault(order.servers) ?? fileFault(order.files) ?? copiesFault(order.minCopies);
  if (because !== undefined) return { kind: "refused", because };
  const boxes = order.servers
    .filter((server) => server.state !== "draining" && server.storageBytes > 0 && server.throughputBps > 0)
    .map((server) => ({
      id: server.id,
      room: server.storageBytes * (1 - order.headroomPercent / 100),
      throughput: server.throughputBps,
    }))
    .sort((a, b) => byText(a.id, b.id));
  if (boxes.length === 0) {
    return { kind: "refused", because: noBox };
  }
  const wanted = order.files.some((file) => file.playsPerDay * file.sizeBytes > 0);
  const files = order.files
    .map((file) => {
      const plays = wanted ? file.playsPerDay : 1;
      return { ...file, plays, traffic: plays * file.sizeBytes };
    })
    .sort((a, b) => b.plays - a.plays || byText(a.id, b.id));
  return { kind: "stock", boxes, files, traffic: files.reduce((sum, file) => sum + file.traffic, 0) };
}

export const noBox = "no server has both storage and throughput above zero, and stays";

export function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

export function serverFault(servers: readonly PlacementServer[]): string | undefined {
  if (servers.length === 0) return "there is no server";
  if (servers.length > mostServers)
    return `there are ${servers.length} servers, at most ${mostServers} can be planned`;
  const twice = repeated(servers.map((server) => server.id));
  if (twice !== undefined) return `server ${twice} is listed twice`;
  for (const { id, storageBytes, throughputBps } of servers) {
    if (!countable(storageBytes)) return `server ${id}: storageBytes is ${storageBytes}`;
    if (!countable(throughputBps)) return `server ${id}: throughputBps is ${throughputBps}`;
  }
  return undefined;
}

export function fileFault(files: readonly FileDemand[]): string | undefined {
  const twice = repeated(files.map((file) => file.id));
  if (twice !== undefined) return `file ${twice} is listed twice`;
  for (const { id, sizeBytes, playsPerDay } of files) {
    if (!countable(sizeBytes)) return `file ${id}: sizeBytes is ${sizeBytes}`;
    if (!countable(playsPerDay)) return `file ${id}: playsPerDay is ${playsPerDay}`;
  }
  return undefined;
}

export function copiesFault(minCopies: number): string | undefined {
  if (Number.isInteger(minCopies) && minCopies >= 1) return undefined;
  return `minCopies is ${minCopies}, wanted a whole number from 1 on`;
}

/** A plan for an earlier day than the one in force comes from a clock that went back, or from a stale copy. */
export function epochFault(epoch: number | undefined, before: number | undefined): string | undefined {
  if (epoch === undefined || before === undefined || epoch >= before) return undefined;
  return `the plan is for day ${epoch}, and the one in force is for day ${before}`;
}

/** Sums of such numbers stay finite and exact enough: 10^18 bytes is an exabyte. */
export function countable(value: number): boolean {
  return value >= 0 && value <= 1e18;
}

function repeated(ids: readonly string[]): string | undefined {
  const seen = new Set<string>();
  for (const id of ids) {
    if (seen.has(id)) return id;
    seen.add(id);
  }
  return undefined;
}
