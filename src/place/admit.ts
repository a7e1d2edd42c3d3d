// Which files are worth planning for: the densest that fit in sum.
import type { Ranked } from "./ranked.ts";

/**
 * By rank 1 or 0: densest first while there is room for all their copies in sum, held ones with a bonus, so that a new
 * file must be more popular than a held one by that much to push it out.
 */
export function admit(order: {
  readonly ranked: Ranked;
  /** Ranks that are placed otherwise. */
  readonly taken: Uint8Array;
  readonly copies: Uint16Array;
  readonly room: Float64Array;
  readonly held: (rank: number) => boolean;
  readonly heldBonus: number;
}): Uint8Array {
  const { ranked, taken, copies, room, held, heldBonus } = order;
  const { count, size, plays } = ranked;
  const admitted = new Uint8Array(count);
  const largest = room.reduce((a, b) => Math.max(a, b));
  let left = room.reduce((a, b) => a + b);
  const nextOf = (from: number, wanted: boolean): number => {
    let at = from;
    while (at < count && (taken[at] !== 0 || held(at) !== wanted)) at += 1;
    return at;
  };
  let kept = nextOf(0, true);
  let fresh = nextOf(0, false);
  while (kept < count || fresh < count) {
    const keptScore = kept < count ? (plays[kept] ?? 0) * (1 + heldBonus) : -1;
    const freshScore = fresh < count ? (plays[fresh] ?? 0) : -1;
    const first = keptScore > freshScore || (keptScore === freshScore && kept < fresh) ? kept : fresh;
    if (first === kept) kept = nextOf(kept + 1, true);
    else fresh = nextOf(fresh + 1, false);
    const bytes = size[first] ?? 0;
    if (bytes > largest || bytes > left) continue;
    left -= Math.min(left, bytes * (copies[first] ?? 1));
    admitted[first] = 1;
  }
  return admitted;
}
