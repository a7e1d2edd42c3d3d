// What the sites heard, and which site heard an address best. A binary trie per family that is never changed, only
// replaced along one path: an older table stays valid while a newer one is being made.
import type { Route, RouteEvent, RouteMatch } from "#model/network.ts";
import { bitsOf, type IpAddress, type IpPrefix, readPrefix, writePrefix } from "./address.ts";

interface Node {
  /** Routes for exactly this prefix, by site. */
  readonly routes: ReadonlyMap<string, RouteMatch> | undefined;
  readonly zero: Node | undefined;
  readonly one: Node | undefined;
}

export interface RouteTable {
  readonly v4: Node | undefined;
  readonly v6: Node | undefined;
}

export type Applied =
  | { readonly kind: "applied"; readonly table: RouteTable }
  | { readonly kind: "refused"; readonly because: string };

export const emptyTable: RouteTable = { v4: undefined, v6: undefined };

/**
 * One event folded in. A site has one route per prefix: announcing again replaces it (RFC 4271 §9, implicit
 * withdrawal), withdrawing what is not there changes nothing.
 */
export function apply(table: RouteTable, event: RouteEvent): Applied {
  const { siteId } = event.kind === "announce" ? event.route : event;
  const reading = readPrefix(event.kind === "announce" ? event.route.prefix : event.prefix);
  if (reading.kind === "refused") return { kind: "refused", because: `site ${siteId}: ${reading.because}` };
  const { prefix } = reading;
  const match = event.kind === "announce" ? matchOf(event.route, prefix) : undefined;
  const side = prefix.family === 4 ? "v4" : "v6";
  return { kind: "applied", table: { ...table, [side]: replaced(table[side], prefix, 0, siteId, match) } };
}

/** Many events folded in, in order. What was refused is named with its number, and left out. */
export function fold(
  table: RouteTable,
  events: readonly RouteEvent[],
): { readonly table: RouteTable; readonly refused: readonly { index: number; because: string }[] } {
  const refused: { index: number; because: string }[] = [];
  let current = table;
  events.forEach((event, index) => {
    const applied = apply(current, event);
    if (applied.kind === "applied") current = applied.table;
    else refused.push({ index, because: applied.because });
  });
  return { table: current, refused };
}

/** For each site its best route that covers the address, best site first. */
export function lookup(table: RouteTable, address: IpAddress): readonly RouteMatch[] {
  const best = new Map<string, RouteMatch>();
  let node = address.family === 4 ? table.v4 : table.v6;
  const bits = bitsOf(address.family);
  for (let depth = 0; node !== undefined; depth++) {
    // Deeper is longer, so what comes later is better.
    for (const [siteId, match] of node.routes ?? []) best.set(siteId, match);
    if (depth === bits) break;
    node = bitAt(address, depth) ? node.one : node.zero;
  }
  return [...best.values()].sort(byPreference);
}

/** Longest prefix, then shortest AS path, then lowest MED; equals in site order, so that the result is one. */
export function byPreference(a: RouteMatch, b: RouteMatch): number {
  return (
    b.prefixLength - a.prefixLength ||
    a.asPathLength - b.asPathLength ||
    a.med - b.med ||
    (a.siteId < b.siteId ? -1 : a.siteId > b.siteId ? 1 : 0)
  );
}

function matchOf(route: Route, prefix: IpPrefix): RouteMatch {
  return {
    siteId: route.siteId,
    prefix: writePrefix(prefix),
    prefixLength: prefix.length,
    asPathLength: route.asPath.length,
    med: route.med,
  };
}

/** The trie with one site's route at a prefix set or removed; branches left empty are cut off. */
function replaced(
  node: Node | undefined,
  prefix: IpPrefix,
  depth: number,
  siteId: string,
  match: RouteMatch | undefined,
): Node | undefined {
  const old = node ?? { routes: undefined, zero: undefined, one: undefined };
  if (depth === prefix.length) return pruned({ ...old, routes: withSite(old.routes, siteId, match) });
  const side = bitAt(prefix, depth) ? "one" : "zero";
  return pruned({ ...old, [side]: replaced(old[side], prefix, depth + 1, siteId, match) });
}

function withSite(
  routes: ReadonlyMap<string, RouteMatch> | undefined,
  siteId: string,
  match: RouteMatch | undefined,
): ReadonlyMap<string, RouteMatch> | undefined {
  const fresh = new Map(routes);
  if (match === undefined) fresh.delete(siteId);
  else fresh.set(siteId, match);
  return fresh.size === 0 ? undefined : fresh;
}

function pruned(node: Node): Node | undefined {
  const empty = node.routes === undefined && node.zero === undefined && node.one === undefined;
  return empty ? undefined : node;
}

function bitAt(address: IpAddress, depth: number): boolean {
  return ((address.value >> BigInt(bitsOf(address.family) - 1 - depth)) & 1n) === 1n;
}
