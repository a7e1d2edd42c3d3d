// What of the catalogue only some boxes hold: its curve, its bands, each file's band, and the boxes that its title drew.
// What is near an edge stays on the side where it was.

import { admit } from "./admit.ts";
import { type Allocation, allocate } from "./allocation.ts";
import { assign, type Seats } from "./assign.ts";
import type { Boxes, ColumnOrder } from "./columns.ts";
import { hotCopies } from "./copies.ts";
import { type Curve, curveOf, storedOrder } from "./curve.ts";
import { type Drawing, drawing } from "./drawing.ts";
import type { Head } from "./head.ts";
import type { Past } from "./past.ts";
import type { Ranked } from "./ranked.ts";
import type { PlaceSettings } from "./settings.ts";
import { normalised, shareOut, trafficTargets } from "./shares.ts";

export interface BandingOrder {
  readonly order: ColumnOrder;
  readonly settings: PlaceSettings;
  readonly boxes: Boxes;
  readonly ranked: Ranked;
  readonly head: Head;
  readonly past: Past;
}

export interface Banding {
  readonly curve: Curve;
  readonly allocation: Allocation;
  readonly admitted: Uint8Array;
  /** By rank: copies that came before second copies of others. */
  readonly hot: Uint16Array;
  readonly drawn: Drawing;
  readonly seats: Seats;
}

export function placeBelowHead(given: BandingOrder): Banding {
  const { ranked, boxes, head, settings, order, past } = given;
  const room = boxes.room.map((bytes) => Math.max(0, bytes - head.bytes));
  const hot = hotCopies(given);
  const admitted = admit({
    ranked,
    taken: head.why,
    copies: hot,
    room,
    held: past.isHeld,
    heldBonus: settings.heldBonusPercent / 100,
  });
  const usual = copiesThatFit({ ranked, admitted, hot, room, minCopies: order.minCopies });
  const copies = hot.map((wanted) => Math.max(wanted, usual));
  const stored = storedOrder(ranked, admitted, copies, usual);
  const curve = curveOf(ranked, stored, copies);
  const allocation = allocationOf(given, { room, admitted, usual, curve });
  const { files, minCopies } = order;
  const margin = settings.bandMarginPercent / 100;
  const drawn = drawing({ files, boxes, ranked, past, allocation, stored, copies, usual, margin });
  const seats = assign({ ranked, admitted, hot, room, minCopies, wishes: drawn.wishes });
  return { curve, allocation, admitted, hot, drawn, seats };
}

/** How many copies of everything fit beside those of hot files, from 1 up to what is wanted. */
function copiesThatFit(fit: {
  readonly ranked: Ranked;
  readonly admitted: Uint8Array;
  readonly hot: Uint16Array;
  readonly room: Float64Array;
  readonly minCopies: number;
}): number {
  const { ranked, admitted, hot, room, minCopies } = fit;
  const bytesWith = (copies: number): number => {
    let bytes = 0;
    for (let at = 0; at < ranked.count; at++) {
      if (admitted[at] === 1) bytes += (ranked.size[at] ?? 0) * Math.max(hot[at] ?? 1, copies);
    }
    return bytes;
  };
  const once = bytesWith(1);
  const usable = room.reduce((sum, part) => sum + Math.min(part, once), 0);
  let copies = Math.min(
    minCopies,
    room.reduce((boxes, part) => boxes + (part > 0 ? 1 : 0), 0),
  );
  while (copies > 1 && bytesWith(copies) > usable) copies -= 1;
  return Math.max(1, copies);
}

interface Stored {
  readonly room: Float64Array;
  readonly admitted: Uint8Array;
  readonly usual: number;
  readonly curve: Curve;
}

function allocationOf(
  { ranked, boxes, head, settings, order, past }: BandingOrder,
  stored: Stored,
): Allocation {
  const storage = normalised(shareOut(1, Array.from(stored.room), 1 / stored.usual));
  let rest = 0;
  let files = 0;
  for (let at = 0; at < ranked.count; at++) {
    if (stored.admitted[at] !== 1) continue;
    files += 1;
    rest += ranked.traffic[at] ?? 0;
  }
  if (files === 0) return nothingToAllocate(boxes);
  const targets = trafficTargets({
    storage,
    throughput: normalised(Array.from(boxes.throughput)),
    headTraffic: head.traffic + rest > 0 ? head.traffic / (head.traffic + rest) : 0,
    carry: settings.carryPercent / 100,
  });
  const habit = {
    cutoff: past.cutoff,
    factor: 1 + settings.cutoffHoldPercent / 100,
    crossings: order.crossings,
  };
  return allocate({ curve: stored.curve, storage, targets, habit });
}

/** Every file is held by every box: the weights only say how large the boxes are. */
function nothingToAllocate(boxes: Boxes): Allocation {
  const size = normalised(Array.from(boxes.room));
  return {
    method: "one-band",
    cutoff: 0,
    lambda: 0,
    popularBands: 1,
    edges: [0, 0, 1],
    weights: [size, size],
    feasible: { low: 0, high: 1 },
    note: undefined,
  };
}
