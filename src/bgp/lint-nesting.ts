// What follows from prefixes inside prefixes: far sites that win by a longer one, and networks without a backup.
import type { FarExample, Lint } from "./lint.ts";
import { exampleCount, type LintView } from "./lint-view.ts";

/** Distance in km from a site to the viewers of a prefix, where geography knows them; undefined where it does not. */
export type Nearness = (prefix: string) => ((siteId: string) => number | undefined) | undefined;

/** Nearer by less than this is not nearer: geography tables name towns. Chosen by us. */
const marginKm = 50;
/** Distances that are computed at most: some seconds' worth. Chosen by us. */
const mostDistances = 5_000_000;

export interface NestingLints {
  readonly lints: readonly Lint[];
  readonly uncompared: number;
}

export function nestingLints(view: LintView, nearness: Nearness | undefined): NestingLints {
  const parents = parentsOf(view);
  const far = new FarLints(view, parents, nearness);
  for (let at = 0; at < view.count; at++) far.look(at);
  return { lints: [...far.lints(), ...withoutBackup(view, parents)], uncompared: far.uncompared };
}

/** For each prefix the longest other one that covers it, −1 for none. One walk, since what covers comes before. */
export function parentsOf(view: LintView): Int32Array {
  const parents = new Int32Array(view.count).fill(-1);
  const open: number[] = [];
  for (let at = 0; at < view.count; at++) {
    for (let top = open.at(-1); top !== undefined && !covers(view, top, at); top = open.at(-1)) open.pop();
    parents[at] = open.at(-1) ?? -1;
    open.push(at);
  }
  return parents;
}

function covers({ lengths, words, count4 }: LintView, outer: number, inner: number): boolean {
  if (outer < count4 !== inner < count4) return false;
  let left = lengths[outer] ?? 0;
  if (left > (lengths[inner] ?? 0)) return false;
  for (let word = 0; left > 0; word++, left -= 32) {
    const mask = left >= 32 ? 0xffffffff : (0xffffffff << (32 - left)) >>> 0;
    const difference = (words[4 * outer + word] ?? 0) ^ (words[4 * inner + word] ?? 0);
    if ((difference & mask) !== 0) return false;
  }
  return true;
}

interface Pair {
  readonly lint: {
    readonly siteId: string;
    readonly nearerSiteId: string;
    readonly by: "distance" | "as-path";
  };
  count: number;
  readonly examples: FarExample[];
}

/** A site that hears a covering prefix and is nearer. */
interface Nearer {
  readonly site: number;
  readonly covering: number;
  readonly near: number;
}

class FarLints {
  uncompared = 0;
  readonly #view: LintView;
  readonly #parents: Int32Array;
  readonly #nearness: Nearness | undefined;
  readonly #pairs = new Map<string, Pair>();
  /** Which prefix a site was last found to hear, plus one. */
  readonly #hears: Uint32Array;
  #distances = 0;

  constructor(view: LintView, parents: Int32Array, nearness: Nearness | undefined) {
    this.#view = view;
    this.#parents = parents;
    this.#nearness = nearness;
    this.#hears = new Uint32Array(view.sites.length);
  }

  look(at: number): void {
    const { starts, rowSites, rowPaths } = this.#view;
    if ((this.#parents[at] ?? -1) < 0) return;
    const [from, to] = [starts[at] ?? 0, starts[at + 1] ?? 0];
    for (let row = from; row < to; row++) this.#hears[rowSites[row] ?? 0] = at + 1;
    const distanceTo = this.#nearness?.(this.#view.text(at));
    if (distanceTo !== undefined && this.#lookByDistance(at, from, to, distanceTo)) return;
    const path = rowPaths[from] ?? 0;
    const nearer = this.#nearerByPath(at, path);
    if (nearer !== undefined) this.#add("as-path", rowSites[from] ?? 0, at, path, nearer);
  }

  /** Whether distance could tell: a site that wins is located, and so is another one around. */
  #lookByDistance(
    at: number,
    from: number,
    to: number,
    distanceTo: (siteId: string) => number | undefined,
  ): boolean {
    const { rowSites, rowPaths, starts } = this.#view;
    if (this.#distances > mostDistances) {
      this.uncompared++;
      return false;
    }
    const kmOf = (site: number): number => {
      this.#distances++;
      return distanceTo(this.#view.sites[site]?.id ?? "") ?? Number.POSITIVE_INFINITY;
    };
    let [winner, far] = [-1, Number.POSITIVE_INFINITY];
    for (let row = from; row < to && rowPaths[row] === rowPaths[from]; row++) {
      const km = kmOf(rowSites[row] ?? 0);
      if (km < far) [winner, far] = [rowSites[row] ?? 0, km];
    }
    let nearest: Nearer | undefined;
    for (let outer = this.#parents[at] ?? -1; outer >= 0; outer = this.#parents[outer] ?? -1) {
      for (let row = starts[outer] ?? 0; row < (starts[outer + 1] ?? 0); row++) {
        const site = rowSites[row] ?? 0;
        if (this.#hears[site] === at + 1) continue;
        const near = kmOf(site);
        if (near < (nearest?.near ?? Number.POSITIVE_INFINITY)) nearest = { site, covering: outer, near };
      }
    }
    if (winner < 0 || nearest === undefined) return false;
    if (nearest.near + marginKm < far) this.#add("distance", winner, at, far, nearest);
    return true;
  }

  /** Rows of a prefix come by path: the first that does not hear the longer prefix is the nearest there. */
  #nearerByPath(at: number, path: number): Nearer | undefined {
    const { rowSites, rowPaths, starts } = this.#view;
    for (let outer = this.#parents[at] ?? -1; outer >= 0; outer = this.#parents[outer] ?? -1) {
      for (let row = starts[outer] ?? 0; row < (starts[outer + 1] ?? 0); row++) {
        const near = rowPaths[row] ?? 0;
        if (near >= path) break;
        const site = rowSites[row] ?? 0;
        if (this.#hears[site] !== at + 1) return { site, covering: outer, near };
      }
    }
    return undefined;
  }

  #add(by: "distance" | "as-path", site: number, at: number, far: number, nearer: Nearer): void {
    const key = `${by} ${site} ${nearer.site}`;
    const [siteId, nearerSiteId] = [site, nearer.site].map((number) => this.#view.sites[number]?.id ?? "");
    const lint = { siteId: siteId ?? "", nearerSiteId: nearerSiteId ?? "", by };
    const pair = this.#pairs.get(key) ?? { lint, count: 0, examples: [] };
    this.#pairs.set(key, pair);
    pair.count++;
    if (pair.examples.length >= exampleCount) return;
    const [prefix, covering] = [this.#view.text(at), this.#view.text(nearer.covering)];
    pair.examples.push({ prefix, covering, far, near: nearer.near });
  }

  lints(): readonly Lint[] {
    const pairs = [...this.#pairs.values()].sort((a, b) => b.count - a.count);
    return pairs.map(({ lint, count, examples }) => ({
      kind: "far-more-specific",
      ...lint,
      count,
      examples,
    }));
  }
}

/** Prefixes of embedded sites that no exchange site hears, nor anything around them. */
function withoutBackup(view: LintView, parents: Int32Array): readonly Lint[] {
  const { starts, rowSites, sites, count, count4 } = view;
  const isBacked = new Uint8Array(count);
  const books = sites.map(() => ({ 4: newBook(), 6: newBook() }));
  for (let at = 0; at < count; at++) {
    const rows = rowSites.subarray(starts[at] ?? 0, starts[at + 1] ?? 0);
    const isExchange = rows.some((site) => sites[site]?.kind === "exchange");
    isBacked[at] = isExchange || isBacked[parents[at] ?? -1] === 1 ? 1 : 0;
    for (const site of rows) {
      const book = books[site]?.[at < count4 ? 4 : 6];
      if (book === undefined) continue;
      book.of++;
      if (isBacked[at] === 1) continue;
      book.count++;
      if (book.examples.length < exampleCount) book.examples.push(view.text(at));
    }
  }
  return books.flatMap((book, site) =>
    ([4, 6] as const).flatMap((family): readonly Lint[] => {
      const { count: lacking, of, examples } = book[family];
      const siteId = sites[site]?.id ?? "";
      return lacking === 0 ? [] : [{ kind: "no-backup", siteId, family, count: lacking, of, examples }];
    }),
  );
}

interface Book {
  count: number;
  of: number;
  readonly examples: string[];
}

function newBook(): Book {
  return { count: 0, of: 0, examples: [] };
}
