// A BMP station: routers that export their sessions connect here. Source: RFC 7854 §3.2; nothing is ever sent.
import { createServer, type Socket } from "node:net";
import type { AdjRibIn } from "#bgp/adj-rib-in.ts";
import {
  type BmpRouter,
  bmpRouter,
  connectRouter,
  hearRouter,
  isWhole,
  loseRouter,
  neighboursOf,
  sweepRouter,
} from "#bgp/bmp-router.ts";
import type { RouterPlan } from "#bgp/collector-plan.ts";
import { families } from "#bgp/family.ts";
import { bgpFaults } from "#bgp/faults.ts";
import { peerKey } from "#bgp/peer-plan.ts";
import type { Log } from "#io/log.ts";
import { Fault } from "#units/fault.ts";
import type { HeardSpeaker, SpeakerSource } from "./speaker-source.ts";

export interface BmpListenerOrder {
  readonly routers: readonly RouterPlan[];
  /** Port 0: any. */
  readonly listen: { readonly host: string; readonly port: number };
  readonly log: Log;
  /** Uniform in [0, 1). */
  readonly chance: () => number;
  /** How long what a lost router said still counts. */
  readonly staleMs: number;
  /** Of who tells the routes on; sessions are named by router and neighbour. */
  readonly hooks: SpeakerSource["hooks"];
}

export interface BmpListener extends HeardSpeaker {
  readonly port: number;
  /** Connections from addresses that nobody configured. */
  strangers(): number;
  close(): Promise<void>;
}

/** A message of routes to control names 256 sessions at most, and BGP neighbours are among them. */
const mostNeighbours = 192;

/** @throws Fault bmp-listen-failed */
export async function openBmpListener(order: BmpListenerOrder): Promise<BmpListener> {
  const { listen, log } = order;
  const routers = new Map(order.routers.map((plan) => [plan.address, new Connections(order, plan)]));
  let strangers = 0;
  const server = createServer((socket) => {
    const router = routers.get(peerKey(socket.remoteAddress));
    if (router !== undefined) {
      router.accept(socket);
      return;
    }
    strangers += 1;
    socket.on("error", () => undefined).destroy();
    // At the 1st, 2nd, 4th, 8th: who knocks all day is not to fill the log.
    if ((strangers & (strangers - 1)) !== 0) return;
    const facts = { address: socket.remoteAddress, strangers };
    log.warn(facts, "a BMP connection from an address that is no router's");
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => {
      const facts = { listen: `${listen.host} port ${listen.port}`, because: error.message };
      reject(new Fault(bgpFaults.bmpListenFailed, facts, error));
    });
    server.listen({ ...listen, exclusive: true }, resolve);
  });
  server.on("error", (err) => log.error({ err }, "the BMP port has failed"));
  const address = server.address();
  return {
    port: address === null || typeof address === "string" ? 0 : address.port,
    strangers: () => strangers,
    peers: () => [...routers.values()].flatMap((router) => router.peers()),
    rib: (session) => routers.get(session.split(" ")[0] ?? "")?.rib(session),
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const router of routers.values()) router.close();
      await closed;
    },
  };
}

/** One router: its connection, and the time until what it said does not count any more. */
class Connections {
  private readonly router: BmpRouter;
  private readonly order: BmpListenerOrder;
  private socket: Socket | undefined;
  private timer: NodeJS.Timeout | undefined;
  /** Neighbours by session. */
  private readonly sessions = new Map<string, string>();

  constructor(order: BmpListenerOrder, plan: RouterPlan) {
    this.order = order;
    const seed = Math.floor(order.chance() * 2 ** 32);
    this.router = bmpRouter(plan, seed, (neighbour, heard) => {
      const session = this.nameOf(neighbour);
      if (!this.sessions.has(session)) {
        this.sessions.set(session, neighbour);
        order.hooks.onTurn(session);
      }
      order.hooks.onHeard(session, heard);
    });
  }

  /** The latest connection of a router counts: the one before may be one that it has forgotten. */
  accept(socket: Socket): void {
    this.socket?.destroy();
    this.socket = socket;
    socket.setKeepAlive(true, 30_000);
    connectRouter(this.router);
    this.log("info", "connected", "it begins to tell");
    this.settle();
    this.sweepLater();
    let because = "it closed the connection";
    socket.on("error", (error) => {
      because = error.message;
    });
    socket.on("data", (chunk) => {
      if (this.socket !== socket) return;
      const refused = this.hear(typeof chunk === "string" ? Buffer.from(chunk) : chunk);
      if (refused === undefined) return;
      because = refused;
      socket.destroy();
    });
    socket.on("close", () => {
      if (this.socket !== socket) return;
      this.socket = undefined;
      loseRouter(this.router);
      this.log("warn", "lost", because);
      this.settle();
      this.sweepLater();
    });
  }

  peers(): ReturnType<HeardSpeaker["peers"]> {
    if (this.sessions.size === 0) {
      // Waited for.
      return [{ address: this.router.plan.address, state: "Idle", complete: [] }];
    }
    return [...this.sessions].map(([address, neighbour]) => {
      const isTold = isWhole(this.router, neighbour);
      return { address, state: isTold ? "Established" : "Idle", complete: isTold ? families : [] };
    });
  }

  rib(session: string): AdjRibIn | undefined {
    return this.router.station.collected.byPeer.get(this.sessions.get(session) ?? "");
  }

  close(): void {
    const { socket } = this;
    this.socket = undefined;
    clearTimeout(this.timer);
    socket?.destroy();
  }

  private hear(chunk: Uint8Array): string | undefined {
    const refused = hearRouter(this.router, chunk);
    if (refused !== undefined) {
      this.settle();
      return refused;
    }
    this.settle();
    if (this.sessions.size <= mostNeighbours) return undefined;
    return `${this.sessions.size} neighbours; at most ${mostNeighbours} are taken: name those that count (neighbours), or ask for loc-rib`;
  }

  private sweepLater(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      sweepRouter(this.router);
      this.settle();
    }, this.order.staleMs).unref();
  }

  /** Tells who came, who went, and who has said all. */
  private settle(): void {
    const { hooks } = this.order;
    const now = new Map(neighboursOf(this.router).map((neighbour) => [this.nameOf(neighbour), neighbour]));
    const gone = [...this.sessions.keys()].filter((session) => !now.has(session));
    this.sessions.clear();
    for (const [session, neighbour] of now) this.sessions.set(session, neighbour);
    for (const session of [...gone, ...now.keys()]) hooks.onTurn(session);
    hooks.onComplete(this.router.plan.address, 4);
  }

  /** "0 198.51.100.1 64500" of router 192.0.2.1 is "192.0.2.1 198.51.100.1 AS64500"; what it chose, "192.0.2.1 loc-rib". */
  private nameOf(neighbour: string): string {
    const { address, view } = this.router.plan;
    const [, other, as] = neighbour.split(" ");
    return view === "loc-rib" ? `${address} loc-rib` : `${address} ${other} AS${as}`;
  }

  private log(level: "info" | "warn", event: string, because: string): void {
    const { address, site } = this.router.plan;
    this.order.log[level](
      { router: address, site, event, because },
      `BMP from ${address}: ${event}, ${because}`,
    );
  }
}
