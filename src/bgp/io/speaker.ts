// The listener: one TCP port for all neighbours, a session with each, and the routes of every site as a snapshot and as
// a stream of events.
import { createServer, type Server, type Socket } from "node:net";
import type { AdjRibIn } from "#bgp/adj-rib-in.ts";
import { bgpFaults } from "#bgp/faults.ts";
import { protocolError } from "#bgp/message.ts";
import type { HeardPrefix } from "#bgp/nlri.ts";
import { ceaseCode, ceaseRejected, ceaseShutdown, writeNotification } from "#bgp/notification.ts";
import { type PeerPlan, peerKey } from "#bgp/peer-plan.ts";
import { eachRoute, routeEvent, type SiteRibs } from "#bgp/site-routes.ts";
import type { Log } from "#io/log.ts";
import type { Route, RouteEvent } from "#model/network.ts";
import type { Clock } from "#units/clock.ts";
import { Fault } from "#units/fault.ts";
import type { SiteId } from "#units/id.ts";
import { type EventOutlet, eventOutlet, type TakeEvents } from "./event-outlet.ts";
import { openPeer, type Peer, type PeerStatus } from "./peer.ts";

export interface SpeakerOrder {
  readonly peers: readonly PeerPlan[];
  /** Port 0: any. Undefined: nobody may connect. */
  readonly listen: { readonly host: string; readonly port: number } | undefined;
  readonly log: Log;
  readonly clock: Clock;
  /** Uniform in [0, 1): spreads the slots of tables, so that no neighbour can choose them. */
  readonly chance: () => number;
  /** Told of every change, in order. While its promise is pending, the neighbours wait. */
  readonly onEvents?: TakeEvents;
  readonly onComplete?: (address: string, family: 4 | 6) => void;
  /** Told of each prefix of which a neighbour's paths changed; the prefix is only good during the call. */
  readonly onHeard?: (address: string, heard: HeardPrefix) => void;
  /** Told after whatever may have changed a session. */
  readonly onTurn?: (address: string) => void;
}

export interface Speaker {
  /** 0 when nothing is listened to. */
  readonly port: number;
  /** Connections from addresses that nobody configured. */
  strangers(): number;
  peers(): readonly PeerStatus[];
  /** What a neighbour announced; undefined for who is none. */
  rib(address: string): AdjRibIn | undefined;
  /** Shows every route of a site as it is now. */
  routes(site: SiteId, visit: (route: Route) => void): void;
  askAgain(address: string): void;
  /** Ends one session with the operator's sentence; `start` brings it back. */
  stop(address: string, sentence: string): void;
  start(address: string): void;
  /** Says good-bye to all, and resolves when every event was taken. */
  close(sentence: string): Promise<void>;
}

const strangerMs = 1000;
const farewellMs = 250;
/** How long who takes the events may take for the last of them. */
const settleMs = 5000;

/** @throws Fault bgp-listen-failed */
export async function openSpeaker(order: SpeakerOrder): Promise<Speaker> {
  const { onEvents, log } = order;
  const sites = new Map<SiteId, { readonly siteId: SiteId; readonly ribs: Peer["rib"][] }>();
  const outlet: EventOutlet | undefined =
    onEvents &&
    eventOutlet({
      take: onEvents,
      pause: () => {
        for (const peer of peers.values()) peer.pause();
      },
      resume: () => {
        for (const peer of peers.values()) peer.resume();
      },
      failed: (err) => log.error({ err }, "route events could not be taken"),
    });
  const peers = new Map<string, Peer>();
  for (const plan of order.peers) {
    const site = sites.get(plan.site) ?? { siteId: plan.site, ribs: [] };
    sites.set(plan.site, site);
    const peer = peerOf(order, plan, site, outlet);
    site.ribs.push(peer.rib);
    peers.set(plan.address, peer);
  }
  let strangers = 0;
  const server = await listening(order, (socket) => {
    const peer = peers.get(peerKey(socket.remoteAddress));
    if (peer !== undefined) {
      peer.accept(socket);
      return;
    }
    strangers += 1;
    turnAway(socket);
    // At the 1st, 2nd, 4th, 8th: who knocks all day is not to fill the log.
    if ((strangers & (strangers - 1)) !== 0) return;
    const facts = { address: socket.remoteAddress, strangers };
    log.warn(facts, "a BGP connection from an address that is no neighbour's");
  });
  for (const peer of peers.values()) peer.start();
  const found = (address: string): Peer | undefined => peers.get(peerKey(address));
  return {
    port: portOf(server),
    strangers: () => strangers,
    peers: () => [...peers.values()].map((peer) => peer.status()),
    rib: (address) => found(address)?.rib,
    routes: (site, visit) => eachRoute(sites.get(site) ?? { siteId: site, ribs: [] }, visit),
    askAgain: (address) => found(address)?.askAgain(),
    stop: (address, sentence) => found(address)?.stop(ceaseShutdown, sentence),
    start: (address) => found(address)?.start(),
    close: (sentence) => close(sentence, server, [...peers.values()], outlet),
  };
}

function peerOf(order: SpeakerOrder, plan: PeerPlan, site: SiteRibs, outlet: EventOutlet | undefined): Peer {
  const told = (event: RouteEvent): void => outlet?.add(event);
  return openPeer({
    plan,
    seed: Math.floor(order.chance() * 2 ** 32),
    clock: order.clock,
    log: order.log,
    changed: (heard: HeardPrefix) => {
      if (outlet !== undefined) told(routeEvent(site, heard));
      order.onHeard?.(plan.address, heard);
    },
    after: () => {
      outlet?.flush();
      order.onTurn?.(plan.address);
    },
    complete: (family) => {
      outlet?.flush();
      order.onComplete?.(plan.address, family);
    },
  });
}

/** A stranger is told so, and does not stay. */
function turnAway(socket: Socket): void {
  socket.on("error", () => socket.destroy());
  socket.resume();
  socket.end(writeNotification(protocolError(ceaseCode, ceaseRejected, "not a neighbour")));
  setTimeout(() => socket.destroy(), strangerMs).unref();
}

async function listening(order: SpeakerOrder, accept: (socket: Socket) => void): Promise<Server | undefined> {
  const { listen } = order;
  if (listen === undefined) return undefined;
  const server = createServer(accept);
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => {
      const facts = { listen: `${listen.host} port ${listen.port}`, because: error.message };
      reject(new Fault(bgpFaults.listenFailed, facts, error));
    });
    server.listen({ ...listen, exclusive: true }, resolve);
  });
  server.on("error", (err) => order.log.error({ err }, "the BGP port has failed"));
  return server;
}

function portOf(server: Server | undefined): number {
  const address = server?.address();
  return address === null || address === undefined || typeof address === "string" ? 0 : address.port;
}

async function close(
  sentence: string,
  server: Server | undefined,
  peers: readonly Peer[],
  outlet: EventOutlet | undefined,
): Promise<void> {
  server?.close();
  for (const peer of peers) peer.stop(ceaseShutdown, sentence);
  await Promise.race([outlet?.settled(), new Promise((resolve) => setTimeout(resolve, settleMs).unref())]);
  // The last word is a few octets; who has not taken it by then will not.
  await new Promise((resolve) => setTimeout(resolve, farewellMs));
  for (const peer of peers) peer.destroy();
}
