// What a site heard, over all its sessions: several routers of one provider, or one session per family, are one voice.
// A route is gone only when no session has it.
import type { Route, RouteEvent } from "#model/network.ts";
import type { SiteId } from "#units/id.ts";
import { writePrefix } from "./address.ts";
import { type AdjRibIn, bestSet } from "./adj-rib-in.ts";
import { hopsOf } from "./attribute-store.ts";
import { families } from "./family.ts";
import { type HeardPrefix, heardPrefix, prefixValue } from "./nlri.ts";
import { eachEntry, eachPath } from "./prefix-table.ts";

export interface SiteRibs {
  readonly siteId: SiteId;
  /** In the order of configuration, which decides between equals. */
  readonly ribs: readonly AdjRibIn[];
}

interface Best {
  readonly rib: AdjRibIn;
  readonly set: number;
}

/** What the site has to say of a prefix now. */
export function routeEvent(site: SiteRibs, heard: HeardPrefix): RouteEvent {
  const best = bestOf(site, heard);
  const prefix = prefixText(heard);
  if (best === undefined) return { kind: "withdraw", siteId: site.siteId, prefix };
  return { kind: "announce", route: routeOf(site, prefix, best) };
}

/** Every route of the site, one per prefix. Nothing may be heard while this is read. */
export function eachRoute(site: SiteRibs, visit: (route: Route) => void): void {
  const scratch = heardPrefix();
  for (const rib of site.ribs) {
    for (const family of families) {
      eachEntry(rib.tables[family], scratch, (heard, set) => {
        const best = bestOf(site, heard);
        if (best?.rib !== rib || best.set !== set || !isFirst(rib, heard, set)) return;
        visit(routeOf(site, prefixText(heard), best));
      });
    }
  }
}

function routeOf({ siteId }: SiteRibs, prefix: string, { rib, set }: Best): Route {
  return { siteId, prefix, asPath: hopsOf(rib.sets, set), med: rib.sets.meds[set] ?? 0 };
}

/** Shortest path, then lowest MED, then the session that is named first. */
function bestOf(site: SiteRibs, heard: HeardPrefix): Best | undefined {
  let best: Best | undefined;
  for (const rib of site.ribs) {
    const set = bestSet(rib, heard);
    if (set !== undefined && (best === undefined || isBetter(rib, set, best))) best = { rib, set };
  }
  return best;
}

function isBetter(rib: AdjRibIn, set: number, best: Best): boolean {
  const lengths = (rib.sets.pathLengths[set] ?? 0) - (best.rib.sets.pathLengths[best.set] ?? 0);
  return (lengths || (rib.sets.meds[set] ?? 0) - (best.rib.sets.meds[best.set] ?? 0)) < 0;
}

/** Of paths with the same attributes, the one of the lowest path id speaks for all. */
function isFirst(rib: AdjRibIn, heard: HeardPrefix, set: number): boolean {
  const table = rib.tables[heard.family];
  if (table.pathIds === undefined) return true;
  let isLowest = true;
  eachPath(table, heard, (other, pathId) => {
    if (other === set && pathId < heard.pathId) isLowest = false;
  });
  return isLowest;
}

/** A full table is a million of these: IPv4 does without the detour over big numbers. */
function prefixText(heard: HeardPrefix): string {
  if (heard.family === 6) return writePrefix(prefixValue(heard));
  const word = heard.words[0] ?? 0;
  return `${word >>> 24}.${(word >>> 16) & 255}.${(word >>> 8) & 255}.${word & 255}/${heard.length}`;
}
