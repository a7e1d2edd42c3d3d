// Lints over the routes that the sites hear, with what the topology knows of servers and places.
import { readAddress, writePrefix } from "#bgp/address.ts";
import { type Lint, lintRoutes } from "#bgp/lint.ts";
import type { Nearness } from "#bgp/lint-nesting.ts";
import type { HeardRoute } from "#bgp/lint-view.ts";
import { exampleWords, lintWords } from "#bgp/lint-words.ts";
import { prefixOfKey } from "#bgp/prefix-key.ts";
import { lookup } from "#bgp/route-table.ts";
import type { GeoPoint } from "#model/network.ts";
import { distance } from "#steer/distance.ts";
import type { OpsLints } from "#wire/lints.ts";
import type { RoutesFile } from "#wire/topology.ts";
import type { Network } from "./network.ts";
import type { FedAppliance } from "./route-reports.ts";

export interface LintFacts {
  readonly network: Network;
  readonly heard: readonly HeardRoute[];
  /** Of the same routes: finds the prefix that a viewpoint sits in. */
  readonly table: Parameters<typeof lookup>[0];
}

export function heardIn(file: RoutesFile): readonly HeardRoute[] {
  return file.routes.map(({ siteId, applianceId, prefix, asPath }) => ({
    siteId,
    serverId: applianceId,
    prefix,
    asPathLength: asPath.length,
  }));
}

/** The routes that appliances told; stale ones count, as they do in steering. Two neighbours of one server are one voice. */
export function heardFrom(fed: ReadonlyMap<string, FedAppliance>): readonly HeardRoute[] {
  const heard: HeardRoute[] = [];
  for (const [serverId, { siteId, feed }] of fed) {
    const shortest = new Map<string, number>();
    for (const { routes } of feed.sessions.values()) {
      for (const [key, { asPathLength }] of routes) {
        shortest.set(key, Math.min(asPathLength, shortest.get(key) ?? asPathLength));
      }
    }
    for (const [key, asPathLength] of shortest) {
      heard.push({ siteId, serverId, prefix: writePrefix(prefixOfKey(key)), asPathLength });
    }
  }
  return heard;
}

export function opsLintsOf(facts: LintFacts): OpsLints {
  const { network, heard } = facts;
  const boxes = [...network.appliances.values()];
  const sites = network.sites.map(({ id, kind }) => ({
    id,
    kind,
    serverIds: boxes.filter((box) => box.siteId === id).map((box) => box.id),
  }));
  const { lints, unread, ...counts } = lintRoutes({ sites, routes: heard, nearness: nearnessIn(facts) });
  return {
    ...counts,
    tooMany: false,
    unread: { count: unread.count, examples: [...unread.examples] },
    lints: lints.map((lint) => ({
      kind: lint.kind,
      siteId: lint.siteId,
      count: countOf(lint),
      ...lintWords(lint),
      examples: [...exampleWords(lint)],
    })),
  };
}

/** In place of lints, where looking over so many routes would keep everybody waiting. */
export function tooManyFor(network: Network, routes: number): OpsLints {
  const unread = { count: 0, examples: [] };
  const counts = { sites: network.sites.length, prefixes: 0, routes };
  return { ...counts, lints: [], leftOut: 0, unread, uncompared: 0, tooMany: true };
}

function countOf(lint: Lint): number {
  return lint.kind === "hears-nothing" ? 0 : lint.count;
}

/** Viewers of a prefix are where the viewpoint in it is. Two viewpoints at different places tell nothing. */
function nearnessIn({ network, table }: LintFacts): Nearness {
  const places = new Map<string, GeoPoint | undefined>();
  for (const { address: text, location } of network.viewpoints.values()) {
    const reading = readAddress(text);
    const prefix = reading.kind === "address" ? lookup(table, reading.address)[0]?.prefix : undefined;
    if (prefix === undefined || location === undefined) continue;
    const isElsewhere = places.has(prefix) && distance(places.get(prefix), location) !== 0;
    places.set(prefix, isElsewhere ? undefined : location);
  }
  const sites = new Map(network.sites.map(({ id, location }) => [`${id}`, location]));
  return (prefix) => {
    const place = places.get(prefix);
    return place === undefined ? undefined : (siteId) => distance(place, sites.get(siteId));
  };
}
