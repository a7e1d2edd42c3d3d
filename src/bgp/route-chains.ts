// What a looked-up number means: the routes of every prefix that covers an address.
//
// A site's best route may lie at a shorter prefix than another site's, so the answer is the whole chain of covering
// prefixes, longest first. Copying inherited routes into each prefix would cost prefixes × sites; a chain holds only its
// own prefix's routes (a group) and points at the chain of the next shorter prefix. Both are interned: equal ones are
// one, so the tables are at most as long as there are routes, and in practice far shorter.
import type { RouteRun } from "./route-run.ts";

/** Chain 0 is the end: no prefix covers the address. */
export interface RouteChains {
  /** Chain → chain of the next shorter covering prefix. */
  readonly parents: Uint32Array;
  readonly groups: Uint32Array;
  /** Chain → length of its prefix. */
  readonly lengths: Uint8Array;
  /** Group → its first route; one more than there are groups. Best route first. */
  readonly groupFrom: Uint32Array;
  readonly sites: Uint32Array;
  readonly pathLengths: Uint16Array;
  readonly meds: Uint32Array;
  readonly neighbours: Uint32Array;
}

/** A route of a chain, by numbers. */
export interface ChainRoute {
  readonly site: number;
  readonly prefixLength: number;
  readonly asPathLength: number;
  readonly med: number;
  readonly neighbourAs: number;
}

/** For each site its best route, best site first: longer prefix, then the group's order. */
export function routesOf(chains: RouteChains, chain: number, sites: number): readonly ChainRoute[] {
  const routes: ChainRoute[] = [];
  const seen = chains.parents[chain] === 0 ? undefined : new Uint8Array(sites);
  for (let at = chain; at !== 0; at = chains.parents[at] ?? 0) {
    const group = chains.groups[at] ?? 0;
    const end = chains.groupFrom[group + 1] ?? 0;
    for (let i = chains.groupFrom[group] ?? 0; i < end; i++) {
      const site = chains.sites[i] ?? 0;
      if (seen?.[site] === 1) continue;
      if (seen !== undefined) seen[site] = 1;
      routes.push({
        site,
        prefixLength: chains.lengths[at] ?? 0,
        asPathLength: chains.pathLengths[i] ?? 0,
        med: chains.meds[i] ?? 0,
        neighbourAs: chains.neighbours[i] ?? 0,
      });
    }
  }
  return routes;
}

export function chainsBytes(chains: RouteChains): number {
  return Object.values(chains).reduce((sum: number, column: Uint32Array) => sum + column.byteLength, 0);
}

/** Interns chains while a table is built from at most so many routes, all of whose columns it copies. */
export class ChainBook {
  private readonly chains: Interned;
  private readonly groups: Interned;
  private readonly parentOf: Uint32Array;
  private readonly groupOf: Uint32Array;
  private readonly lengthOf: Uint8Array;
  private readonly groupFrom: Uint32Array;
  private readonly routes: Pick<RouteChains, "sites" | "pathLengths" | "meds" | "neighbours">;
  private chainCount = 1;
  private groupCount = 1;
  private routeCount = 0;
  /** Rows of one prefix, best first. */
  private scratch: Uint32Array = new Uint32Array(64);

  constructor(mostRoutes: number) {
    this.chains = new Interned(mostRoutes);
    this.groups = new Interned(mostRoutes);
    this.parentOf = new Uint32Array(mostRoutes + 1);
    this.groupOf = new Uint32Array(mostRoutes + 1);
    this.lengthOf = new Uint8Array(mostRoutes + 1);
    this.groupFrom = new Uint32Array(mostRoutes + 2);
    this.routes = {
      sites: new Uint32Array(mostRoutes),
      pathLengths: new Uint16Array(mostRoutes),
      meds: new Uint32Array(mostRoutes),
      neighbours: new Uint32Array(mostRoutes),
    };
  }

  /** The chain of one prefix: its rows, under its parent's chain. */
  chain(run: RouteRun, parent: number, from: number, to: number): number {
    const group = this.group(run, from, to);
    const length = run.lengths[from] ?? 0;
    const hash = mixed(mixed(mixed(0, parent), group), length);
    let slot = this.chains.first(hash);
    for (let id = this.chains.at(slot); id !== 0; id = this.chains.at(slot)) {
      if (this.parentOf[id] === parent && this.groupOf[id] === group && this.lengthOf[id] === length)
        return id;
      slot = this.chains.next(slot);
    }
    const id = this.chainCount++;
    this.chains.put(slot, id);
    this.parentOf[id] = parent;
    this.groupOf[id] = group;
    this.lengthOf[id] = length;
    return id;
  }

  finish(): RouteChains {
    const { chainCount, routeCount, routes } = this;
    return {
      parents: this.parentOf.slice(0, chainCount),
      groups: this.groupOf.slice(0, chainCount),
      lengths: this.lengthOf.slice(0, chainCount),
      groupFrom: this.groupFrom.slice(0, this.groupCount + 1),
      sites: routes.sites.slice(0, routeCount),
      pathLengths: routes.pathLengths.slice(0, routeCount),
      meds: routes.meds.slice(0, routeCount),
      neighbours: routes.neighbours.slice(0, routeCount),
    };
  }

  /** Group 0 is empty and belongs to chain 0. */
  private group(run: RouteRun, from: number, to: number): number {
    const count = to - from;
    const rows = this.sorted(run, from, count);
    let hash = count;
    for (let i = 0; i < count; i++) hash = hashOf(run, rows[i] ?? 0, hash);
    let slot = this.groups.first(hash);
    for (let id = this.groups.at(slot); id !== 0; id = this.groups.at(slot)) {
      if (this.same(id, run, rows, count)) return id;
      slot = this.groups.next(slot);
    }
    const id = this.groupCount++;
    this.groups.put(slot, id);
    for (let i = 0; i < count; i++) this.keep(run, rows[i] ?? 0);
    this.groupFrom[id + 1] = this.routeCount;
    return id;
  }

  /** Insertion sort: a prefix's rows are few, or nearly in order. */
  private sorted(run: RouteRun, from: number, count: number): Uint32Array {
    if (count > this.scratch.length) this.scratch = new Uint32Array(2 * count);
    const rows = this.scratch;
    for (let i = 0; i < count; i++) {
      let at = i;
      for (; at > 0 && byRoute(run, rows[at - 1] ?? 0, from + i) > 0; at--) rows[at] = rows[at - 1] ?? 0;
      rows[at] = from + i;
    }
    return rows;
  }

  private keep(run: RouteRun, row: number): void {
    const at = this.routeCount++;
    this.routes.sites[at] = run.sites[row] ?? 0;
    this.routes.pathLengths[at] = run.pathLengths[row] ?? 0;
    this.routes.meds[at] = run.meds[row] ?? 0;
    this.routes.neighbours[at] = run.neighbours[row] ?? 0;
  }

  private same(group: number, run: RouteRun, rows: Uint32Array, count: number): boolean {
    const { sites, pathLengths, meds, neighbours } = this.routes;
    const from = this.groupFrom[group] ?? 0;
    if ((this.groupFrom[group + 1] ?? 0) - from !== count) return false;
    for (let i = 0; i < count; i++) {
      const row = rows[i] ?? 0;
      if (sites[from + i] !== run.sites[row] || meds[from + i] !== run.meds[row]) return false;
      if (pathLengths[from + i] !== run.pathLengths[row]) return false;
      if (neighbours[from + i] !== run.neighbours[row]) return false;
    }
    return true;
  }
}

/** Ids by hash, open addressing with linear probing: half full at most. Id 0 is an empty slot. */
class Interned {
  private readonly slots: Uint32Array;
  private readonly mask: number;

  constructor(mostIds: number) {
    this.slots = new Uint32Array(2 ** Math.ceil(Math.log2(2 * mostIds + 2)));
    this.mask = this.slots.length - 1;
  }

  first(hash: number): number {
    return (hash ^ (hash >>> 15)) & this.mask;
  }

  next(slot: number): number {
    return (slot + 1) & this.mask;
  }

  at(slot: number): number {
    return this.slots[slot] ?? 0;
  }

  put(slot: number, id: number): void {
    this.slots[slot] = id;
  }
}

/** Shortest AS path, then lowest MED, then site: the order of a group. */
function byRoute(run: RouteRun, a: number, b: number): number {
  return (
    (run.pathLengths[a] ?? 0) - (run.pathLengths[b] ?? 0) ||
    (run.meds[a] ?? 0) - (run.meds[b] ?? 0) ||
    (run.sites[a] ?? 0) - (run.sites[b] ?? 0)
  );
}

function hashOf(run: RouteRun, row: number, hash: number): number {
  const half = mixed(mixed(hash, run.sites[row] ?? 0), run.pathLengths[row] ?? 0);
  return mixed(mixed(half, run.meds[row] ?? 0), run.neighbours[row] ?? 0);
}

/** One round of MurmurHash3's 32-bit body. */
function mixed(hash: number, part: number): number {
  const k = Math.imul(part, 0xcc9e_2d51);
  const h = hash ^ Math.imul((k << 15) | (k >>> 17), 0x1b87_3593);
  return (Math.imul((h << 13) | (h >>> 19), 5) + 0xe654_6b64) | 0;
}
