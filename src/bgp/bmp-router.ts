// One router that exports BMP, over all its connections: which neighbours it has told of, how much of each, and what is
// stale since the connection was lost.
import { type AdjRibIn, countOf, staleFamily, sweepFamily } from "./adj-rib-in.ts";
import { livingOctets } from "./attribute-store.ts";
import { type BmpSession, type BmpStation, bmpStation, endBmp, hearBmp, reconnected } from "./bmp.ts";
import { type CollectedOrder, forgetPeer } from "./collected.ts";
import type { RouterPlan } from "./collector-plan.ts";
import { type Family, families } from "./family.ts";
import type { HeardPrefix } from "./nlri.ts";

/** Of path attributes that are kept, for each path that may be taken: some ten times what a full table has. */
const octetsPerPath = 256;
const leastOctets = 65_536;

export interface BmpRouter {
  readonly plan: RouterPlan;
  station: BmpStation;
  isConnected: boolean;
  /** Families that were said whole, by session of a neighbour. */
  readonly said: WeakMap<BmpSession, Set<Family>>;
}

/** `heard`: told of each prefix of a neighbour whose paths changed; it is only good during the call. */
export function bmpRouter(
  plan: RouterPlan,
  seed: number,
  heard: (neighbour: string, heard: HeardPrefix) => void,
): BmpRouter {
  const { neighbours } = plan;
  const order: CollectedOrder = {
    ...{ siteId: plan.site, filter: plan.filter, seed, heard },
    complete: (neighbour, family) => sayWhole(self, neighbour, family),
    ...(neighbours === undefined ? {} : { wants: (address) => neighbours.has(address) }),
  };
  const station = bmpStation(order, plan.view);
  const self: BmpRouter = { plan, station, isConnected: false, said: new WeakMap() };
  return self;
}

/** What was said over the connection before is doubtful until it is said again. */
export function connectRouter(self: BmpRouter): void {
  loseRouter(self);
  self.station = reconnected(self.station);
  self.isConnected = true;
}

export function loseRouter(self: BmpRouter): void {
  self.isConnected = false;
  for (const rib of self.station.collected.byPeer.values()) {
    for (const family of families) staleFamily(rib, family);
  }
}

/** Takes the next octets in; a sentence when no more is to be heard, after which all that the router said is gone. */
export function hearRouter(self: BmpRouter, chunk: Uint8Array): string | undefined {
  const because = hearBmp(self.station, chunk);
  if (because !== undefined) return because;
  const tooMuch = excessOf(self);
  if (tooMuch !== undefined) endBmp(self.station);
  return tooMuch;
}

function excessOf({ plan, station }: BmpRouter): string | undefined {
  const { mostPaths } = plan;
  let [paths, octets] = [0, 0];
  for (const rib of station.collected.byPeer.values()) {
    paths += countOf(rib, 4) + countOf(rib, 6);
    octets += livingOctets(rib.sets);
  }
  if (paths > mostPaths) return `${paths} paths; at most ${mostPaths} are taken (maxPaths)`;
  const mostOctets = Math.max(leastOctets, mostPaths * octetsPerPath);
  if (octets <= mostOctets) return undefined;
  return `${octets} octets of path attributes; at most ${mostOctets} are taken with ${mostPaths} paths (maxPaths)`;
}

/** Ends what is stale still, and who has nothing left and is not up. */
export function sweepRouter(self: BmpRouter): void {
  const { collected, sessions } = self.station;
  for (const [neighbour, rib] of [...collected.byPeer]) {
    collected.speaking = neighbour;
    for (const family of families) sweepFamily(rib, family, "stale", collected.changed);
    if (!sessions.has(neighbour) && isEmpty(rib)) forgetPeer(collected, neighbour);
  }
}

/** Everything that the router tells of: up, or stale. */
export function neighboursOf({ station }: BmpRouter): readonly string[] {
  return [...new Set([...station.sessions.keys(), ...station.collected.byPeer.keys()])];
}

/** Has the neighbour said all of every family that it agreed on? */
export function isWhole({ station, said }: BmpRouter, neighbour: string): boolean {
  const session = station.sessions.get(neighbour);
  if (session === undefined) return false;
  const whole = said.get(session);
  return session.families.every((family) => whole?.has(family) === true);
}

function sayWhole(self: BmpRouter, neighbour: string, family: Family): void {
  const { collected, sessions } = self.station;
  const session = sessions.get(neighbour);
  if (session !== undefined) self.said.set(session, (self.said.get(session) ?? new Set()).add(family));
  const rib = collected.byPeer.get(neighbour);
  if (rib !== undefined) sweepFamily(rib, family, "stale", collected.changed);
}

function isEmpty(rib: AdjRibIn): boolean {
  return families.every((family) => countOf(rib, family) === 0);
}
