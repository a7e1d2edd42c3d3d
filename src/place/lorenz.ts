// What any allocation must obey. Whoever holds the share s of the bytes sends at most P(s), that of the densest ones:
// servers in order of traffic per byte may nowhere ask for more than the popularity curve has. By the theorems of
// Blackwell and Strassen this is also enough, given bands enough: between the corners of the servers' own curve it is
// straight, so bands that end at those corners lose nothing, and there are never more of them than unlike servers.
import { type Curve, shareAt } from "./curve.ts";
import type { Shares } from "./split.ts";

/** Servers alike in traffic per byte: what is drawn among them follows storage. */
export interface Kind {
  /** Positions in the list of shares. */
  readonly members: readonly number[];
  readonly storage: number;
  readonly traffic: number;
}

const alike = 1e-9;
const slack = 1e-9;

/** Those with storage, most traffic per byte first. */
export function kindsOf(shares: Shares): Kind[] {
  const ratio = (i: number): number => (shares.traffic[i] ?? 0) / (shares.storage[i] ?? 1);
  const order = shares.storage
    .flatMap((s, i) => (s > 0 ? [i] : []))
    .sort((a, b) => ratio(b) - ratio(a) || a - b);
  const kinds: { members: number[]; storage: number; traffic: number; ratio: number }[] = [];
  for (const i of order) {
    const last = kinds.at(-1);
    const [storage, traffic] = [shares.storage[i] ?? 0, shares.traffic[i] ?? 0];
    if (last === undefined || last.ratio - ratio(i) > alike) {
      kinds.push({ members: [i], storage, traffic, ratio: ratio(i) });
      continue;
    }
    last.members.push(i);
    last.storage += storage;
    last.traffic += traffic;
  }
  return kinds;
}

export interface Corner {
  readonly depth: number;
  readonly share: number;
}

/** The servers' own curve: for each kind, the storage and traffic of it and all denser ones. Ends at (1, 1). */
export function corners(kinds: readonly Kind[]): Corner[] {
  let depth = 0;
  let share = 0;
  return kinds.map((kind) => {
    depth += kind.storage;
    share += kind.traffic;
    return { depth: Math.min(1, depth), share: Math.min(1, share) };
  });
}

/** Whether the servers' curve lies nowhere above the popularity curve. */
export function lorenzHolds(curve: Curve, shares: Shares): boolean {
  return corners(kindsOf(shares)).every(({ depth, share }) => share <= shareAt(curve, depth) + slack);
}

/**
 * Least factor U for which some allocation gives no server more than U times its cap, in bands as fine as needed:
 * the coldest share s of the bytes still sends 1 − P(1 − s), and someone must hold it.
 *
 * U = max over the k servers of least cap per byte of (1 − P(1 − Σs)) ÷ Σcap.
 */
export function leastPeak(curve: Curve, storage: readonly number[], caps: readonly number[]): number {
  const kinds = kindsOf({ storage, traffic: caps }).reverse();
  let [depth, cap, peak] = [0, 0, 0];
  for (const kind of kinds) {
    depth += kind.storage;
    cap += kind.traffic;
    const coldest = 1 - shareAt(curve, Math.max(0, 1 - depth));
    if (coldest > 0) peak = Math.max(peak, coldest / cap);
  }
  return peak;
}
