// Dumps of tables as a source of routes: read once, and again whenever another file takes the name.
import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { setTimeout as rest } from "node:timers/promises";
import { staleFamily, sweepFamily } from "#bgp/adj-rib-in.ts";
import { forgetPeer } from "#bgp/collected.ts";
import type { DumpPlan } from "#bgp/collector-plan.ts";
import { families } from "#bgp/family.ts";
import { feedFaults } from "#bgp/feed-faults.ts";
import { type MrtReader, mrtReader } from "#bgp/mrt.ts";
import type { Log } from "#io/log.ts";
import { Fault } from "#units/fault.ts";
import { checkMrt, openMrt, readMrt } from "./mrt-file.ts";
import type { HeardSpeaker, SpeakerSource } from "./speaker-source.ts";

export interface DumpOrder {
  readonly plan: DumpPlan;
  readonly log: Log;
  /** Uniform in [0, 1). */
  readonly chance: () => number;
  /** Of who tells the routes on; sessions are named by file and neighbour. */
  readonly hooks: SpeakerSource["hooks"];
  readonly signal: AbortSignal;
}

export interface FollowedDump extends HeardSpeaker {
  /** Resolves when the signal has ended. */
  readonly ended: Promise<void>;
}

/** Between two looks at the file, ms. */
const lookMs = 1000;
/** A full table of three neighbours; what is held of one path takes some 20 octets. */
const mostPaths = 4_000_000;
/** A message of routes to control names 256 sessions at most, and BGP neighbours are among them. */
const mostNeighbours = 192;

export function followDump(order: DumpOrder): FollowedDump {
  const dump = new Dump(order);
  return {
    peers: () => dump.peers(),
    rib: (session) => dump.rib(session),
    ended: follow(order, dump),
  };
}

async function follow({ plan, log, signal }: DumpOrder, dump: Dump): Promise<void> {
  let seen = "";
  let complaint = "";
  while (!signal.aborted) {
    try {
      const { mtimeMs, size, ino } = await stat(plan.file);
      const mark = `${mtimeMs} ${size} ${ino}`;
      if (mark !== seen) {
        seen = mark;
        await dump.read();
        complaint = "";
      }
    } catch (error) {
      const because = error instanceof Error ? error.message : String(error);
      const fault = new Fault(feedFaults.dumpUnreadable, { path: plan.file, because }, error);
      if (because !== complaint) log.error(fault.facts, fault.message);
      complaint = because;
    }
    await rest(lookMs, undefined, { signal }).catch(() => undefined);
  }
}

class Dump {
  private readonly order: DumpOrder;
  private readonly reader: MrtReader;
  private readonly sessions = new Map<string, string>();
  private isRead = false;

  constructor(order: DumpOrder) {
    this.order = order;
    const { site, filter } = order.plan;
    this.reader = mrtReader({
      ...{ siteId: site, filter, seed: Math.floor(order.chance() * 2 ** 32) },
      ...this.wants(),
      heard: (neighbour, heard) => {
        this.sessions.set(this.nameOf(neighbour), neighbour);
        order.hooks.onHeard(this.nameOf(neighbour), heard);
      },
    });
  }

  /** Looks through the whole file before anything of it counts: one that was cut off changes nothing. */
  async read(): Promise<void> {
    const { plan, log } = this.order;
    const file = await openMrt(plan.file);
    try {
      const found = await checkMrt(file, { siteId: plan.site, filter: plan.filter, ...this.wants() });
      if (found.paths > mostPaths || found.neighbours > mostNeighbours) {
        throw new Error(
          `${found.paths} paths of ${found.neighbours} neighbours; at most ${mostPaths} of ${mostNeighbours} are taken: name those that count (neighbours)`,
        );
      }
      await this.take(file);
      log.info({ path: plan.file, ...found }, `the routes of ${plan.file} are taken`);
    } finally {
      await file.close();
    }
    this.isRead = true;
    this.settle();
  }

  peers(): ReturnType<HeardSpeaker["peers"]> {
    if (!this.isRead) return [{ address: this.order.plan.file, state: "Idle", complete: [] }];
    return [...this.sessions.keys()].map((address) => ({
      ...{ address, state: "Established" as const, complete: families },
    }));
  }

  rib(session: string): ReturnType<HeardSpeaker["rib"]> {
    return this.reader.collected.byPeer.get(this.sessions.get(session) ?? "");
  }

  private async take(file: Awaited<ReturnType<typeof openMrt>>): Promise<void> {
    const { collected } = this.reader;
    for (const rib of collected.byPeer.values()) for (const family of families) staleFamily(rib, family);
    await readMrt(file, this.reader);
    for (const [neighbour, rib] of [...collected.byPeer]) {
      collected.speaking = neighbour;
      for (const family of families) sweepFamily(rib, family, "stale", collected.changed);
      const isEmpty = families.every((family) => rib.tables[family].count === 0);
      if (isEmpty) forgetPeer(collected, neighbour);
    }
  }

  private settle(): void {
    const { hooks, plan } = this.order;
    for (const [session, neighbour] of [...this.sessions]) {
      if (!this.reader.collected.byPeer.has(neighbour)) this.sessions.delete(session);
      hooks.onTurn(session);
    }
    hooks.onComplete(plan.file, 4);
  }

  private wants(): { readonly wants?: (address: string) => boolean } {
    const { neighbours } = this.order.plan;
    return neighbours === undefined ? {} : { wants: (address) => neighbours.has(address) };
  }

  private nameOf(neighbour: string): string {
    return `${basename(this.order.plan.file)} ${neighbour.replace(" ", " AS")}`;
  }
}
