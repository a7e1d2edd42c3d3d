// The cache of many programs: memcached, each key on two servers. Both are written; one is read, the other one too when
// the first takes long, has nothing, or is away.
import { createHash } from "node:crypto";
import { decodeEntry, encodeEntry, type KeptEntry } from "#data/cache-entry.ts";
import { admits, demandVersion } from "#data/cache-rule.ts";
import { type CacheServer, replicasAmong } from "#data/cache-servers.ts";
import { dataFaults } from "#data/faults.ts";
import { Hedge } from "#data/hedge.ts";
import { getCommand, type MetaReply, setHead } from "#data/meta-protocol.ts";
import type { Cache, CacheCall, CacheEntry, NewCacheEntry } from "#data/ports-cache.ts";
import type { Clock } from "#units/clock.ts";
import { Fault } from "#units/fault.ts";
import { Alarms } from "./alarms.ts";
import { type Answer, hedgedRead } from "./hedged-read.ts";
import { type CacheSettings, type Command, type Limit, MemcachedConnection } from "./memcached-connection.ts";

export interface MemcachedOrder {
  readonly servers: readonly CacheServer[];
  readonly namespace: string;
  readonly settings: CacheSettings;
  readonly clock: Clock;
  /** False: the second server is asked only when the first has nothing or is away. */
  readonly hedged?: boolean;
}

type Put = { readonly kind: "put" | "too-long" } | { readonly kind: "held"; readonly held: KeptEntry };

const none = new Uint8Array();
const tail = new TextEncoder().encode("\r\n");
const encoder = new TextEncoder();
/** memcached takes more seconds than these for a date. Source: doc/protocol.txt, "Expiration times". */
const mostSeconds = 30 * 24 * 3600;
/** Others that write the same key push a writer back once each at most; more of them than this is a loop. */
const mostTries = 100;
const plainKey = /^[\x21-\x7e]{1,180}$/;

export class MemcachedCache implements Cache {
  readonly #order: MemcachedOrder;
  readonly #connections: readonly MemcachedConnection[];
  readonly #replicas: (name: string) => readonly [number, number];
  readonly #hedge = new Hedge();
  readonly #alarms = new Alarms();
  #hedged = 0;

  constructor(order: MemcachedOrder) {
    this.#order = order;
    this.#connections = order.servers.map(
      (server) => new MemcachedConnection(server, order.settings, this.#alarms),
    );
    this.#replicas = replicasAmong(order.servers);
  }

  async get(key: string, call: CacheCall = {}): Promise<CacheEntry | undefined> {
    call.signal?.throwIfAborted();
    const name = this.#nameOf(key);
    const found = await this.#firstOf(name, this.#limitOf(call));
    if (found instanceof Error) throw found;
    if (found === "nothing" || found.kind === "tombstone") return undefined;
    return { value: found.value, version: found.version };
  }

  async setIfNewer(key: string, entry: NewCacheEntry, call: CacheCall = {}): Promise<boolean> {
    const { version, ttlMs, value } = entry;
    const endsAtMs = this.#order.clock.wallMs() + ttlMs;
    const puts = await this.#putBoth(key, { kind: "value", version, endsAtMs, value }, call);
    const higher = puts.find((put) => put.kind === "held" && put.held.version > version);
    if (higher?.kind !== "held") return puts.some((put) => put.kind === "put");
    // One server had lost what the other still holds: what it took is older than that.
    if (puts.some((put) => put.kind === "put")) await this.remove(key, higher.held.version, call);
    return false;
  }

  async remove(key: string, minVersion: number, call: CacheCall = {}): Promise<void> {
    const endsAtMs = this.#order.clock.wallMs() + this.#order.settings.cacheTombstoneSeconds * 1000;
    await this.#putBoth(key, { kind: "tombstone", version: minVersion, endsAtMs, value: none }, call);
  }

  async close(): Promise<void> {
    for (const connection of this.#connections) connection.close();
  }

  /** Reads that asked a second server because the first took long. */
  hedgedReads(): number {
    return this.#hedged;
  }

  /** How many servers answer at present. */
  serversOpen(): number {
    return this.#connections.filter((connection) => connection.isOpen()).length;
  }

  #nameOf(key: string): string {
    const own = this.#order.namespace;
    if (plainKey.test(key)) return `${own}:k:${key}`;
    // UTF-16 as it is: in UTF-8 all halves of a pair would be the same.
    return `${own}:h:${createHash("sha256").update(Buffer.from(key, "utf16le")).digest("base64url")}`;
  }

  /** One moment for all that a call does, however many questions that takes. */
  #limitOf(call: CacheCall): Limit {
    const { deadlineMs = this.#order.settings.cacheDeadlineMs, signal } = call;
    return { endsAtMs: performance.now() + deadlineMs, signal };
  }

  #firstOf(name: string, limit: Limit): Promise<Answer> {
    const places = this.#replicas(name);
    if (places[0] === places[1]) return this.#read(places[0], name, limit);
    return hedgedRead({
      ask: (place) => this.#read(place, name, limit),
      places,
      alarms: this.#alarms,
      hedge: this.#hedge,
      isHedged: this.#order.hedged !== false,
      signal: limit.signal,
      onHedge: this.#onHedge,
    });
  }

  readonly #onHedge = (): void => {
    this.#hedged += 1;
  };

  /** Never rejects: what went wrong is an answer too. */
  #read(place: number, name: string, limit: Limit): Promise<Answer> {
    return this.#ask(place, (opaque) => getCommand(name, opaque), limit).then(
      (reply) => this.#entryOf(name, reply) ?? "nothing",
      asError,
    );
  }

  #ask(place: number, command: Command, limit: Limit): Promise<MetaReply> {
    const connection = this.#connections[place];
    if (connection === undefined) return Promise.reject(new Fault(dataFaults.cacheClosed));
    return connection.ask(command, limit);
  }

  #entryOf(name: string, { value }: MetaReply): KeptEntry | undefined {
    const entry = value === undefined ? undefined : decodeEntry(name, value);
    return entry !== undefined && this.#order.clock.wallMs() < entry.endsAtMs ? entry : undefined;
  }

  /** @throws Fault when neither server answered */
  async #putBoth(key: string, entry: KeptEntry, call: CacheCall): Promise<readonly Put[]> {
    call.signal?.throwIfAborted();
    demandVersion(entry.version);
    const name = this.#nameOf(key);
    const limit = this.#limitOf(call);
    const places = new Set(this.#replicas(name));
    const bytes = encodeEntry(name, entry);
    const puts = await Promise.all(
      [...places].map((place) => this.#put(place, { name, entry, bytes }, limit).catch(asError)),
    );
    const done = puts.flatMap((put) => (put instanceof Error ? [] : [put]));
    const failure = puts.find((put) => put instanceof Error);
    if (done.length === 0 && failure !== undefined) throw failure;
    return done;
  }

  /** Looks, decides, and writes only over what it saw; when another writer came between, again. */
  async #put(
    place: number,
    order: { readonly name: string; readonly entry: KeptEntry; readonly bytes: Uint8Array },
    limit: Limit,
  ): Promise<Put> {
    const { name, entry, bytes } = order;
    const leftMs = entry.endsAtMs - this.#order.clock.wallMs();
    // memcached's second may be over at once: one more, so that a tombstone stands for all of its time.
    const ttlSeconds = Math.min(mostSeconds, Math.max(1, Math.ceil(leftMs / 1000) + 1));
    for (let tries = 0; tries < mostTries; tries++) {
      const seen = await this.#ask(place, (opaque) => getCommand(name, opaque), limit);
      const held = this.#entryOf(name, seen);
      if (held !== undefined && !admits(held, entry.version)) return { kind: "held", held };
      const head = { name, bytes: bytes.length, ttlSeconds, cas: seen.cas };
      const command: Command = (opaque) =>
        Buffer.concat([encoder.encode(setHead(head, opaque)), bytes, tail]);
      const reply = await this.#ask(place, command, limit);
      if (reply.kind === "HD") return { kind: "put" };
      // Too long for an item, or no memory left. memcached has then forgotten what it had.
      if (reply.kind === "ERROR") return { kind: "too-long" };
    }
    throw new Fault(dataFaults.cacheBusy, { waiting: mostTries, server: name });
  }
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}
