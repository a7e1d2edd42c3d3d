// One viewer, one title: which sources, in which order, and who was left out.
import type { StoredTitle } from "#data/ports.ts";
import type { GeoPoint } from "#model/network.ts";
import { fileId } from "#model/package.ts";
import type { Ranking } from "#model/steering.ts";
import type { BoxHealth } from "./box-health.ts";
import { type Fleet, healthIn, holds } from "./fleet.ts";
import type { Network, PlacedAppliance } from "./network.ts";
import type { ViewerPlace } from "./play.ts";

export interface RankOrder {
  readonly address: string;
  readonly location: GeoPoint | undefined;
  /** Breaks ties, so that plays spread over equal boxes. */
  readonly key: string;
  readonly candidates: readonly Candidate[];
  readonly network: Network;
}

/** An appliance as the ranking sees it. */
export interface Candidate {
  readonly appliance: PlacedAppliance;
  readonly health: BoxHealth;
  /** Bits per second now, over what the box can send. */
  readonly utilisation: number;
  /** Renditions of the title that it verified. */
  readonly held: number;
}

/** The steer domain, with the installation's route table inside. */
export type Rank = (order: RankOrder) => Ranking;

export interface SteeringOrder {
  readonly network: Network;
  readonly fleet: Fleet;
  readonly rank: Rank;
  readonly title: StoredTitle;
  readonly place: ViewerPlace;
  readonly key: string;
  readonly nowMs: number;
}

export function rankFor(order: SteeringOrder): Ranking {
  const { network, fleet, title, place } = order;
  const candidates = [...network.appliances.values()].map((appliance) => ({
    appliance,
    health: healthIn(fleet, appliance, order.nowMs),
    utilisation: utilisationOf(fleet, appliance),
    held: title.package.renditions.filter((rendition) =>
      holds(fleet, appliance.id, fileId(title.id, rendition.id)),
    ).length,
  }));
  const location = network.viewpoints.get(place.viewpoint)?.location;
  return order.rank({ address: place.address, location, key: order.key, candidates, network });
}

function utilisationOf(fleet: Fleet, appliance: PlacedAppliance): number {
  const bits = fleet.boxes.get(appliance.id)?.report.load.bitsPerSecond ?? 0;
  return appliance.throughput === 0 ? 0 : bits / appliance.throughput;
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
