// Lints over what the sites hear: what an operator should ask a neighbour about, since no single route shows it.
//
// Steering puts the longest prefix first, so a /24 that one far site hears takes viewers from all that hear the /22 around it;
// servers of a site that hear different prefixes send each other's viewers away; and a network that only an embedded site hears
// has nowhere to go when that site is down. Source: Open Connect, "Managing traffic imbalances" and "Troubleshooting BGP route
// announcements using Route Optimizer reports"; RFC 7454 §6 for what should not be heard at all.
import type { Family } from "./family.ts";
import { acceptedLengths, type LengthLimits } from "./filter.ts";
import { type Nearness, nestingLints } from "./lint-nesting.ts";
import { serverLints } from "./lint-servers.ts";
import { unacceptableLints } from "./lint-unacceptable.ts";
import { type HeardRoute, type LintSite, type Unread, viewOf } from "./lint-view.ts";

export type Lint =
  /** A server does not hear what others of its site hear; all of it when its session is down. */
  | {
      readonly kind: "servers-differ";
      readonly siteId: string;
      readonly serverId: string;
      readonly family: Family;
      /** Prefixes it does not hear, of so many that its site hears. */
      readonly count: number;
      readonly of: number;
      readonly examples: readonly string[];
    }
  /** A site wins viewers by a longer prefix although another one is nearer to them. */
  | {
      readonly kind: "far-more-specific";
      readonly siteId: string;
      readonly nearerSiteId: string;
      readonly by: "distance" | "as-path";
      readonly count: number;
      readonly examples: readonly FarExample[];
    }
  /** An embedded site alone hears these: no exchange site hears them or anything around them. */
  | {
      readonly kind: "no-backup";
      readonly siteId: string;
      readonly family: Family;
      readonly count: number;
      readonly of: number;
      readonly examples: readonly string[];
    }
  | {
      readonly kind: "unacceptable";
      readonly siteId: string;
      readonly what: "default-route" | "special" | "too-short" | "too-long";
      readonly count: number;
      /** Of special networks with what they are for. */
      readonly examples: readonly string[];
    }
  | { readonly kind: "hears-nothing"; readonly siteId: string };

export interface FarExample {
  readonly prefix: string;
  /** What the nearer site hears around it. */
  readonly covering: string;
  /** In km, or in AS hops. */
  readonly far: number;
  readonly near: number;
}

export interface LintOrder {
  readonly sites: readonly LintSite[];
  readonly routes: Iterable<HeardRoute>;
  /** Where geography knows the viewers of a prefix; without it AS paths tell near from far. */
  readonly nearness?: Nearness | undefined;
  readonly lengths?: Readonly<Record<Family, LengthLimits>>;
}

export interface RouteLints {
  readonly sites: number;
  readonly prefixes: number;
  readonly routes: number;
  /** Most prefixes first within a kind. */
  readonly lints: readonly Lint[];
  /** More than are listed. */
  readonly leftOut: number;
  /** Routes that name no site that is known, or no prefix. */
  readonly unread: Unread;
  /** Prefixes that geography knows and that were not compared, because there were too many pairs. */
  readonly uncompared: number;
}

const mostLints = 200;

/** Takes n log n in the routes, and for nested prefixes as many steps as they have rows around them. */
export function lintRoutes(order: LintOrder): RouteLints {
  const view = viewOf(order.sites, order.routes);
  const nesting = nestingLints(view, order.nearness);
  const lints = [
    ...silentSites(view.heard, order.sites),
    ...serverLints(view),
    ...nesting.lints,
    ...unacceptableLints(view, order.lengths ?? acceptedLengths),
  ];
  return {
    sites: order.sites.length,
    prefixes: view.count,
    routes: view.routes,
    lints: lints.slice(0, mostLints),
    leftOut: Math.max(0, lints.length - mostLints),
    unread: view.unread,
    uncompared: nesting.uncompared,
  };
}

function silentSites(heard: Float64Array, sites: readonly LintSite[]): readonly Lint[] {
  return sites.filter((_, i) => heard[i] === 0).map(({ id }) => ({ kind: "hears-nothing", siteId: id }));
}
