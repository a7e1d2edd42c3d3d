// Which box serves this play: the ranked list that a player works down.
//
// The network decides first, as BGP would: longest prefix, shortest AS path, lowest MED; then distance. Boxes that are
// still equal share their viewers: each session draws, with weights by free throughput. Before that, whoever does not
// hold the verified file, is not well, or never heard the viewer's address is left out, with the reason.
// Source: placement research §3.1 and §6.6 (order of "Netflix content distribution", AfPIF 2018).
import type { Appliance, GeoPoint, RouteMatch, Site } from "#model/network.ts";
import type { Eliminated, RankedSource, Ranking } from "#model/steering.ts";
import { unitInterval } from "#units/hash.ts";
import type { BitsPerSecond } from "#units/quantity.ts";
import { becauseAbove, becauseLast, becauseOrigin } from "./because.ts";
import { distance } from "./distance.ts";
import type { Health } from "./health.ts";

/** An appliance as steering sees it now. */
export interface ApplianceNow {
  readonly appliance: Appliance;
  readonly health: Health;
  /** The health gate's sentence. */
  readonly because: string;
  /** What it sends now. */
  readonly load: BitsPerSecond;
}

export interface RankOrder {
  /** Per site its best route to the viewer; none for a site that heard none. */
  readonly matches: readonly RouteMatch[];
  readonly sites: readonly Site[];
  readonly appliances: readonly ApplianceNow[];
  /** Ids of the appliances that hold the file, every byte verified. */
  readonly holders: ReadonlySet<string>;
  readonly viewer: GeoPoint | undefined;
  /** Same key, same list. */
  readonly sessionKey: string;
}

/** An appliance that may serve, with everything that is compared. */
export interface Candidate {
  readonly id: string;
  readonly site: Site;
  readonly match: RouteMatch | undefined;
  readonly distanceKm: number | undefined;
  /** bit/s that it could still send. */
  readonly free: number;
  /** Smaller is better, by session. */
  readonly draw: number;
}

/** Two appliances, so that a player whose first one dies need not ask the origin. */
const enough = 2;

/** Ranks all who may serve, the origin last. Total and deterministic. */
export function rank(order: RankOrder): Ranking {
  const sites = new Map(order.sites.map((site) => [`${site.id}`, site]));
  const matches = new Map(order.matches.map((match) => [`${match.siteId}`, match]));
  const eliminated: Eliminated[] = [];
  const able: Candidate[] = [];
  for (const now of order.appliances.toSorted((a, b) => byText(a.appliance.id, b.appliance.id))) {
    const { id, siteId } = now.appliance;
    const site = sites.get(siteId);
    const reason = unable(now, order.holders);
    if (reason !== undefined) eliminated.push({ id, ...reason });
    else if (site === undefined)
      eliminated.push({ id, by: "no-route", because: `Its site ${siteId} is unknown.` });
    else able.push(candidate(now, site, matches.get(siteId), order));
  }
  const routed = able.filter((entry) => entry.match !== undefined).length;
  const candidates: Candidate[] = [];
  for (const entry of able) {
    const because = unreached(entry, routed);
    if (because === undefined) candidates.push(entry);
    else eliminated.push({ id: entry.id, by: "no-route", because });
  }
  candidates.sort(compare);
  const ranked = candidates.map((entry, i) => described(entry, candidates[i - 1], candidates[i + 1]));
  return { ranked: [...ranked, origin(candidates.length)], eliminated };
}

/** Why an appliance cannot serve this file to anyone, or undefined. */
function unable(now: ApplianceNow, holders: ReadonlySet<string>): Omit<Eliminated, "id"> | undefined {
  if (!holders.has(now.appliance.id)) {
    return { by: "not-held", because: "It does not hold the whole file, verified." };
  }
  return now.health === "healthy" ? undefined : { by: now.health, because: now.because };
}

/**
 * Why a site without a route to the viewer stays out, or undefined. An embedded one serves only the network it stands
 * in; an exchange point can be reached by anyone, and helps out where routes leave fewer than two appliances.
 */
function unreached({ site, match }: Candidate, routed: number): string | undefined {
  if (match !== undefined) return undefined;
  if (site.kind === "embedded")
    return `${site.name} heard no route to the viewer and serves only its own network.`;
  if (routed < enough) return undefined;
  return `${site.name} heard no route to the viewer; ${routed} appliances at sites that did are enough.`;
}

function candidate(
  now: ApplianceNow,
  site: Site,
  match: RouteMatch | undefined,
  order: RankOrder,
): Candidate {
  const { id, throughput } = now.appliance;
  const free = Math.max(0, throughput - now.load);
  const u = unitInterval(`${order.sessionKey}\n${id}`);
  return {
    id,
    site,
    match,
    distanceKm: distance(order.viewer, site.location),
    free,
    // Weighted rendezvous; a full box comes after all that are not.
    draw: free > 0 ? -Math.log(u) / free : Number.POSITIVE_INFINITY,
  };
}

function compare(a: Candidate, b: Candidate): number {
  return (
    (b.match?.prefixLength ?? -1) - (a.match?.prefixLength ?? -1) ||
    (a.match?.asPathLength ?? 0) - (b.match?.asPathLength ?? 0) ||
    (a.match?.med ?? 0) - (b.match?.med ?? 0) ||
    byDistance(a.distanceKm, b.distanceKm) ||
    byNumber(a.draw, b.draw) ||
    byText(a.id, b.id)
  );
}

/** Nearer first; unknown after known. */
function byDistance(a: number | undefined, b: number | undefined): number {
  return byNumber(a ?? Number.POSITIVE_INFINITY, b ?? Number.POSITIVE_INFINITY);
}

/** Unlike subtraction, also right for two infinities. */
function byNumber(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function described(
  entry: Candidate,
  above: Candidate | undefined,
  below: Candidate | undefined,
): RankedSource {
  const reason = below === undefined ? becauseLast(entry, above) : becauseAbove(entry, below);
  return {
    id: entry.id,
    siteId: entry.site.id,
    siteName: entry.site.name,
    ...reason,
    prefix: entry.match?.prefix,
    asPathLength: entry.match?.asPathLength,
    med: entry.match?.med,
    distanceKm: entry.distanceKm,
  };
}

function origin(appliances: number): RankedSource {
  return {
    id: "origin",
    siteId: "origin",
    siteName: "Origin",
    rule: "origin-last",
    because: becauseOrigin(appliances),
    prefix: undefined,
    asPathLength: undefined,
    med: undefined,
    distanceKm: undefined,
  };
}
