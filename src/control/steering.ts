// One viewer, one title: which sources, in which order, and who was left out. Joins routes, health and verified files.
import { readAddress } from "#bgp/address.ts";
import { type GeoTable, placeOfAddress } from "#bgp/geo-table.ts";
import { type CompiledTable, lookup } from "#bgp/route-table.ts";
import type { Appliance, RouteMatch } from "#model/network.ts";
import { fileId } from "#model/package.ts";
import type { Ranking } from "#model/steering.ts";
import type { Explanation, ViewerLocation } from "#steer/explain.ts";
import { type BoxNow, rank } from "#steer/rank.ts";
import { assert } from "#units/assert.ts";
import { bitsPerSecond } from "#units/quantity.ts";
import type { PublishedTitle } from "./catalogue.ts";
import { type Fleet, healthIn, holds, isProbe, type Moment } from "./fleet.ts";
import { type Network, originId } from "./network.ts";
import type { ViewerPlace } from "./play.ts";

export interface SteeringOrder {
  readonly network: Network;
  readonly table: CompiledTable;
  readonly fleet: Fleet;
  /** Undefined: whoever is well counts as holding it. */
  readonly title: PublishedTitle | undefined;
  readonly geography: GeoTable;
  readonly place: ViewerPlace;
  /** Equal boxes share their viewers by this key. */
  readonly sessionKey: string;
  readonly now: Moment;
  /** Who counts as a holder; undefined: whoever verified some rendition. */
  readonly isHolder?: (applianceId: string) => boolean;
  /** Who counts as well although it is not; undefined: nobody. */
  readonly pardoned?: ReadonlySet<string>;
  /** Taken as silent, to see what would be without it. */
  readonly without?: string;
  /** Who is named among those left out; without it, by the size of the network. */
  readonly name?: "all" | "met";
}

/** Up to this many appliances everybody is named who was left out; beyond, whom the decision came across. */
const namedUpTo = 64;

/**
 * The best of the well appliances that verified some rendition of the title, or count as holders; then the origin. Whom players
 * complain of is taken when there is nobody else: their words never leave a title to the origin alone.
 */
export function rankFor(order: SteeringOrder): Ranking {
  const ranking = rankWell(order);
  const degraded = ranking.eliminated.filter(({ by }) => by === "degraded").map(({ id }) => id);
  if (degraded.length === 0 || ranking.ranked.some(({ id }) => id !== originId)) return ranking;
  return rankWell({ ...order, pardoned: new Set([...(order.pardoned ?? []), ...degraded]) });
}

function rankWell(order: SteeringOrder): Ranking {
  const { network, fleet, title, place } = order;
  const files = title?.package.renditions.map((rendition) => fileId(title.id, rendition.id));
  return rank({
    ground: network.ground,
    matches: matchesOf(order.table, place),
    viewer: locationOf(order),
    sessionKey: order.sessionKey,
    now: (appliance) => nowOf(order, appliance),
    holds: ({ id }) => order.isHolder?.(id) ?? files?.some((file) => holds(fleet, id, file)) ?? true,
    settings: fleet.settings,
    name: order.name ?? (network.ground.boxes <= namedUpTo ? "all" : "met"),
  });
}

/** The neighbour that the nearest site reaches the viewer by, as "AS64500"; "" where no site heard a route. */
export function networkOfViewer(table: CompiledTable, place: ViewerPlace, siteId: string): string {
  const matches = matchesOf(table, place);
  const match = matches.find((one) => one.siteId === siteId) ?? matches[0];
  return match?.neighbourAs === undefined || match.neighbourAs === 0 ? "" : `AS${match.neighbourAs}`;
}

/** The decision in full, and what it was made from. */
export function explanationOf(order: SteeringOrder): Explanation {
  return {
    address: order.place.address,
    session: order.sessionKey,
    assumed: order.title === undefined ? "every appliance holds the file" : undefined,
    titleId: order.title?.id,
    location: locationOf(order),
    matches: matchesOf(order.table, order.place),
    ranking: rankFor({ ...order, name: "all" }),
  };
}

/** Of the addresses that asked last, by the table that they were looked up in: a play asks twice, and a household over and over. */
const matched = new WeakMap<CompiledTable, Map<string, readonly RouteMatch[]>>();
const mostMatched = 4096;

function matchesOf(table: CompiledTable, { address }: ViewerPlace): readonly RouteMatch[] {
  const known = matched.get(table) ?? new Map<string, readonly RouteMatch[]>();
  const before = known.get(address);
  if (before !== undefined) return before;
  const read = readAddress(address);
  const matches = read.kind === "address" ? lookup(table, read.address) : [];
  if (known.size >= mostMatched) known.clear();
  matched.set(table, known.set(address, matches));
  return matches;
}

/** A viewpoint says where it is; any other address is where the table of places has it. */
function locationOf({
  network,
  geography,
  place,
}: Pick<SteeringOrder, "network" | "geography" | "place">): ViewerLocation | undefined {
  const point = network.viewpoints.get(place.viewpoint)?.location;
  if (point !== undefined) return { ...point, radiusKm: undefined, from: "viewpoint" };
  const address = readAddress(place.address);
  const found = address.kind === "address" ? placeOfAddress(geography, address.address) : undefined;
  return found && { ...found, from: "geography" };
}

function nowOf(order: SteeringOrder, { id }: Appliance): BoxNow {
  const { network, fleet, now, pardoned, sessionKey } = order;
  const appliance = network.appliances.get(id);
  assert(appliance !== undefined, "the ground is made of the network's appliances");
  const load = bitsPerSecond(fleet.boxes.get(id)?.report.load.bitsPerSecond ?? 0);
  if (order.without === id) return { health: "silent", because: "Looked at as if it were gone.", load };
  const found = healthIn(fleet, appliance, now);
  const isLetIn =
    pardoned?.has(id) === true ||
    (found.health === "degraded" && isProbe(fleet, { applianceId: id, sessionKey }, now));
  return { ...found, ...(isLetIn ? { health: "healthy" } : {}), load };
}

export type PlaceReading =
  | { readonly kind: "known"; readonly place: ViewerPlace }
  | { readonly kind: "unknown-viewpoint" };

/** Where the viewer sits: the named viewpoint, or the request's own address. */
export function placeOf(network: Network, viewpoint: string | undefined, address: string): PlaceReading {
  if (viewpoint === undefined || viewpoint === "")
    return { kind: "known", place: { address, viewpoint: "" } };
  const point = network.viewpoints.get(viewpoint);
  if (point === undefined) return { kind: "unknown-viewpoint" };
  return { kind: "known", place: { address: point.address, viewpoint: point.id } };
}
