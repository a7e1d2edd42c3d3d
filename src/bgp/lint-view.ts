// What the sites hear, as columns: prefixes sorted so that what covers comes before what is covered, and for each the sites
// that hear it. Numbers instead of objects, since a view has a million prefixes.
import { assert } from "#units/assert.ts";
import { type IpPrefix, readPrefix, writePrefix } from "./address.ts";

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
  /** Five per prefix: its family, then four words of 32 bits, of which IPv4 uses the first. */
  readonly words: number[];
  readonly lengths: number[];
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
  const columns: Columns = { texts: [], words: [], lengths: [], prefix: [], site: [], slot: [], path: [] };
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
  const number = (canonical === text ? undefined : known.get(canonical)) ?? columns.texts.length;
  if (number === columns.texts.length) {
    columns.texts.push(canonical);
    columns.lengths.push(reading.prefix.length);
    pushWords(columns.words, reading.prefix);
    known.set(canonical, number);
  }
  if (canonical !== text) known.set(text, number);
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

const wide = 5;

function pushWords(words: number[], { family, value }: IpPrefix): void {
  if (family === 4) words.push(4, Number(value), 0, 0, 0);
  else words.push(6, ...[96n, 64n, 32n, 0n].map((shift) => Number((value >> shift) & 0xffffffffn)));
}

function sorted({ words: raw, lengths: bits }: Columns): {
  readonly order: Uint32Array;
  readonly words: Uint32Array;
  readonly lengths: Uint8Array;
  readonly count4: number;
} {
  const columns = Uint32Array.from(raw);
  const order = new Uint32Array(bits.length);
  for (let i = 0; i < order.length; i++) order[i] = i;
  order.sort((a, b) => {
    for (let word = 0; word < wide; word++) {
      const difference = (columns[wide * a + word] ?? 0) - (columns[wide * b + word] ?? 0);
      if (difference !== 0) return difference;
    }
    return (bits[a] ?? 0) - (bits[b] ?? 0);
  });
  const words = new Uint32Array(4 * order.length);
  const lengths = new Uint8Array(order.length);
  let count4 = 0;
  order.forEach((prefix, i) => {
    words.set(columns.subarray(wide * prefix + 1, wide * (prefix + 1)), 4 * i);
    lengths[i] = bits[prefix] ?? 0;
    if (columns[wide * prefix] === 4) count4++;
  });
  return { order, words, lengths, count4 };
}

/** One row per prefix and site, its shortest path; sorted by prefix, path, site. Sorting numbers is what the engine does fastest. */
function rowsOf(
  { prefix, site, path }: Columns,
  position: Uint32Array,
  siteCount: number,
): Pick<LintView, "starts" | "rowSites" | "rowPaths"> {
  const bySite = new Float64Array(prefix.length);
  for (let i = 0; i < prefix.length; i++) {
    const pair = (position[prefix[i] ?? 0] ?? 0) * siteCount + (site[i] ?? 0);
    bySite[i] = pair * 256 + (path[i] ?? 0);
  }
  bySite.sort();
  let [rows, last] = [0, -1];
  const byPath = new Float64Array(bySite.length);
  for (let i = 0; i < bySite.length; i++) {
    const key = bySite[i] ?? 0;
    const pair = Math.floor(key / 256);
    if (pair === last) continue;
    last = pair;
    byPath[rows++] = (Math.floor(pair / siteCount) * 256 + (key % 256)) * siteCount + (pair % siteCount);
  }
  return columnsOf(byPath.subarray(0, rows).sort(), position.length, siteCount);
}

function columnsOf(
  keys: Float64Array,
  count: number,
  siteCount: number,
): Pick<LintView, "starts" | "rowSites" | "rowPaths"> {
  const starts = new Uint32Array(count + 1);
  const rowSites = new Uint32Array(keys.length);
  const rowPaths = new Uint8Array(keys.length);
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] ?? 0;
    const above = Math.floor(key / siteCount);
    rowSites[i] = key % siteCount;
    rowPaths[i] = above % 256;
    const next = Math.floor(above / 256) + 1;
    starts[next] = (starts[next] ?? 0) + 1;
  }
  for (let i = 1; i < starts.length; i++) starts[i] = (starts[i] ?? 0) + (starts[i - 1] ?? 0);
  return { starts, rowSites, rowPaths };
}

/** (site · prefixes + position) · slots + slot, sorted, each once. */
function serverKeysOf({ prefix, site, slot }: Columns, position: Uint32Array, slots: number): Float64Array {
  const count = position.length;
  const keys = new Float64Array(prefix.length);
  for (let i = 0; i < prefix.length; i++) {
    const pair = (site[i] ?? 0) * count + (position[prefix[i] ?? 0] ?? 0);
    keys[i] = pair * slots + (slot[i] ?? 0);
  }
  keys.sort();
  assert((keys.at(-1) ?? 0) < Number.MAX_SAFE_INTEGER, "sites, prefixes and servers fit into a number");
  let [kept, last] = [0, -1];
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] ?? 0;
    if (key !== last) keys[kept++] = key;
    last = key;
  }
  return keys.subarray(0, kept);
}
