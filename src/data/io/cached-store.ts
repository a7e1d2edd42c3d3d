// Reads of a store through a cache: src/data/cached.ts says what that promises.
import { randomInt } from "node:crypto";
import {
  type CacheCounts,
  type CachedRead,
  type CachedStore,
  decodeAnswer,
  encodeAnswer,
  jittered,
  negativeMs,
  type Versioned,
} from "#data/cached.ts";
import type { Cache, CacheCall } from "#data/ports-cache.ts";
import type { Clock } from "#units/clock.ts";
import { abortable } from "./abortable.ts";

export interface CachedOrder<T> {
  readonly cache: Cache;
  /** Before each key: what is kept there. */
  readonly name: string;
  readonly ttlMs: number;
  /** How long a read waits for the cache. */
  readonly deadlineMs: number;
  readonly clock: Pick<Clock, "wallMs">;
  readonly load: (key: string, signal: AbortSignal) => Promise<Versioned<T>>;
  readonly encode: (value: T) => Uint8Array;
  /** undefined: these are not the bytes of one. */
  readonly decode: (bytes: Uint8Array, key: string) => T | undefined;
  /** Counted up. */
  readonly counts: CacheCounts;
}

/** One way to the store that all who ask meanwhile share. */
interface Flight<T> {
  readonly found: Promise<Versioned<T>>;
  /** Nothing older came aboard from the cache. */
  readonly minVersion: number;
  readonly ending: AbortController;
  passengers: number;
}

const chanceSteps = 2 ** 20;

export function cachedStore<T>(order: CachedOrder<T>): CachedStore<T> {
  return new ReadThrough(order);
}

class ReadThrough<T> implements CachedStore<T> {
  readonly #order: CachedOrder<T>;
  readonly #flights = new Map<string, Flight<T>>();
  readonly #fills = new Set<Promise<void>>();

  constructor(order: CachedOrder<T>) {
    this.#order = order;
  }

  async read(key: string, { minVersion = 0, signal }: CachedRead = {}): Promise<T | undefined> {
    signal?.throwIfAborted();
    const joined = this.#underWay(key, minVersion);
    const found = await aboard(joined ?? this.#begin(key, minVersion), signal);
    if (joined === undefined || found.version >= minVersion) return found.value;
    // That flight had left before the store had it: what the next one brings is the store's word.
    const next = this.#underWay(key, minVersion) ?? this.#begin(key, minVersion);
    return (await aboard(next, signal)).value;
  }

  async wrote(key: string, found: Versioned<T>, call: CacheCall = {}): Promise<void> {
    this.#flights.delete(key);
    await this.#put(key, found, this.#order.clock.wallMs(), call);
    call.signal?.throwIfAborted();
  }

  async forget(key: string, minVersion: number, call: CacheCall = {}): Promise<void> {
    this.#flights.delete(key);
    await this.#tried(
      (signal) => this.#order.cache.remove(this.#nameOf(key), minVersion, { ...call, signal }),
      call,
    );
    call.signal?.throwIfAborted();
  }

  async settled(): Promise<void> {
    await Promise.all(this.#fills);
  }

  #nameOf(key: string): string {
    return `${this.#order.name}/${key}`;
  }

  #underWay(key: string, minVersion: number): Flight<T> | undefined {
    const flight = this.#flights.get(key);
    return flight !== undefined && flight.minVersion >= minVersion ? flight : undefined;
  }

  #begin(key: string, minVersion: number): Flight<T> {
    const ending = new AbortController();
    const found = this.#find(key, minVersion, ending.signal);
    const flight: Flight<T> = { found, minVersion, ending, passengers: 0 };
    const landed = (): void => {
      if (this.#flights.get(key) === flight) this.#flights.delete(key);
    };
    this.#flights.set(key, flight);
    flight.found.then(landed, landed);
    ending.signal.addEventListener("abort", landed, { once: true });
    return flight;
  }

  async #find(key: string, minVersion: number, signal: AbortSignal): Promise<Versioned<T>> {
    const { load, counts, clock } = this.#order;
    const kept = await this.#kept(key, minVersion, signal);
    signal.throwIfAborted();
    if (kept !== undefined) {
      counts.hits += 1;
      return kept;
    }
    const askedAtMs = clock.wallMs();
    const found = await load(key, signal);
    // Nobody waits for the cache to take it.
    const fill = this.#put(key, found, askedAtMs, {}).finally(() => this.#fills.delete(fill));
    this.#fills.add(fill);
    return found;
  }

  async #kept(key: string, minVersion: number, signal: AbortSignal): Promise<Versioned<T> | undefined> {
    const { cache, clock, counts, decode } = this.#order;
    const failed = counts.failures;
    const entry = await this.#tried((limit) => cache.get(this.#nameOf(key), { signal: limit }), { signal });
    if (entry === undefined) {
      if (counts.failures === failed) counts.misses += 1;
      return undefined;
    }
    const answer = decodeAnswer(entry.value, clock.wallMs());
    const value = answer?.value === undefined ? undefined : decode(answer.value, key);
    const isRead = answer !== undefined && (answer.value === undefined || value !== undefined);
    if (isRead && entry.version >= minVersion) return { value, version: entry.version };
    counts.stale += 1;
    return undefined;
  }

  async #put(key: string, found: Versioned<T>, asOfMs: number, call: CacheCall): Promise<void> {
    const { cache, clock, encode, ttlMs } = this.#order;
    const { value, version } = found;
    const lives = jittered(value === undefined ? negativeMs : ttlMs, randomInt(chanceSteps) / chanceSteps);
    const endsAtMs = asOfMs + lives;
    const leftMs = endsAtMs - clock.wallMs();
    if (leftMs <= 0) return;
    await this.#tried((signal) => {
      const bytes = encodeAnswer(value === undefined ? undefined : encode(value), endsAtMs);
      return cache.setIfNewer(this.#nameOf(key), { value: bytes, version, ttlMs: leftMs }, { signal });
    }, call);
  }

  /** Undefined when the cache failed, which is counted, or did not answer in time, whatever it makes of its own deadline. */
  async #tried<A>(ask: (signal: AbortSignal) => Promise<A>, call: CacheCall): Promise<A | undefined> {
    const { counts, deadlineMs } = this.#order;
    if (hasGivenUp(call)) return undefined;
    const limit = new AbortController();
    const timer = setTimeout(
      () => limit.abort(new Error("the cache is slow")),
      call.deadlineMs ?? deadlineMs,
    );
    const onAbort = (): void => limit.abort(call.signal?.reason);
    call.signal?.addEventListener("abort", onAbort, { once: true });
    try {
      return await abortable(ask(limit.signal), limit.signal);
    } catch {
      // Whoever gave up learns it from its own signal; the cache is not to blame.
      if (!hasGivenUp(call)) counts.failures += 1;
      return undefined;
    } finally {
      clearTimeout(timer);
      call.signal?.removeEventListener("abort", onAbort);
    }
  }
}

function hasGivenUp({ signal }: CacheCall): boolean {
  return signal?.aborted === true;
}

/** The last one who leaves ends the flight. */
async function aboard<T>(flight: Flight<T>, signal: AbortSignal | undefined): Promise<Versioned<T>> {
  flight.passengers += 1;
  try {
    return await abortable(flight.found, signal);
  } finally {
    flight.passengers -= 1;
    if (flight.passengers === 0 && signal?.aborted === true) flight.ending.abort(signal.reason);
  }
}
