// What a plan in columns will do: its load, its holes, and what must be fetched for it.
import type { PredictedLoad } from "#model/placement.ts";
import type { Banding, BandingOrder } from "./banding.ts";
import { levelled, loadOf } from "./predict.ts";

/** Servers that are about to leave do not count in the throughput: what they hold is no copy of the plan. */
export function predicted(
  given: BandingOrder,
  banding: Banding,
  sorted: readonly { readonly id: string; readonly box: number }[],
): PredictedLoad {
  const { ranked, head, boxes, order } = given;
  const { seats } = banding;
  const { starts, holders } = heldByRank(given, banding);
  const everyBox = Uint16Array.from({ length: boxes.count }, (_, box) => box);
  const load = levelled({
    count: ranked.count,
    size: ranked.size,
    traffic: ranked.traffic,
    starts,
    boxes: holders,
    throughput: boxes.throughput,
    everywhere: { holders: everyBox, traffic: head.traffic },
  });
  const bytes = new Float64Array(boxes.count).fill(head.bytes);
  let missed = 0;
  for (let at = 0; at < ranked.count; at++) {
    if (head.why[at] === 0 && seats.copies[at] === 0) missed += ranked.traffic[at] ?? 0;
    for (let i = starts[at] ?? 0; i < (starts[at + 1] ?? 0); i++) {
      const box = holders[i] ?? 0;
      bytes[box] = (bytes[box] ?? 0) + (ranked.size[at] ?? 0);
    }
  }
  const throughput = new Map(order.servers.map((server) => [server.id, server] as const));
  const sending = (id: string): number => {
    const server = throughput.get(id);
    return server === undefined || server.state === "draining" ? 0 : server.throughputBps;
  };
  return loadOf({
    serverIds: sorted.map(({ id }) => id),
    throughput: Float64Array.from(sorted, ({ id }) => sending(id)),
    load: Float64Array.from(sorted, ({ box }) => load[box] ?? 0),
    bytes: Float64Array.from(sorted, ({ box }) => bytes[box] ?? 0),
    demanded: ranked.totalTraffic,
    missed,
    churnBytes: churn(given, starts, holders),
  });
}

function heldByRank(
  { ranked }: BandingOrder,
  { seats }: Banding,
): { readonly starts: Uint32Array; readonly holders: Uint16Array } {
  const starts = new Uint32Array(ranked.count + 1);
  const holders = new Uint16Array(seats.used);
  let place = 0;
  for (let at = 0; at < ranked.count; at++) {
    for (let entry = seats.first[at] ?? -1; entry >= 0; entry = seats.next[entry] ?? -1) {
      holders[place++] = seats.box[entry] ?? 0;
    }
    starts[at + 1] = place;
  }
  return { starts, holders };
}

/** Bytes that some box must fetch because it did not hold them before. */
function churn(
  { ranked, head, boxes, past }: BandingOrder,
  starts: Uint32Array,
  holders: Uint16Array,
): number {
  const before = new Uint16Array(boxes.boxOf.length + 1);
  const mark = new Uint32Array(boxes.count);
  let fetched = 0;
  for (let at = 0; at < ranked.count; at++) {
    const size = ranked.size[at] ?? 0;
    const known = past.holders(at, before);
    for (let i = 0; i < known; i++) mark[before[i] ?? 0] = at + 1;
    let missing = 0;
    if (head.why[at] !== 0) {
      for (let box = 0; box < boxes.count; box++) if (mark[box] !== at + 1) missing += 1;
    } else {
      for (let i = starts[at] ?? 0; i < (starts[at + 1] ?? 0); i++) {
        if (mark[holders[i] ?? 0] !== at + 1) missing += 1;
      }
    }
    fetched += size * missing;
  }
  return fetched;
}
