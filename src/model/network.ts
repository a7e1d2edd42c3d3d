// Sites, appliances and routes: who stands where. Written by control (from its topology), read by place, steer and edge.
import type { ApplianceId, SiteId } from "#units/id.ts";
import type { BitsPerSecond, Bytes } from "#units/quantity.ts";

/** Degrees, WGS84. Unknown stays unknown, never (0, 0). */
export interface GeoPoint {
  readonly latitude: number;
  readonly longitude: number;
}

/** A place with one or more appliances that hear the same routes. */
export interface Site {
  readonly id: SiteId;
  readonly name: string;
  readonly kind: "embedded" | "exchange";
  readonly location: GeoPoint | undefined;
}

export interface Appliance {
  readonly id: ApplianceId;
  readonly siteId: SiteId;
  readonly role: "storage" | "flash" | "global";
  readonly storage: Bytes;
  readonly throughput: BitsPerSecond;
}

/** One route as a site heard it, whatever the input was (file, BGP, BMP, MRT). */
export interface Route {
  readonly siteId: SiteId;
  /** "203.0.113.0/24" or "2001:db8::/32". */
  readonly prefix: string;
  readonly asPath: readonly number[];
  /** Absent MED counts as 0. */
  readonly med: number;
}

export type RouteEvent =
  | { readonly kind: "announce"; readonly route: Route }
  | { readonly kind: "withdraw"; readonly siteId: SiteId; readonly prefix: string };

/** The best route one site heard for an address. Written by bgp, read by steer. */
export interface RouteMatch {
  readonly siteId: SiteId;
  readonly prefix: string;
  readonly prefixLength: number;
  readonly asPathLength: number;
  readonly med: number;
  /** First AS of the path, by which MEDs are told apart; absent where the reader does not say. */
  readonly neighbourAs?: number;
}
