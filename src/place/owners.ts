// Who owns a file by the rules that HCA is compared with: a ring of tokens, or weighted rendezvous hashing.
import { hash64, pairInterval, unitInterval } from "#units/hash.ts";
import type { Box } from "./stock.ts";

/** Box numbers. */
export interface Owners {
  first(fileId: string): number;
  /** The first and, in order, whom the file goes to when those before have no room. */
  all(fileId: string): readonly number[];
}

/**
 * Every box has the same number of places on a ring; a file's owner is the next place at or after its own. Knows neither
 * disks nor links. Source: D. Karger et al., "Consistent hashing and random trees" (1997).
 */
export function ringOwners(boxes: readonly Box[], tokens: number): Owners {
  const ring = boxes
    .flatMap(({ id }, box) =>
      Array.from({ length: tokens }, (_, i) => ({ at: unitInterval(`${id}#${i}`), box })),
    )
    .sort((a, b) => a.at - b.at || a.box - b.box);
  const places = Float64Array.from(ring, (token) => token.at);
  const owners = Uint32Array.from(ring, (token) => token.box);
  return {
    first: (fileId) => owners[nextToken(places, unitInterval(fileId))] ?? 0,
    all: (fileId) => {
      const from = nextToken(places, unitInterval(fileId));
      const seen = new Set<number>();
      for (let i = 0; i < owners.length && seen.size < boxes.length; i++) {
        seen.add(owners[(from + i) % owners.length] ?? 0);
      }
      return [...seen];
    },
  };
}

/** The first token at or after a place; after the last comes the first. */
function nextToken(places: Float64Array, at: number): number {
  let low = 0;
  let high = places.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((places[middle] ?? 1) < at) low = middle + 1;
    else high = middle;
  }
  return low === places.length ? 0 : low;
}

/**
 * Every box draws a number for the file; least −ln(u) ÷ weight owns it, exact in proportion to the weights. Source:
 * C. Schindelhauer and G. Schomaker, "Weighted distributed hash tables" (2005).
 */
export function weightedOwners(boxes: readonly Box[], weight: (box: Box) => number): Owners {
  const hashes = boxes.map(({ id }) => hash64(id));
  const weights = boxes.map(weight);
  const keysOf = (fileId: string): number[] => {
    const file = hash64(fileId);
    return hashes.map((box, i) => -Math.log(pairInterval(file, box)) / (weights[i] ?? 0));
  };
  return {
    first: (fileId) => {
      const keys = keysOf(fileId);
      let least = 0;
      for (let box = 1; box < keys.length; box++) if ((keys[box] ?? 0) < (keys[least] ?? 0)) least = box;
      return least;
    },
    all: (fileId) => {
      const keys = keysOf(fileId);
      return keys.map((_, box) => box).sort((a, b) => (keys[a] ?? 0) - (keys[b] ?? 0) || a - b);
    },
  };
}
