// Which boxes a title draws: weighted rendezvous hashing. Every box draws a number for the title; weights bend the
// draw. Nobody keeps a ring, and a box that joins or leaves moves only what it gains or held.
//
// The draw is made for the title, not the file, so that a title's renditions lie together inside a band. A title and a
// box are hashed once each; a draw mixes the two hashes.
import type { Boxes } from "./columns.ts";
import { shareOut } from "./shares.ts";

/** One band's way of drawing so many copies, made once per plan. */
export interface Lots {
  readonly copies: number;
  /** Boxes with weight, those of equal price together. */
  readonly boxes: Uint16Array;
  readonly high: Int32Array;
  readonly low: Int32Array;
  /** Where each group of equal price ends. */
  readonly ends: Uint32Array;
  /** By group: what a box's draw is multiplied with. */
  readonly price: Float64Array;
  /** By box number: its price; Infinity without weight. */
  readonly priceOf: Float64Array;
  /** Room to draw in: what the winners so far ask. */
  readonly keys: Float64Array;
}

/** Price of a box that is always among so many: nearly nothing, so that several such lie in the order they drew. */
const leastPrice = 1e-9;

/**
 * One copy: least −ln(1−v) ÷ w wins, exactly in proportion to w. Source: C. Schindelhauer and G. Schomaker, "Weighted
 * distributed hash tables" (2005).
 * More: Pareto πps, least [v ÷ (1−v)]·[(1−π) ÷ π], because the first k of the former are not in proportion.
 * Source: B. Rosén, "On sampling with probability proportional to size" (1997).
 */
export function lotsOf(boxes: Boxes, weights: ArrayLike<number>, copies: number): Lots {
  const list = Array.from(weights);
  const chance = copies === 1 ? list : shareOut(copies, list, 1);
  const priceOf = Float64Array.from(list, (weight, box) => {
    const part = chance[box] ?? 0;
    if (weight <= 0 || part <= 0) return Number.POSITIVE_INFINITY;
    return copies === 1 ? 1 / part : Math.max(leastPrice, (1 - part) / part);
  });
  const order = list
    .map((_, box) => box)
    .filter((box) => (priceOf[box] ?? Infinity) < Infinity)
    .sort((a, b) => (priceOf[a] ?? 0) - (priceOf[b] ?? 0) || a - b);
  const ends = order.flatMap((box, i) => (priceOf[box] === priceOf[order[i + 1] ?? -1] ? [] : [i + 1]));
  return {
    copies,
    boxes: Uint16Array.from(order),
    high: Int32Array.from(order, (box) => boxes.hash[2 * box] ?? 0),
    low: Int32Array.from(order, (box) => boxes.hash[2 * box + 1] ?? 0),
    ends: Uint32Array.from(ends),
    price: Float64Array.from(ends, (end) => priceOf[order[end - 1] ?? 0] ?? 0),
    priceOf,
    keys: new Float64Array(copies),
  };
}

/**
 * A pair's draw as a signed 32-bit number, evenly spread: three rounds of multiply and shift over both hashes.
 * Constants: MurmurHash3's finaliser and one of xxHash's primes (both public domain).
 */
export function mixed(titleHigh: number, titleLow: number, boxHigh: number, boxLow: number): number {
  let h = Math.imul(titleHigh ^ boxHigh, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 15) ^ (titleLow + boxLow), 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 13), 0x9e3779b1);
  return h ^ (h >>> 16);
}

const half = 2 ** 31 + 0.5;
const unit = 2 ** -32;

/** The place of a draw in the open interval (0, 1). */
export function placed(drawn: number): number {
  return (drawn + half) * unit;
}

/** What a box asks for a title: the cheapest get it. */
export function asked(lots: Lots, price: number, drawn: number): number {
  const v = (drawn + half) * unit;
  return lots.copies === 1 ? -Math.log1p(-v) * price : (v / (1 - v)) * price;
}

/**
 * Writes the box numbers of the `lots.copies` cheapest, best first, into `out` from `at` on; `blank` where there are
 * not so many boxes with weight. Equal askers in order of their number.
 */
export function drawFirst(
  lots: Lots,
  titleHigh: number,
  titleLow: number,
  out: Uint16Array,
  at: number,
  blank: number,
): void {
  if (lots.copies === 1) out[at] = drawOne(lots, titleHigh | 0, titleLow | 0, blank);
  else drawMany(lots, titleHigh | 0, titleLow | 0, out, at, blank);
}

/** Within a group of equal price the least draw is the cheapest: one logarithm per group, and most of those are spared. */
function drawOne(lots: Lots, titleHigh: number, titleLow: number, blank: number): number {
  const { boxes, high, low, ends, price } = lots;
  let best = Number.POSITIVE_INFINITY;
  let winner = blank;
  let i = 0;
  for (let group = 0; group < ends.length; group++) {
    const end = ends[group] ?? 0;
    let least = 0x7fffffff;
    let at = i;
    for (; i < end; i++) {
      const drawn = mixed(titleHigh, titleLow, high[i] ?? 0, low[i] ?? 0);
      if (drawn < least) {
        least = drawn;
        at = i;
      }
    }
    const cost = price[group] ?? 0;
    if ((least + half) * unit * cost > best) continue;
    const key = asked(lots, cost, least);
    const box = boxes[at] ?? blank;
    if (key < best || (key === best && box < winner)) {
      best = key;
      winner = box;
    }
  }
  return winner;
}

function drawMany(
  lots: Lots,
  titleHigh: number,
  titleLow: number,
  out: Uint16Array,
  at: number,
  blank: number,
): void {
  const { boxes, high, low, ends, price, copies, keys } = lots;
  let found = 0;
  let worst = Number.POSITIVE_INFINITY;
  let i = 0;
  for (let group = 0; group < ends.length; group++) {
    const cost = price[group] ?? 0;
    const end = ends[group] ?? 0;
    for (; i < end; i++) {
      const v = (mixed(titleHigh, titleLow, high[i] ?? 0, low[i] ?? 0) + half) * unit;
      if (v * cost > worst) continue;
      const key = (v / (1 - v)) * cost;
      const box = boxes[i] ?? blank;
      if (found === copies && !ranksBefore(key, box, worst, out[at + copies - 1] ?? 0)) continue;
      let place = found < copies ? found++ : copies - 1;
      for (; place > 0; place--) {
        const [beforeKey, beforeBox] = [keys[place - 1] ?? 0, out[at + place - 1] ?? 0];
        if (!ranksBefore(key, box, beforeKey, beforeBox)) break;
        keys[place] = beforeKey;
        out[at + place] = beforeBox;
      }
      keys[place] = key;
      out[at + place] = box;
      if (found === copies) worst = keys[copies - 1] ?? 0;
    }
  }
  out.fill(blank, at + found, at + copies);
}

function ranksBefore(key: number, box: number, otherKey: number, otherBox: number): boolean {
  return key < otherKey || (key === otherKey && box < otherBox);
}
