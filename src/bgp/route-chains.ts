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

/** Interns chains while a table is built. */
export class ChainBook {
  private readonly chainIds = new Map<number, number>();
  private readonly parents = [0];
  private readonly groups = [0];
  private readonly lengths = [0];
  private readonly groupFrom = [0, 0];
  /** Rows of the run, group after group. */
  private readonly rows: { run: RouteRun; row: number }[] = [];
  /** Hash → groups with it. */
  private readonly groupsByHash = new Map<number, number[]>();

  /** The chain of one prefix: its rows, under its parent's chain. */
  chain(run: RouteRun, parent: number, from: number, to: number): number {
    const group = this.group(run, from, to);
    const length = run.lengths[from] ?? 0;
    const key = (parent * mostGroups + group) * 129 + length;
    // Past 2^53 keys are no longer one each: chains are then not shared, which costs memory and nothing else.
    const sharable = group < mostGroups && parent < mostParents;
    const known = sharable ? this.chainIds.get(key) : undefined;
    if (known !== undefined) return known;
    const id = this.parents.length;
    this.parents.push(parent);
    this.groups.push(group);
    this.lengths.push(length);
    if (sharable) this.chainIds.set(key, id);
    return id;
  }

  finish(): RouteChains {
    const { rows } = this;
    return {
      parents: Uint32Array.from(this.parents),
      groups: Uint32Array.from(this.groups),
      lengths: Uint8Array.from(this.lengths),
      groupFrom: Uint32Array.from(this.groupFrom),
      sites: Uint32Array.from(rows, ({ run, row }) => run.sites[row] ?? 0),
      pathLengths: Uint16Array.from(rows, ({ run, row }) => run.pathLengths[row] ?? 0),
      meds: Uint32Array.from(rows, ({ run, row }) => run.meds[row] ?? 0),
      neighbours: Uint32Array.from(rows, ({ run, row }) => run.neighbours[row] ?? 0),
    };
  }

  private group(run: RouteRun, from: number, to: number): number {
    const rows = to - from === 1 ? [from] : Array.from({ length: to - from }, (_, i) => from + i);
    if (rows.length > 1) rows.sort((a, b) => byRoute(run, a, b));
    let hash = 0;
    for (const row of rows) hash = mixed(run, row, hash);
    const alike = this.groupsByHash.get(hash);
    for (const group of alike ?? []) if (this.same(group, run, rows)) return group;
    const id = this.groupFrom.length - 1;
    for (const row of rows) this.rows.push({ run, row });
    this.groupFrom.push(this.rows.length);
    if (alike === undefined) this.groupsByHash.set(hash, [id]);
    else alike.push(id);
    return id;
  }

  private same(group: number, run: RouteRun, rows: readonly number[]): boolean {
    const from = this.groupFrom[group] ?? 0;
    if ((this.groupFrom[group + 1] ?? 0) - from !== rows.length) return false;
    return rows.every((row, i) => {
      const other = this.rows[from + i];
      return other !== undefined && sameRoute(run, row, other.run, other.row);
    });
  }
}

const mostGroups = 2 ** 23;
const mostParents = 2 ** 22;

/** Shortest AS path, then lowest MED, then site: the order of a group. */
function byRoute(run: RouteRun, a: number, b: number): number {
  return (
    (run.pathLengths[a] ?? 0) - (run.pathLengths[b] ?? 0) ||
    (run.meds[a] ?? 0) - (run.meds[b] ?? 0) ||
    (run.sites[a] ?? 0) - (run.sites[b] ?? 0)
  );
}

function sameRoute(a: RouteRun, i: number, b: RouteRun, j: number): boolean {
  return (
    a.sites[i] === b.sites[j] &&
    a.pathLengths[i] === b.pathLengths[j] &&
    a.meds[i] === b.meds[j] &&
    a.neighbours[i] === b.neighbours[j]
  );
}

function mixed(run: RouteRun, row: number, hash: number): number {
  let h = hash;
  for (const part of [run.sites[row], run.pathLengths[row], run.meds[row], run.neighbours[row]]) {
    h = Math.imul(h ^ (part ?? 0), 0x85eb_ca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2_ae35);
  }
  return h ^ (h >>> 16);
}
