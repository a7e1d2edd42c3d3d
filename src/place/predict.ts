// What a plan will do if demand is as forecast: load per box, how far the cluster reaches, what is missed, what moves.
import type { PredictedLoad } from "#model/placement.ts";
import type { StockFile } from "./stock.ts";

export interface Holding {
  readonly file: StockFile;
  readonly serverIds: readonly string[];
}

/** Files and who holds them; what everybody holds is only summed. */
export interface HeldColumns {
  readonly count: number;
  readonly size: Float64Array;
  readonly traffic: Float64Array;
  /** Holders of file i are `boxes[starts[i]]` up to before `boxes[starts[i + 1]]`. */
  readonly starts: Uint32Array;
  readonly boxes: Uint16Array;
  /** By box; 0 for one that may not send. */
  readonly throughput: Float64Array;
  /** Traffic of files that all of `holders` hold. */
  readonly everywhere: { readonly holders: Uint16Array; readonly traffic: number };
}

/**
 * Divides each file's traffic over its holders so that the fullest of them stays as low as possible (water-filling on
 * traffic ÷ throughput), files with few holders first because they have least choice. One pass, so it is a division
 * that steering can reach, not a bound.
 */
export function levelled(held: HeldColumns): Float64Array {
  const { count, traffic, starts, boxes, throughput, everywhere } = held;
  const load = new Float64Array(throughput.length);
  const order = byHolders(held);
  const pour = pourer(load, throughput);
  for (const at of order) {
    const [from, to] = [starts[at] ?? 0, starts[at + 1] ?? 0];
    if (to - from === 1) {
      const only = boxes[from] ?? 0;
      load[only] = (load[only] ?? 0) + (traffic[at] ?? 0);
    } else pour(traffic[at] ?? 0, boxes, from, to);
  }
  if (count > 0 && everywhere.traffic > 0) {
    pour(everywhere.traffic, everywhere.holders, 0, everywhere.holders.length);
  }
  return load;
}

/** Files with holders, fewest first; equals in their own order. */
function byHolders({ count, starts }: HeldColumns): Uint32Array {
  const holders = (at: number): number => (starts[at + 1] ?? 0) - (starts[at] ?? 0);
  let most = 0;
  for (let at = 0; at < count; at++) most = Math.max(most, holders(at));
  const places = new Uint32Array(most + 2);
  for (let at = 0; at < count; at++) places[holders(at) + 1] = (places[holders(at) + 1] ?? 0) + 1;
  const none = places[1] ?? 0;
  for (let k = 1; k < places.length; k++) places[k] = (places[k] ?? 0) + (places[k - 1] ?? 0);
  const order = new Uint32Array(count);
  for (let at = 0; at < count; at++) {
    const place = places[holders(at)] ?? 0;
    order[place] = at;
    places[holders(at)] = place + 1;
  }
  return order.subarray(none);
}

/** Adds an amount to the least utilised boxes first, until all that took part stand equally high. */
function pourer(
  load: Float64Array,
  throughput: Float64Array,
): (amount: number, boxes: Uint16Array, from: number, to: number) => void {
  const level = new Float64Array(load.length);
  const row = new Uint16Array(load.length);
  return (amount, boxes, from, to) => {
    for (let i = from; i < to; i++) {
      const box = boxes[i] ?? 0;
      level[box] = (load[box] ?? 0) / (throughput[box] ?? 1);
      row[i - from] = box;
    }
    sortByLevel(row.subarray(0, to - from), level);
    let [width, below, surface, taking] = [0, 0, 0, 0];
    for (; taking < to - from; taking++) {
      const box = row[taking] ?? 0;
      if (taking > 0 && (level[box] ?? 0) >= surface) break;
      width += throughput[box] ?? 0;
      below += load[box] ?? 0;
      surface = (amount + below) / width;
    }
    for (let i = 0; i < taking; i++) {
      const box = row[i] ?? 0;
      load[box] = surface * (throughput[box] ?? 0);
    }
  };
}

function sortByLevel(row: Uint16Array, level: Float64Array): void {
  if (row.length > 24) {
    row.sort((a, b) => (level[a] ?? 0) - (level[b] ?? 0));
    return;
  }
  for (let i = 1; i < row.length; i++) {
    const box = row[i] ?? 0;
    let at = i;
    for (; at > 0 && (level[row[at - 1] ?? 0] ?? 0) > (level[box] ?? 0); at--) row[at] = row[at - 1] ?? 0;
    row[at] = box;
  }
}

/** The figures of a plan, from its sums. Every server counts in the throughput, also one that holds nothing. */
export function loadOf(sums: {
  readonly serverIds: readonly string[];
  readonly throughput: Float64Array;
  readonly load: Float64Array;
  readonly bytes: Float64Array;
  readonly demanded: number;
  readonly missed: number;
  readonly churnBytes: number;
}): PredictedLoad {
  const { load, bytes, throughput, demanded } = sums;
  const served = total(load);
  const stored = total(bytes);
  const mean = served / total(throughput);
  const fullest = load.reduce(
    (most, sent, i) => (sent > 0 ? Math.max(most, sent / (throughput[i] ?? 0)) : most),
    0,
  );
  return {
    maxUtilisation: mean > 0 ? fullest / mean : 0,
    effectiveCapacity: mean > 0 ? mean / fullest : 1,
    holePercent: demanded > 0 ? (100 * sums.missed) / demanded : 0,
    churnBytes: sums.churnBytes,
    servers: sums.serverIds.map((serverId, i) => ({
      serverId,
      bytes: bytes[i] ?? 0,
      trafficShare: served > 0 ? (load[i] ?? 0) / served : 0,
      storageShare: stored > 0 ? (bytes[i] ?? 0) / stored : 0,
    })),
  };
}

/** The same for a plan that comes as objects. */
export function predict(order: {
  readonly servers: readonly { readonly id: string; readonly throughputBps: number }[];
  readonly holdings: readonly Holding[];
  readonly previous: ReadonlyMap<string, readonly string[]>;
}): PredictedLoad {
  const { servers, holdings, previous } = order;
  const serverIds = servers.map((server) => server.id);
  const throughput = Float64Array.from(servers, (server) => server.throughputBps);
  const held = columnsOf(holdings, serverIds, throughput);
  const bytes = new Float64Array(servers.length);
  let [missed, churnBytes] = [0, 0];
  holdings.forEach(({ file, serverIds: holders }, i) => {
    if (holders.length === 0) missed += file.traffic;
    for (let at = held.starts[i] ?? 0; at < (held.starts[i + 1] ?? 0); at++) {
      bytes[held.boxes[at] ?? 0] = (bytes[held.boxes[at] ?? 0] ?? 0) + file.sizeBytes;
    }
    const before = previous.get(file.id) ?? [];
    churnBytes += file.sizeBytes * holders.filter((id) => !before.includes(id)).length;
  });
  const demanded = total(held.traffic);
  return loadOf({ serverIds, throughput, load: levelled(held), bytes, demanded, missed, churnBytes });
}

function columnsOf(
  holdings: readonly Holding[],
  serverIds: readonly string[],
  throughput: Float64Array,
): HeldColumns {
  const numbers = new Map(serverIds.map((id, i) => [id, i]));
  const starts = new Uint32Array(holdings.length + 1);
  const boxes: number[] = [];
  holdings.forEach((holding, i) => {
    for (const id of holding.serverIds) {
      const number = numbers.get(id);
      if (number !== undefined) boxes.push(number);
    }
    starts[i + 1] = boxes.length;
  });
  return {
    count: holdings.length,
    size: Float64Array.from(holdings, ({ file }) => file.sizeBytes),
    traffic: Float64Array.from(holdings, ({ file }) => file.traffic),
    starts,
    boxes: Uint16Array.from(boxes),
    throughput,
    everywhere: { holders: new Uint16Array(0), traffic: 0 },
  };
}

function total(values: Float64Array): number {
  return values.reduce((a, b) => a + b, 0);
}
