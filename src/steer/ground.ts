// The network as decisions want it: what stays the same from play to play, worked out once. A decision looks only at the
// sites that concern its viewer, so that its cost does not grow with the number of appliances there are.
import type { Appliance, GeoPoint, Site } from "#model/network.ts";
import { hash64 } from "#units/hash.ts";
import { type Kilometres, kilometres } from "#units/quantity.ts";
import { chordKilometres, type Direction, directionOf } from "./distance.ts";

export interface GroundSite {
  readonly site: Site;
  /** From the middle of the earth; undefined where nobody knows. */
  readonly direction: Direction | undefined;
  /** By id. */
  readonly boxes: readonly GroundBox[];
}

export interface GroundBox {
  readonly appliance: Appliance;
  readonly hash: readonly [number, number];
}

export interface Ground {
  /** By site id. */
  readonly sites: ReadonlyMap<string, GroundSite>;
  readonly exchanges: readonly GroundSite[];
  /** All appliances. */
  readonly boxes: number;
  /** Appliances whose site is not known. */
  readonly homeless: readonly Appliance[];
}

export function groundOf(sites: readonly Site[], appliances: readonly Appliance[]): Ground {
  const boxes = new Map<string, GroundBox[]>(sites.map(({ id }) => [id, []]));
  const homeless: Appliance[] = [];
  for (const appliance of appliances.toSorted((a, b) => byText(a.id, b.id))) {
    const home = boxes.get(appliance.siteId);
    if (home === undefined) homeless.push(appliance);
    else home.push({ appliance, hash: hash64(appliance.id) });
  }
  const standing = sites
    .toSorted((a, b) => byText(a.id, b.id))
    .map((site) => ({
      site,
      direction: site.location && directionOf(site.location),
      boxes: boxes.get(site.id) ?? [],
    }));
  return {
    sites: new Map(standing.map((one) => [`${one.site.id}`, one])),
    exchanges: standing.filter(({ site }) => site.kind === "exchange"),
    boxes: appliances.length,
    homeless,
  };
}

/** Unknown when either end is. */
export function distanceTo(site: GroundSite, viewer: GeoPoint | undefined): Kilometres | undefined {
  if (viewer === undefined || site.direction === undefined) return undefined;
  return kilometres(chordKilometres(directionOf(viewer), site.direction));
}

export function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
