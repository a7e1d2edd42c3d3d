// What a router or a collector passes on of its neighbours (BMP, MRT): one table per neighbour, one voice per site, the
// same events as from sessions of our own.
import type { RouteEvent } from "#model/network.ts";
import type { SiteId } from "#units/id.ts";
import { writeAddress } from "./address.ts";
import { type AdjRibIn, adjRibIn, changeTerms, hearRoute, hearUpdate, sweepFamily } from "./adj-rib-in.ts";
import { type Family, families } from "./family.ts";
import type { RouteFilter } from "./filter.ts";
import { headerLength, u16, u32, updateType } from "./message.ts";
import { type HeardPrefix, heardPrefix, type PrefixRun, prefixValue } from "./nlri.ts";
import { routeEvent } from "./site-routes.ts";
import type { UpdateTerms } from "./update.ts";

export interface CollectedOrder {
  readonly siteId: SiteId;
  readonly filter: RouteFilter;
  /** See `adjRibIn`. */
  readonly seed: number;
  /** Told what the site has to say of each prefix that changed. */
  readonly told?: (event: RouteEvent) => void;
  /** Told of each prefix of which a neighbour's paths changed; the prefix is only good during the call. */
  readonly heard?: (peer: string, heard: HeardPrefix) => void;
  /** A neighbour has said all of a family. */
  readonly complete?: (peer: string, family: Family) => void;
  /** Which neighbours count, by address; all when left out. */
  readonly wants?: (address: string) => boolean;
}

export interface Collected {
  readonly order: CollectedOrder;
  readonly site: { readonly siteId: SiteId; readonly ribs: AdjRibIn[] };
  readonly byPeer: Map<string, AdjRibIn>;
  readonly changed: (heard: HeardPrefix) => void;
  /** The neighbour whose words are read right now. */
  speaking: string;
  readonly counts: CollectedCounts;
}

export interface CollectedCounts {
  /** Messages that are read and taken. */
  taken: number;
  /** Of kinds, families or neighbours that are not wanted. */
  passedOver: number;
  /** Not to be read; the stream goes on, since its records say their own length. */
  broken: number;
}

/** What both formats pass on reads alike: AS numbers of four octets, seen from inside the AS. */
export const collectedTerms: UpdateTerms = { asOctets: 4, isExternal: false, families: [4, 6], addPath: [] };

const dumpTerms: UpdateTerms = { ...collectedTerms, areFlagsLoose: true };

export function collected(order: CollectedOrder): Collected {
  const site = { siteId: order.siteId, ribs: [] };
  const self: Collected = {
    order,
    site,
    byPeer: new Map(),
    changed: (heard) => {
      order.heard?.(self.speaking, heard);
      order.told?.(routeEvent(site, heard));
    },
    speaking: "",
    counts: { taken: 0, passedOver: 0, broken: 0 },
  };
  return self;
}

/** A BGP message, header included, that a neighbour sent; only UPDATE messages matter. */
export function collectMessage(
  self: Collected,
  peer: string,
  terms: UpdateTerms,
  bytes: Uint8Array,
  start: number,
  end: number,
): void {
  if (end - start < headerLength || u16(bytes, start + 16) !== end - start) {
    self.counts.broken += 1;
    return;
  }
  if (bytes[start + 18] !== updateType) {
    self.counts.passedOver += 1;
    return;
  }
  // The header's own least for an UPDATE.
  if (end - start < headerLength + 4) {
    self.counts.broken += 1;
    return;
  }
  const rib = tableOf(self, peer, terms);
  const heard = hearUpdate(rib, bytes, start, end, self.changed);
  self.counts[heard.kind === "broken" ? "broken" : "taken"] += 1;
  if (heard.kind === "heard" && heard.endOfRib !== undefined) self.order.complete?.(peer, heard.endOfRib);
}

/** One route of a dump. */
export function collectRoute(
  self: Collected,
  peer: string,
  run: PrefixRun,
  attributes: { readonly start: number; readonly end: number },
): void {
  const rib = tableOf(self, peer, dumpTerms);
  const heard = hearRoute(rib, run, attributes.start, attributes.end, self.changed);
  self.counts[heard.kind === "broken" ? "broken" : "taken"] += 1;
}

/** A neighbour is gone, with all it said. */
export function forgetPeer(self: Collected, peer: string): void {
  const rib = self.byPeer.get(peer);
  if (rib === undefined) return;
  self.speaking = peer;
  for (const family of families) sweepFamily(rib, family, "all", self.changed);
  self.byPeer.delete(peer);
  self.site.ribs.splice(self.site.ribs.indexOf(rib), 1);
}

/** The stream ended: nothing it said can be relied on any more. */
export function forgetAll(self: Collected): void {
  for (const peer of [...self.byPeer.keys()]) forgetPeer(self, peer);
}

function tableOf(self: Collected, peer: string, terms: UpdateTerms): AdjRibIn {
  self.speaking = peer;
  const known = self.byPeer.get(peer);
  if (known !== undefined) {
    changeTerms(known, terms, self.changed);
    return known;
  }
  const rib = adjRibIn(terms, self.order.filter, self.order.seed);
  self.byPeer.set(peer, rib);
  self.site.ribs.push(rib);
  return rib;
}

/** The address at `at`, as text. */
export function addressAt(bytes: Uint8Array, at: number, family: 4 | 6): string {
  const heard = heardPrefix();
  heard.family = family;
  for (let w = 0; w < (family === 4 ? 1 : 4); w++) heard.words[w] = u32(bytes, at + 4 * w);
  heard.length = family === 4 ? 32 : 128;
  return writeAddress(prefixValue(heard));
}
