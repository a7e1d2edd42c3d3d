// One viewer, one title: which sources, in which order, and who was left out. Joins routes, health and verified files.
import { readAddress } from "#bgp/address.ts";
import { lookup, type RouteTable } from "#bgp/route-table.ts";
import { fileId } from "#model/package.ts";
import type { Ranking } from "#model/steering.ts";
import { rank } from "#steer/rank.ts";
import { bitsPerSecond } from "#units/quantity.ts";
import type { PublishedTitle } from "./catalogue.ts";
import { type Fleet, healthIn, holds, type Moment } from "./fleet.ts";
import type { Network, PlacedAppliance } from "./network.ts";
import type { ViewerPlace } from "./play.ts";

export interface SteeringOrder {
  readonly network: Network;
  readonly table: RouteTable;
  readonly fleet: Fleet;
  readonly title: PublishedTitle;
  readonly place: ViewerPlace;
  /** Equal boxes share their viewers by this key. */
  readonly sessionKey: string;
  readonly now: Moment;
  /** Who counts as a holder; undefined: whoever verified some rendition. */
  readonly holders?: ReadonlySet<string>;
  /** Who counts as well although it is not; undefined: nobody. */
  readonly pardoned?: ReadonlySet<string>;
}

/** Every well appliance that verified some rendition of the title, or is among the holders named; then the origin. */
export function rankFor(order: SteeringOrder): Ranking {
  const { network, fleet, title, place } = order;
  const appliances = [...network.appliances.values()];
  const address = readAddress(place.address);
  return rank({
    matches: address.kind === "address" ? lookup(order.table, address.address) : [],
    sites: network.sites,
    appliances: appliances.map((appliance) => {
      const found = healthIn(fleet, appliance, order.now);
      const health = order.pardoned?.has(appliance.id) === true ? "healthy" : found.health;
      const load = bitsPerSecond(fleet.boxes.get(appliance.id)?.report.load.bitsPerSecond ?? 0);
      return { appliance, health, because: found.because, load };
    }),
    holders: order.holders ?? holdersOfSome(fleet, title, appliances),
    viewer: network.viewpoints.get(place.viewpoint)?.location,
    sessionKey: order.sessionKey,
  });
}

function holdersOfSome(
  fleet: Fleet,
  title: PublishedTitle,
  appliances: readonly PlacedAppliance[],
): ReadonlySet<string> {
  const files = title.package.renditions.map((rendition) => fileId(title.id, rendition.id));
  const some = appliances.filter((box) => files.some((file) => holds(fleet, box.id, file)));
  return new Set(some.map((box) => box.id));
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
