// Servers of one site that do not hear the same.
import type { Family } from "./family.ts";
import type { Lint } from "./lint.ts";
import { exampleCount, type LintView } from "./lint-view.ts";

/** What one site's servers hear: prefixes by position, and for each whether every server hears it. */
interface Site {
  readonly positions: number[];
  readonly isShared: boolean[];
  /** Per slot, its own; slot 0 is not used. */
  readonly own: number[][];
}

export function serverLints(view: LintView): readonly Lint[] {
  const lints: Lint[] = [];
  eachSite(view, (number, site) => {
    const servers = view.servers[number] ?? [];
    const siteId = view.sites[number]?.id ?? "";
    if (servers.length < 2) return;
    const parts = partsOf(site, view.count4);
    // By name: the order in which routes named them means nothing.
    for (const serverId of servers.toSorted()) {
      const own = site.own[servers.indexOf(serverId) + 1] ?? [];
      for (const part of parts) {
        const missing = missingOf(site, part, own);
        if (missing.count === 0) continue;
        const examples = missing.examples.map((at) => view.text(at));
        const { family, from, to } = part;
        lints.push({
          kind: "servers-differ",
          siteId,
          serverId,
          family,
          count: missing.count,
          of: to - from,
          examples,
        });
      }
    }
  });
  return lints;
}

/** Walks the sorted keys, which come site by site. */
function eachSite(view: LintView, visit: (number: number, site: Site) => void): void {
  const { serverKeys, slots, count } = view;
  let current = -1;
  let site: Site = { positions: [], isShared: [], own: [] };
  for (const key of serverKeys) {
    const pair = Math.floor(key / slots);
    const number = Math.floor(pair / count);
    if (number !== current) {
      if (current >= 0) visit(current, site);
      current = number;
      site = { positions: [], isShared: [], own: Array.from({ length: slots }, () => []) };
    }
    addTo(site, pair % count, key % slots);
  }
  if (current >= 0) visit(current, site);
}

/** Slot 0, which stands for every server, comes first among the keys of a prefix. */
function addTo({ positions, isShared, own }: Site, position: number, slot: number): void {
  if (positions.at(-1) !== position) {
    positions.push(position);
    isShared.push(slot === 0);
  }
  if (slot > 0 && isShared.at(-1) === false) own[slot]?.push(position);
}

/** The prefixes of one family, from an index to another, and how many of them every server hears. */
interface Part {
  readonly family: Family;
  readonly from: number;
  readonly to: number;
  readonly shared: number;
}

function partsOf({ positions, isShared }: Site, count4: number): readonly Part[] {
  const boundary = firstAtLeast(positions, count4);
  const part = (family: Family, from: number, to: number): Part => {
    let shared = 0;
    for (let i = from; i < to; i++) if (isShared[i] === true) shared++;
    return { family, from, to, shared };
  };
  return [part(4, 0, boundary), part(6, boundary, positions.length)];
}

/**
 * What one server lacks. The count is a difference of counts, and the walk for examples ends with the last one, so it takes no
 * more steps than the server and all together hear, whatever the others hear.
 */
function missingOf(
  { positions, isShared }: Site,
  { from, to, shared }: Part,
  own: readonly number[],
): { readonly count: number; readonly examples: readonly number[] } {
  let next = firstAtLeast(own, positions[from] ?? Number.POSITIVE_INFINITY);
  const end = firstAtLeast(own, positions[to] ?? Number.POSITIVE_INFINITY);
  const count = to - from - shared - (end - next);
  const examples: number[] = [];
  for (let i = from; i < to && count > 0 && examples.length < exampleCount; i++) {
    if (isShared[i] === true) continue;
    const position = positions[i] ?? -1;
    if (own[next] === position) next++;
    else examples.push(position);
  }
  return { count, examples };
}

function firstAtLeast(numbers: readonly number[], wanted: number): number {
  let [low, high] = [0, numbers.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((numbers[middle] ?? 0) < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}
