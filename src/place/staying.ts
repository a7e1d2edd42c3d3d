// Which files stay on the boxes that hold them, although today's draw may name others. What one night spilled would else
// return the next and push off what came there meanwhile: more than half of all fetches of a cluster filled to its brim.
import type { Allocation } from "./allocation.ts";
import { nobody } from "./columns.ts";
import { type Gain, gainsOf, weightless } from "./gaining.ts";
import type { Past } from "./past.ts";

export interface StayOrder {
  readonly past: Past;
  readonly allocation: Allocation;
  readonly boxes: number;
  /** Ranks to be stored, and the bytes of every rank. */
  readonly stored: Uint32Array;
  readonly size: Float64Array;
  /** By rank: copies wanted, and number of its band. */
  readonly copies: Uint16Array;
  readonly band: Uint8Array;
  /** Writes the boxes that a rank draws in a band, and says how many. */
  readonly first: (rank: number, band: number, out: Uint16Array) => number;
}

/**
 * By rank 1 where a file stays: its band is the one it was in, all boxes that its copies lie on have weight there, and
 * none that it draws and that lacks it is new or has gained, unless that box took its share already.
 */
export function stayers(order: StayOrder): Uint8Array {
  const { past, stored, band } = order;
  const stays = new Uint8Array(band.length);
  if (past.cutoff === undefined) return stays;
  const before = new Uint16Array(past.most + 1);
  const crossed = crossingRule(order);
  for (const at of stored) {
    const held = before.subarray(0, past.holders(at, before));
    if (held.length > 0 && atHome(order, at, held) && !crossed(at, held)) stays[at] = 1;
  }
  const gains = gainsOf(order, stays);
  if (gains === undefined) return stays;
  const drawn = new Uint16Array(order.boxes + 1);
  for (const at of stored) {
    const gain = gains[band[at] ?? 0];
    if (stays[at] !== 1 || gain === undefined) continue;
    const held = before.subarray(0, past.holders(at, before));
    const named = drawn.subarray(0, order.first(at, band[at] ?? 0, drawn));
    if (goes(gain, held, named, order.size[at] ?? 0)) stays[at] = 0;
  }
  return stays;
}

/** Whether every box that one of its wanted copies lies on has weight in its band. */
function atHome({ allocation, band, copies }: StayOrder, rank: number, held: Uint16Array): boolean {
  const weights = allocation.weights[band[rank] ?? 0] ?? [];
  const wanted = Math.min(held.length, copies[rank] ?? 1);
  for (let i = 0; i < wanted; i++) if ((weights[held[i] ?? nobody] ?? 0) <= weightless) return false;
  return true;
}

/** Whether a file is drawn to a box that lacks it, has gained and has not yet its share; it counts as taken then. */
function goes(gain: Gain, held: Uint16Array, named: Uint16Array, size: number): boolean {
  let found = false;
  for (const box of named) {
    if (gain.gained[box] !== 1 || held.includes(box)) continue;
    const taken = (gain.taken[box] ?? 0) + size;
    if (taken > (gain.share[box] ?? 0)) continue;
    gain.taken[box] = taken;
    found = true;
  }
  return found;
}

/**
 * Whether a file was in another band. Where bands were not told it is guessed: it was if exactly the other band's boxes
 * hold it. Where yesterday had another number of bands, all were.
 */
function crossingRule(order: StayOrder): (rank: number, held: Uint16Array) => boolean {
  const { past, allocation, boxes, first, band } = order;
  const bands = allocation.weights.length;
  if (allocation.method === "one-band") return () => false;
  const drawn = new Uint16Array(boxes + 1);
  const holds = (rank: number, of: number, held: Uint16Array): boolean => {
    const named = first(rank, of, drawn);
    for (let i = 0; i < named; i++) if (!held.includes(drawn[i] ?? nobody)) return false;
    return true;
  };
  return (rank, held) => {
    const own = band[rank] ?? 0;
    if (past.bandCount !== undefined) return past.bandCount !== bands || past.bandCode(rank) - 2 !== own;
    return bands === 2 && holds(rank, 1 - own, held) && !holds(rank, own, held);
  };
}
