// Which boxes a title prefers: weighted rendezvous hashing. Every box draws a number for the title; weights bend the
// draw. Nobody keeps a ring, and a box that joins or leaves moves only what it gains or held.
//
// The draw is made for the title, not the file, so that a title's renditions lie together inside a band.
import { unitInterval } from "#units/hash.ts";
import { shareOut } from "./shares.ts";

/** How one band draws: precomputed once per plan. */
export interface Band {
  readonly weights: readonly number[];
  /** Chance with which each box is among the first `copies`; undefined for a single copy. */
  readonly inclusion: readonly number[] | undefined;
}

export function bandOf(weights: readonly number[], copies: number): Band {
  return { weights, inclusion: copies === 1 ? undefined : shareOut(copies, weights, 1) };
}

/** The title's number in (0, 1) for each box. */
export function draws(titleId: string, serverIds: readonly string[]): number[] {
  return serverIds.map((serverId) => unitInterval(`${titleId}\n${serverId}`));
}

/**
 * What boxes are ordered by, least first; boxes without weight are infinitely far.
 *
 * One copy: least −ln(u) ÷ w, exact in proportion to w. Source: C. Schindelhauer and G. Schomaker, "Weighted
 * distributed hash tables" (2005).
 * More: Pareto πps, least [u ÷ (1−u)]·[(1−π) ÷ π], because the first k of the former are not in proportion.
 * Source: B. Rosén, "On sampling with probability proportional to size" (1997).
 */
export function sortKeys(drawn: readonly number[], band: Band): number[] {
  return drawn.map((u, i) => {
    if ((band.weights[i] ?? 0) <= 0) return Number.POSITIVE_INFINITY;
    if (band.inclusion === undefined) return -Math.log(u) / (band.weights[i] ?? 0);
    const chance = band.inclusion[i] ?? 0;
    return (u / (1 - u)) * ((1 - chance) / chance);
  });
}

/** Box numbers, most preferred first; of equal keys the larger u. Boxes without weight come last, for when all are full. */
export function preference(drawn: readonly number[], band: Band): number[] {
  const keys = sortKeys(drawn, band);
  const plain = (a: number, b: number): number => (drawn[b] ?? 0) - (drawn[a] ?? 0) || a - b;
  return drawn
    .map((_, i) => i)
    .sort((a, b) => {
      const [left, right] = [keys[a] ?? 0, keys[b] ?? 0];
      return left === right ? plain(a, b) : left - right;
    });
}
