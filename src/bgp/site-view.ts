// What a site hears: of each prefix the best route that any of its contributors has, a session of one of its appliances or
// the routes file. What changes comes out as events, one prefix at a time, for whoever makes the table.
import type { RouteEvent } from "#model/network.ts";
import type { HeardRoute } from "#model/route-feed.ts";
import type { SiteId } from "#units/id.ts";
import { writePrefix } from "./address.ts";
import type { HeardRoutes } from "./heard-routes.ts";
import { type PrefixKey, prefixOfKey } from "./prefix-key.ts";

/**
 * Work in slices: whoever drives it may rest between two steps, but lets nothing else change the site meanwhile, and
 * shows nobody a table before the end. A step without an event changed nothing that shows.
 */
export type SiteSteps = Generator<RouteEvent | undefined, void>;

export class SiteView {
  readonly siteId: SiteId;
  private readonly contributors = new Set<HeardRoutes>();

  constructor(siteId: SiteId) {
    this.siteId = siteId;
  }

  /** The better of all that its contributors have. */
  best(key: PrefixKey): HeardRoute | undefined {
    let best: HeardRoute | undefined;
    for (const routes of this.contributors) best = better(best, routes.get(key));
    return best;
  }

  /** Everything that shows, as announced anew. */
  *all(): SiteSteps {
    const told = new Set<PrefixKey>();
    for (const routes of this.contributors) {
      for (const [key] of routes) {
        if (told.has(key)) continue;
        told.add(key);
        yield this.said(key, undefined, this.best(key));
      }
    }
  }

  /** What is to be said of a prefix, as told anew, while some contributors do not count. */
  voice(key: PrefixKey, except: ReadonlySet<HeardRoutes>): RouteEvent {
    let best: HeardRoute | undefined;
    for (const routes of this.contributors) if (!except.has(routes)) best = better(best, routes.get(key));
    return this.event(key, best);
  }

  /** One contributor in the place of another; undefined for none. */
  *replace(before: HeardRoutes | undefined, after: HeardRoutes | undefined): SiteSteps {
    const bestOfOthers = (key: PrefixKey): HeardRoute | undefined => {
      let best: HeardRoute | undefined;
      for (const routes of this.contributors) if (routes !== before) best = better(best, routes.get(key));
      return best;
    };
    for (const [key, route] of after ?? []) {
      const others = bestOfOthers(key);
      yield this.said(key, better(others, before?.get(key)), better(others, route));
    }
    for (const [key, route] of before ?? []) {
      if (after?.has(key) === true) continue;
      const others = bestOfOthers(key);
      yield this.said(key, better(others, route), others);
    }
    if (before !== undefined) this.contributors.delete(before);
    if (after !== undefined) this.contributors.add(after);
  }

  /** One route of a contributor set, or taken away. */
  change(routes: HeardRoutes, key: PrefixKey, route: HeardRoute | undefined): RouteEvent | undefined {
    const before = this.best(key);
    if (route === undefined) routes.delete(key);
    else routes.set(key, route);
    return this.said(key, before, this.best(key));
  }

  private said(
    key: PrefixKey,
    before: HeardRoute | undefined,
    after: HeardRoute | undefined,
  ): RouteEvent | undefined {
    return isSame(before, after) ? undefined : this.event(key, after);
  }

  private event(key: PrefixKey, route: HeardRoute | undefined): RouteEvent {
    const { siteId } = this;
    const prefix = writePrefix(prefixOfKey(key));
    if (route === undefined) return { kind: "withdraw", siteId, prefix };
    return { kind: "announce", route: { siteId, prefix, asPath: pathOf(route), med: route.med } };
  }
}

/** Shortest AS path, then lowest MED, then lowest neighbour, so that the order of contributors makes no difference. */
function better(a: HeardRoute | undefined, b: HeardRoute | undefined): HeardRoute | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  const apart = a.asPathLength - b.asPathLength || a.med - b.med || a.neighbourAs - b.neighbourAs;
  return apart <= 0 ? a : b;
}

export function isSame(a: HeardRoute | undefined, b: HeardRoute | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.asPathLength === b.asPathLength && a.med === b.med && a.neighbourAs === b.neighbourAs;
}

/** Appliances tell of a path its length and its first AS; the others stand as 0, the AS that is nobody's (RFC 7607). */
function pathOf({ asPathLength, neighbourAs }: HeardRoute): readonly number[] {
  if (asPathLength === 0) return [];
  const path = new Array<number>(asPathLength).fill(0);
  path[0] = neighbourAs;
  return path;
}
