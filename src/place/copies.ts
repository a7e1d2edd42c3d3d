// How many boxes hold a hot file that is not in the head: as many as keep each copy's traffic small.
import type { Boxes } from "./columns.ts";
import { type Head, hotBytes, hotTraffic } from "./head.ts";
import type { Ranked } from "./ranked.ts";
import type { PlaceSettings } from "./settings.ts";

/** The bound on a copy's traffic rises by √2 at a time, so that it does not follow every day's noise. */
const rise = Math.SQRT2;

/**
 * By rank: copies that a file needs before anything else gets a second one; 1 for nearly all.
 *
 * k = ⌈traffic ÷ θ⌉, rounded up to 1, 2, 3, 4, 6, 8, 12, …, at most one per box. θ is τ of the slowest box's part, or
 * as many steps above it as make the extra copies fit into what the head left of its bytes and a small part of all
 * room. Source: placement research §1.4 (copies proportional to popularity: "large rocks into pebbles").
 */
export function hotCopies(order: {
  readonly ranked: Ranked;
  readonly boxes: Boxes;
  readonly head: Head;
  readonly settings: PlaceSettings;
}): Uint16Array {
  const { ranked, boxes, head, settings } = order;
  const copies = new Uint16Array(ranked.count).fill(1);
  const bound = hotTraffic(order);
  const largest = boxes.room.reduce((a, b) => Math.max(a, b));
  const ranks: number[] = [];
  for (let at = 0; at < ranked.count; at++) {
    const isHot = (ranked.traffic[at] ?? 0) > bound && (ranked.size[at] ?? 0) <= largest;
    if (isHot && head.why[at] === 0) ranks.push(at);
  }
  if (ranks.length === 0 || bound <= 0) return copies;
  const unspent = Math.max(0, hotBytes(boxes, settings) - head.hotBytes) * boxes.count;
  const budget = unspent + (settings.copyBytesPercent / 100) * boxes.room.reduce((a, b) => a + b);
  let theta = bound;
  while (extraBytes(ranked, ranks, theta, boxes.count) > budget) theta *= rise;
  for (const at of ranks) copies[at] = copiesFor(ranked.traffic[at] ?? 0, theta, boxes.count);
  return copies;
}

function extraBytes(ranked: Ranked, ranks: readonly number[], theta: number, most: number): number {
  let bytes = 0;
  for (const at of ranks) {
    bytes += (copiesFor(ranked.traffic[at] ?? 0, theta, most) - 1) * (ranked.size[at] ?? 0);
  }
  return bytes;
}

/** Rises with traffic and never falls. */
export function copiesFor(traffic: number, theta: number, most: number): number {
  const needed = Math.min(most, Math.ceil(traffic / theta));
  if (needed <= 4) return Math.max(1, needed);
  const power = 2 ** Math.ceil(Math.log2(needed));
  return Math.min(most, needed <= 0.75 * power ? 0.75 * power : power);
}
