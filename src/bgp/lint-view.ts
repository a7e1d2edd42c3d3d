// What the sites hear, as columns: prefixes sorted so that what covers comes before what is covered, and for each the sites
// that hear it. Numbers instead of objects, since a view has a million prefixes.
import { assert } from "#units/assert.ts";
import { readPrefix, writePrefix } from "./address.ts";

/** One route as one server of a site heard it. Without a server every server of the site hears it. */
export interface HeardRoute {
  readonly siteId: string;
  readonly serverId?: string | undefined;
  readonly prefix: string;
  readonly asPathLength: number;
}

export interface LintSite {
  readonly id: string;
  readonly kind: "embedded" | "exchange";
  readonly serverIds: readonly string[];
}

export interface Unread {
  readonly count: number;
  readonly examples: readonly string[];
}

export interface LintView {
  readonly sites: readonly LintSite[];
  /** Per site its servers: those it was said to have, then those that routes name. */
  readonly servers: readonly (readonly string[])[];
  /** Distinct prefixes; IPv4 before IPv6, then by address, then by length. */
  readonly count: number;
  /** The first so many are IPv4. */
  readonly count4: number;
  text(position: number): string;
  readonly lengths: Uint8Array;
  /** Four words of 32 bits per prefix; IPv4 uses the first. */
  readonly words: Uint32Array;
  /** Per prefix, where its rows begin; one more at the end. */
  readonly starts: Uint32Array;
  /** Rows: which site hears the prefix, and its shortest AS path to it (at most 255); by that path, then by site. */
  readonly rowSites: Uint32Array;
  readonly rowPaths: Uint8Array;
  /** site · count + position of each row of each server, `slot` of it being 0 for "every server": see serverKey. */
  readonly serverKeys: Float64Array;
  readonly slots: number;
  /** Rows that each site has. */
  readonly heard: Float64Array;
  readonly routes: number;
  readonly unread: Unread;
}

interface Columns {
  readonly texts: string[];
  readonly values: { readonly family: 4 | 6; readonly value: bigint; readonly length: number }[];
  readonly prefix: number[];
  readonly site: number[];
  readonly slot: number[];
  readonly path: number[];
}

const longestPath = 255;
export const exampleCount = 5;

export function viewOf(sites: readonly LintSite[], routes: Iterable<HeardRoute>): LintView {
  const { columns, servers, unread } = gathered(sites, routes);
  const { order, words, lengths, count4 } = sorted(columns);
  const position = new Uint32Array(order.length);
  order.forEach((prefix, i) => {
    position[prefix] = i;
  });
  const slots = 1 + Math.max(0, ...servers.map((list) => list.length));
  const rows = rowsOf(columns, position, Math.max(1, sites.length));
  const heard = new Float64Array(sites.length);
  for (const site of rows.rowSites) heard[site] = (heard[site] ?? 0) + 1;
  return {
    sites,
    servers,
    count: order.length,
    count4,
    text: (at) => columns.texts[order[at] ?? -1] ?? "",
    lengths,
    words,
    ...rows,
    serverKeys: serverKeysOf(columns, position, slots),
    slots,
    heard,
    routes: columns.prefix.length,
    unread,
  };
}

function gathered(
  sites: readonly LintSite[],
  routes: Iterable<HeardRoute>,
): { readonly columns: Columns; readonly servers: string[][]; readonly unread: Unread } {
  const columns: Columns = { texts: [], values: [], prefix: [], site: [], slot: [], path: [] };
  const known = new Map<string, number>();
  const siteOf = new Map(sites.map(({ id }, i) => [id, i]));
  const servers = sites.map(({ serverIds }) => [...new Set(serverIds)]);
  const slotOf = servers.map((list) => new Map(list.map((id, i) => [id, i + 1])));
  const unread: { count: number; examples: string[] } = { count: 0, examples: [] };
  for (const route of routes) {
    const site = siteOf.get(route.siteId);
    const prefix =
      site === undefined ? -1 : (known.get(route.prefix) ?? interned(columns, known, route.prefix));
    if (site === undefined || prefix < 0) {
      unread.count++;
      if (unread.examples.length < exampleCount)
        unread.examples.push(`${route.siteId} ${route.prefix}`.slice(0, 100));
      continue;
    }
    columns.prefix.push(prefix);
    columns.site.push(site);
    columns.slot.push(slotIn(servers[site], slotOf[site], route.serverId));
    columns.path.push(Math.max(0, Math.min(longestPath, route.asPathLength)));
  }
  return { columns, servers, unread };
}

/** Number of a prefix, whatever way it is written; −1 for what is none. */
function interned(columns: Columns, known: Map<string, number>, text: string): number {
  const reading = readPrefix(text);
  if (reading.kind === "refused") return -1;
  const canonical = writePrefix(reading.prefix);
  const number = known.get(canonical) ?? columns.texts.length;
  if (number === columns.texts.length) {
    columns.texts.push(canonical);
    columns.values.push(reading.prefix);
    known.set(canonical, number);
  }
  known.set(text, number);
  return number;
}

function slotIn(
  list: string[] | undefined,
  slots: Map<string, number> | undefined,
  serverId: string | undefined,
): number {
  if (serverId === undefined) return 0;
  assert(list !== undefined && slots !== undefined, "each site has a list of servers");
  const slot = slots.get(serverId);
  if (slot !== undefined) return slot;
  list.push(serverId);
  slots.set(serverId, list.length);
  return list.length;
}

function sorted({ values }: Columns): {
  readonly order: Uint32Array;
  readonly words: Uint32Array;
  readonly lengths: Uint8Array;
  readonly count4: number;
} {
  const raw = new Uint32Array(4 * values.length);
  values.forEach(({ family, value }, i) => {
    if (family === 4) raw[4 * i] = Number(value);
    else
      for (let word = 0; word < 4; word++)
        raw[4 * i + word] = Number((value >> BigInt(96 - 32 * word)) & 0xffffffffn);
  });
  const order = Uint32Array.from(values, (_, i) => i).sort((a, b) => {
    const byFamily = (values[a]?.family ?? 4) - (values[b]?.family ?? 4);
    if (byFamily !== 0) return byFamily;
    for (let word = 0; word < 4; word++) {
      const difference = (raw[4 * a + word] ?? 0) - (raw[4 * b + word] ?? 0);
      if (difference !== 0) return difference;
    }
    return (values[a]?.length ?? 0) - (values[b]?.length ?? 0);
  });
  const words = new Uint32Array(raw.length);
  order.forEach((prefix, i) => {
    words.set(raw.subarray(4 * prefix, 4 * prefix + 4), 4 * i);
  });
  const lengths = Uint8Array.from(order, (prefix) => values[prefix]?.length ?? 0);
  return { order, words, lengths, count4: values.filter(({ family }) => family === 4).length };
}

/** One row per prefix and site, its shortest path; sorted by prefix, path, site. Sorting numbers is what the engine does fastest. */
function rowsOf(
  { prefix, site, path }: Columns,
  position: Uint32Array,
  siteCount: number,
): Pick<LintView, "starts" | "rowSites" | "rowPaths"> {
  const bySite = Float64Array.from(
    prefix,
    (number, i) => ((position[number] ?? 0) * siteCount + (site[i] ?? 0)) * 256 + (path[i] ?? 0),
  ).sort();
  let rows = 0;
  const byPath = new Float64Array(bySite.length);
  for (const [i, key] of bySite.entries()) {
    const pair = Math.floor(key / 256);
    if (i > 0 && Math.floor((bySite[i - 1] ?? 0) / 256) === pair) continue;
    byPath[rows++] = (Math.floor(pair / siteCount) * 256 + (key % 256)) * siteCount + (pair % siteCount);
  }
  const keys = byPath.subarray(0, rows).sort();
  const starts = new Uint32Array(position.length + 1);
  for (const key of keys) {
    const at = Math.floor(key / siteCount / 256) + 1;
    starts[at] = (starts[at] ?? 0) + 1;
  }
  for (let i = 1; i < starts.length; i++) starts[i] = (starts[i] ?? 0) + (starts[i - 1] ?? 0);
  return {
    starts,
    rowSites: Uint32Array.from(keys, (key) => key % siteCount),
    rowPaths: Uint8Array.from(keys, (key) => Math.floor(key / siteCount) % 256),
  };
}

/** (site · prefixes + position) · slots + slot, sorted, each once. */
function serverKeysOf({ prefix, site, slot }: Columns, position: Uint32Array, slots: number): Float64Array {
  const count = position.length;
  const keys = Float64Array.from(
    prefix,
    (number, i) => ((site[i] ?? 0) * count + (position[number] ?? 0)) * slots + (slot[i] ?? 0),
  ).sort();
  assert((keys.at(-1) ?? 0) < Number.MAX_SAFE_INTEGER, "sites, prefixes and servers fit into a number");
  return keys.filter((key, i) => i === 0 || keys[i - 1] !== key);
}
