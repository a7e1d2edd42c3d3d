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
import { type CacheSettings, MemcachedConnection } from "./memcached-connection.ts";

export interface MemcachedOrder {
  readonly servers: readonly CacheServer[];
  readonly namespace: string;
  readonly settings: CacheSettings;
  readonly clock: Clock;
  /** False: the second server is asked only when the first has nothing or is away. */
  readonly hedged?: boolean;
}

/** What one server said of a key. */
type Answer = KeptEntry | "nothing" | Error;
/** One moment for all that a call does, however many questions that takes. */
interface Limit {
  readonly endsAtMs: number;
  readonly signal: AbortSignal | undefined;
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
  #hedged = 0;

  constructor(order: MemcachedOrder) {
    this.#order = order;
    this.#connections = order.servers.map((server) => new MemcachedConnection(server, order.settings));
    this.#replicas = replicasAmong(order.servers);
  }

  async get(key: string, call: CacheCall = {}): Promise<CacheEntry | undefined> {
    call.signal?.throwIfAborted();
    const name = this.#nameOf(key);
    const found = await this.#firstOf(name, this.#limitOf(call));
    if (found instanceof Error) throw found;
    if (found === "nothing") return undefined;
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

  #limitOf(call: CacheCall): Limit {
    const { deadlineMs = this.#order.settings.cacheDeadlineMs, signal } = call;
    return { endsAtMs: performance.now() + deadlineMs, signal };
  }

  #firstOf(name: string, limit: Limit): Promise<Answer> {
    const [first, second] = this.#replicas(name);
    const begun = performance.now();
    this.#hedge.begun();
    return new Promise((resolve) => {
      const answers: Answer[] = [];
      let asked = first === second ? 2 : 1;
      const wanted = first === second ? 1 : 2;
      const askSecond = (): void => {
        clearTimeout(timer);
        if (asked === 2) return;
        asked = 2;
        void this.#read(second, name, limit).then(take);
      };
      const take = (answer: Answer): void => {
        answers.push(answer);
        const chosen = chosenOf(answers);
        if (isEntry(chosen) || answers.length === wanted || limit.signal?.aborted === true) {
          clearTimeout(timer);
          resolve(chosen);
        } else askSecond();
      };
      const hedge = (): void => {
        if (!this.#hedge.allows()) return;
        this.#hedged += 1;
        askSecond();
      };
      const waits = asked === 1 && this.#order.hedged !== false;
      const timer = waits ? setTimeout(hedge, this.#hedge.delayMs()) : undefined;
      void this.#read(first, name, limit).then((answer) => {
        this.#hedge.took(performance.now() - begun);
        take(answer);
      });
    });
  }

  /** Never rejects: what went wrong is an answer too. */
  #read(place: number, name: string, limit: Limit): Promise<Answer> {
    const asked = this.#ask(place, (opaque) => encoder.encode(getCommand(name, opaque)), limit);
    return asked.then((reply) => this.#entryOf(name, reply) ?? "nothing", asError);
  }

  #ask(
    place: number,
    command: (opaque: number) => Uint8Array,
    { endsAtMs, signal }: Limit,
  ): Promise<MetaReply> {
    const connection = this.#connections[place];
    if (connection === undefined) return Promise.reject(new Fault(dataFaults.cacheClosed));
    return connection.ask(command, { deadlineMs: Math.max(1, endsAtMs - performance.now()), signal });
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
      const seen = await this.#ask(place, (opaque) => encoder.encode(getCommand(name, opaque)), limit);
      const held = this.#entryOf(name, seen);
      if (held !== undefined && !admits(held, entry.version)) return { kind: "held", held };
      const head = { name, bytes: bytes.length, ttlSeconds, cas: seen.cas };
      const command = (opaque: number): Uint8Array =>
        Buffer.concat([encoder.encode(setHead(head, opaque)), bytes, tail]);
      const reply = await this.#ask(place, command, limit);
      if (reply.kind === "HD") return { kind: "put" };
      // Too long for an item, or no memory left. memcached has then forgotten what it had.
      if (reply.kind === "ERROR") return { kind: "too-long" };
    }
    throw new Fault(dataFaults.cacheBusy, { waiting: mostTries, server: name });
  }
}

function isEntry(answer: Answer): answer is KeptEntry {
  return answer !== "nothing" && !(answer instanceof Error);
}

/** A value, unless a tombstone on the other server is above it. Nothing, unless neither could be asked. */
function chosenOf(answers: readonly Answer[]): Answer {
  const entries = answers.filter(isEntry);
  const below = Math.max(0, ...entries.map(({ kind, version }) => (kind === "tombstone" ? version : 0)));
  const value = entries.find(({ kind, version }) => kind === "value" && version >= below);
  if (value !== undefined) return value;
  return answers.some((answer) => !(answer instanceof Error)) ? "nothing" : (answers[0] ?? "nothing");
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}
