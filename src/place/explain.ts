// Turns a file's numbers into the sentence that says why it lies where it lies. Made only for who asks.
import type { DrawnFile } from "#model/placement.ts";
import type { Banding, BandingOrder } from "./banding.ts";
import {
  becauseBand,
  becauseFull,
  becauseHot,
  becauseNoPiece,
  becauseRoom,
  becauseTooLarge,
} from "./because.ts";
import { nobody } from "./columns.ts";
import { hot as hotReason } from "./head.ts";

/** By the file's number in the order. */
export function explainer(given: BandingOrder, banding: Banding): (file: number) => string {
  const { ranked, head, boxes, order } = given;
  const { count, file } = ranked;
  const largest = boxes.room.reduce((a, b) => Math.max(a, b));
  let rankOf: Uint32Array | undefined;
  let stored = 0;
  return (number) => {
    if (rankOf === undefined) {
      rankOf = new Uint32Array(count);
      for (let at = 0; at < count; at++) {
        rankOf[file[at] ?? 0] = at;
        const held = head.why[at] !== 0 || (banding.seats.copies[at] ?? 0) > 0;
        if (held) stored += ranked.size[at] ?? 0;
      }
    }
    const at = rankOf[number] ?? 0;
    const size = ranked.size[at] ?? 0;
    const percent = ranked.totalTraffic > 0 ? (100 * (ranked.traffic[at] ?? 0)) / ranked.totalTraffic : 0;
    if (head.why[at] === hotReason) return becauseHot(percent, boxes.count);
    if (head.why[at] !== 0) return becauseRoom(boxes.count, order.minCopies);
    if (size > largest) return becauseTooLarge(size, largest);
    if (banding.admitted[at] !== 1) return becauseFull(ranked.plays[at] ?? 0, stored);
    if (banding.seats.copies[at] === 0) return becauseNoPiece(size);
    return becausePlaced(given, banding, at, percent);
  };
}

/** How a file below the head was drawn, by its number in the order. */
export function drawnBy({ ranked }: BandingOrder, banding: Banding): (file: number) => DrawnFile | undefined {
  const { drawn, seats, copies } = banding;
  let rankOf: Uint32Array | undefined;
  return (number) => {
    if (rankOf === undefined) {
      rankOf = new Uint32Array(ranked.count);
      for (let at = 0; at < ranked.count; at++) rankOf[ranked.file[at] ?? 0] = at;
    }
    const at = rankOf[number] ?? 0;
    if (seats.copies[at] === 0) return undefined;
    return {
      band: drawn.band[at] ?? 0,
      depth: drawn.depth[at] ?? 0,
      copies: copies[at] ?? 1,
      stayed: (drawn.stayed[at] ?? 0) !== 0,
    };
  };
}

function becausePlaced(given: BandingOrder, banding: Banding, at: number, percent: number): string {
  const { boxes, order } = given;
  const { allocation, drawn, seats, hot } = banding;
  const band = drawn.band[at] ?? 0;
  const first = seats.box[seats.first[at] ?? 0] ?? 0;
  const spilled = seats.spilledFrom[at] ?? nobody;
  return becauseBand({
    side: band < allocation.popularBands ? "popular" : "tail",
    bandText: allocation.weights.length > 2 ? `band ${band + 1} of ${allocation.weights.length}` : undefined,
    depth: drawn.depth[at] ?? 0,
    cutoff: allocation.method === "one-band" ? undefined : allocation.cutoff,
    stayed: (drawn.stayed[at] ?? 0) !== 0,
    kept: drawn.stays[at] === 1,
    copies: seats.copies[at] ?? 0,
    minCopies: order.minCopies,
    hotCopies: hot[at] ?? 1,
    trafficPercent: percent,
    first: { serverId: boxes.ids[first] ?? "", weight: allocation.weights[band]?.[first] ?? 0 },
    spilledFrom: spilled === nobody ? undefined : (boxes.ids[spilled] ?? ""),
  });
}
