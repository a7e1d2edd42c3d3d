// What control knows of each appliance's routes, for the operator.
import type { FeedState, RouteFeed } from "#bgp/route-feed.ts";
import type { OpsRoutes } from "#wire/routes.ts";
import type { PlacedAppliance } from "./network.ts";

/** One appliance's feed, and when it spoke. */
export interface FedAppliance {
  readonly feed: RouteFeed;
  readonly siteId: string;
  /** Monotonic clock. */
  readonly heardMs: number | undefined;
  /** Wall clock. */
  readonly resyncAtMs: number | undefined;
  readonly resyncs: number;
}

export function opsRoutesOf(order: {
  readonly appliances: Iterable<PlacedAppliance>;
  readonly fed: ReadonlyMap<string, FedAppliance>;
  readonly leaseMs: number;
  readonly nowMs: number;
}): OpsRoutes {
  const appliances = [...order.appliances].map(({ id, siteId }) => {
    const fed = order.fed.get(id);
    const state = fed?.feed.state ?? "none";
    const sessions = [...(fed?.feed.sessions ?? [])].map(([session, { state: word, routes }]) => ({
      id: session,
      state: word,
      prefixes: routes.counts,
    }));
    const sum = (pick: "v4" | "v6"): number =>
      sessions.reduce((all, { prefixes }) => all + prefixes[pick], 0);
    const stale = sessions.filter((session) => session.state === "stale");
    return {
      ...{ id, siteId, state, because: words[state], sessions },
      stream: fed?.feed.position?.stream ?? null,
      seq: fed?.feed.position?.seq ?? null,
      prefixes: { v4: sum("v4"), v6: sum("v6") },
      stalePrefixes: stale.reduce((all, { prefixes }) => all + prefixes.v4 + prefixes.v6, 0),
      silentMs: fed?.heardMs === undefined ? null : Math.max(0, order.nowMs - fed.heardMs),
      leaseMs: order.leaseMs,
      lastResyncAtMs: fed?.resyncAtMs ?? null,
      resyncs: fed?.resyncs ?? 0,
    };
  });
  return { appliances, waitingFor: waitingFor(order.fed) };
}

/** Appliances that hear routes of which nothing is known yet: their sites are ranked by what else is known. */
export function waitingFor(fed: ReadonlyMap<string, FedAppliance>): number {
  return [...fed.values()].filter(({ feed }) => feed.state === "waiting").length;
}

const words: Readonly<Record<FeedState, string>> = {
  none: "It never said that it hears routes; its site is ranked by the routes file and what its neighbours there hear.",
  waiting: "It hears routes and has not told them yet; until then its site is ranked as if it heard none.",
  recalled:
    "What counts is what it told before this control plane started; it is being asked for everything anew.",
  behind: "What counts was true a moment ago; it is being asked for everything anew.",
  live: "What counts is what it hears.",
};
