// What the network knows, as an order of sites: longest prefix, shortest AS path, lowest MED, shortest distance. Sites
// that are equal in all of it are a tier. Tiers come one at a time, best first, for a decision seldom needs the second.
//
// MEDs of different neighbour ASes say nothing about each other (RFC 4271 §9.1.2.2 c). Compared only within a
// neighbour, they do not order routes: A before B by MED, B before C and C before A by distance. So places are given
// as the RFC gives the first: of each neighbour's routes only those with its lowest MED are in the running, the best of
// them takes the place and leaves; then again. Each neighbour's group is looked at as a whole, so that the order in which
// routes came does not matter ("deterministic MED").
import type { GeoPoint, RouteMatch } from "#model/network.ts";
import { chordSquared, type Direction, directionOf } from "./distance.ts";
import type { Ground, GroundSite } from "./ground.ts";

/** A site as it stands to one viewer. */
export interface Standing {
  readonly ground: GroundSite;
  /** Undefined: it heard no route. */
  readonly match: RouteMatch | undefined;
  /** Grows with the distance; infinite when that is unknown. */
  readonly chord: number;
}

/** Sites that are equal, and how many appliances stand behind them by which rule. */
export interface Tier {
  readonly sites: readonly Standing[];
  readonly noRoute: number;
  readonly shorterPrefix: number;
  readonly longerPath: number;
  readonly higherMed: number;
  readonly farther: number;
}

export type MedCompare = "always" | "same-neighbour";

/** Of the sites that heard a route, in the order of `matches`' facts, whatever their order. */
export function* routedTiers(
  ground: Ground,
  matches: readonly RouteMatch[],
  viewer: GeoPoint | undefined,
  med: MedCompare,
): Generator<Tier> {
  const standing = standingsOf(ground, matches, viewer);
  const heard = boxesOf(standing);
  let behind = heard;
  for (let from = 0; from < standing.length; ) {
    const toPrefix = endOf(standing, from, samePrefix);
    let inPrefix = boxesOf(standing, from, toPrefix);
    behind -= inPrefix;
    while (from < toPrefix) {
      const to = endOf(standing, from, samePath);
      inPrefix -= boxesOf(standing, from, to);
      const outside = { noRoute: ground.boxes - heard, shorterPrefix: behind, longerPath: inPrefix };
      for (const inside of med === "always"
        ? byMed(standing.slice(from, to))
        : byNeighbour(standing.slice(from, to))) {
        yield { ...outside, ...inside };
      }
      from = to;
    }
  }
}

/** Of the exchange points that heard no route, nearest first. */
export function* helperTiers(
  ground: Ground,
  matches: readonly RouteMatch[],
  viewer: GeoPoint | undefined,
): Generator<Tier> {
  const heard = new Set<string>(matches.map((match) => match.siteId));
  const at = viewer && directionOf(viewer);
  let left = ground.exchanges
    .filter(({ site }) => !heard.has(site.id))
    .map((one): Standing => ({ ground: one, match: undefined, chord: chordTo(at, one) }));
  const heardBoxes = [...heard].reduce((sum, id) => sum + (ground.sites.get(id)?.boxes.length ?? 0), 0);
  const noRoute = ground.boxes - heardBoxes - boxesOf(left);
  while (left.length > 0) {
    const { sites, rest } = nearest(left);
    left = rest;
    yield { sites, noRoute, shorterPrefix: 0, longerPath: 0, higherMed: 0, farther: boxesOf(left) };
  }
}

type Inside = Pick<Tier, "sites" | "higherMed" | "farther">;

function* byMed(group: readonly Standing[]): Generator<Inside> {
  const sorted = group.toSorted((a, b) => medOf(a) - medOf(b));
  for (let from = 0; from < sorted.length; ) {
    const to = endOf(sorted, from, (a, b) => medOf(a) === medOf(b));
    let left: readonly Standing[] = sorted.slice(from, to);
    while (left.length > 0) {
      const { sites, rest } = nearest(left);
      left = rest;
      yield { sites, higherMed: boxesOf(sorted, to), farther: boxesOf(left) };
    }
    from = to;
  }
}

function* byNeighbour(group: readonly Standing[]): Generator<Inside> {
  let left = group;
  while (left.length > 0) {
    const lowest = new Map<number, number>();
    for (const one of left) {
      const neighbour = neighbourOf(one);
      lowest.set(neighbour, Math.min(medOf(one), lowest.get(neighbour) ?? Number.POSITIVE_INFINITY));
    }
    const running = left.filter((one) => medOf(one) === lowest.get(neighbourOf(one)));
    const { sites, rest } = nearest(running);
    yield { sites, higherMed: boxesOf(left) - boxesOf(running), farther: boxesOf(rest) };
    const taken = new Set(sites);
    left = left.filter((one) => !taken.has(one));
  }
}

function nearest(left: readonly Standing[]): { readonly sites: Standing[]; readonly rest: Standing[] } {
  let least = Number.POSITIVE_INFINITY;
  for (const { chord } of left) if (chord < least) least = chord;
  const sites: Standing[] = [];
  const rest: Standing[] = [];
  for (const one of left) (one.chord === least ? sites : rest).push(one);
  return { sites, rest };
}

/** By prefix and path; sites that nobody knows are left out. */
function standingsOf(
  ground: Ground,
  matches: readonly RouteMatch[],
  viewer: GeoPoint | undefined,
): readonly Standing[] {
  const at = viewer && directionOf(viewer);
  const standing: Standing[] = [];
  let inOrder = true;
  for (const match of matches) {
    const site = ground.sites.get(match.siteId);
    if (site === undefined) continue;
    const one = { ground: site, match, chord: chordTo(at, site) };
    const before = standing.at(-1);
    if (before !== undefined && byRoute(before, one) > 0) inOrder = false;
    standing.push(one);
  }
  return inOrder ? standing : standing.sort(byRoute);
}

function chordTo(at: Direction | undefined, { direction }: GroundSite): number {
  return at === undefined || direction === undefined ? Number.POSITIVE_INFINITY : chordSquared(at, direction);
}

function byRoute(a: Standing, b: Standing): number {
  return prefixOf(b) - prefixOf(a) || pathOf(a) - pathOf(b);
}

function samePrefix(a: Standing, b: Standing): boolean {
  return prefixOf(a) === prefixOf(b);
}

function samePath(a: Standing, b: Standing): boolean {
  return samePrefix(a, b) && pathOf(a) === pathOf(b);
}

function prefixOf(one: Standing): number {
  return one.match?.prefixLength ?? -1;
}

function pathOf(one: Standing): number {
  return one.match?.asPathLength ?? 0;
}

function medOf(one: Standing): number {
  return one.match?.med ?? 0;
}

function neighbourOf(one: Standing): number {
  return one.match?.neighbourAs ?? 0;
}

function endOf(all: readonly Standing[], from: number, same: (a: Standing, b: Standing) => boolean): number {
  const first = all[from];
  let to = from + 1;
  for (let next = all[to]; next !== undefined && first !== undefined && same(first, next); next = all[to])
    to++;
  return to;
}

function boxesOf(all: readonly Standing[], from = 0, to = all.length): number {
  let count = 0;
  for (let i = from; i < to; i++) count += all[i]?.ground.boxes.length ?? 0;
  return count;
}
