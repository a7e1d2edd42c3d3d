// Which boxes a region's viewers are sent to, tier by tier: steering's own order of sites, asked once for each change of the
// routes or of the fleet.
import type { Appliance, GeoPoint, RouteMatch, Site } from "#model/network.ts";
import { type GroundBox, groundOf } from "#steer/ground.ts";
import { helperTiers, routedTiers, type Standing, type Tier } from "#steer/tiers.ts";
import { siteId } from "#units/id.ts";
import type { ViewerRoute } from "./scenario.ts";

export interface Way {
  readonly tier: Tier;
  readonly boxes: readonly WayBox[];
  /** Bits of its boxes. */
  readonly mask: number;
}

export interface WayBox {
  readonly bit: number;
  readonly box: GroundBox;
  readonly standing: Standing;
}

/** Of a region: its tiers, best first. `bits`: number of a box by its id. */
export function waysOf(order: {
  readonly sites: readonly Site[];
  readonly appliances: readonly Appliance[];
  readonly bits: ReadonlyMap<string, number>;
  readonly routes: readonly ViewerRoute[];
  readonly viewer: GeoPoint | undefined;
}): readonly Way[] {
  const ground = groundOf(order.sites, order.appliances);
  const matches = order.routes.map(matchOf);
  const tiers = [
    ...routedTiers(ground, matches, order.viewer, "always"),
    ...helperTiers(ground, matches, order.viewer),
  ];
  return tiers.map((tier) => {
    const boxes = tier.sites.flatMap((standing) =>
      standing.ground.boxes.map((box) => ({ bit: order.bits.get(box.appliance.id) ?? 0, box, standing })),
    );
    return { tier, boxes, mask: boxes.reduce((mask, { bit }) => mask | (1 << bit), 0) };
  });
}

export function matchOf(route: ViewerRoute): RouteMatch {
  return {
    siteId: siteId(route.siteId),
    prefix: `10.0.0.0/${route.prefixLength}`,
    prefixLength: route.prefixLength,
    asPathLength: route.asPathLength,
    med: route.med,
  };
}
