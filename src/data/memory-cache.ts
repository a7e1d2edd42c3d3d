// The cache of one program: the least recently used goes first, and all of it together has a size.
import type { Clock } from "#units/clock.ts";
import { admits, demandVersion, type Held } from "./cache-rule.ts";
import type { Cache, CacheCall, CacheEntry, NewCacheEntry } from "./ports-cache.ts";

export interface MemoryCacheOrder {
  readonly bytes: number;
  readonly tombstoneMs: number;
  readonly clock: Pick<Clock, "monoMs">;
}

type Kept = Held & { readonly value: Uint8Array; readonly endsAtMs: number; readonly cost: number };

const none = new Uint8Array();
/** What an entry costs beside its key and value, about. */
const entryBytes = 160;

export class MemoryCache implements Cache {
  readonly #order: MemoryCacheOrder;
  /** The one used longest ago first. */
  readonly #kept = new Map<string, Kept>();
  #bytes = 0;

  constructor(order: MemoryCacheOrder) {
    this.#order = order;
  }

  async get(key: string, call?: CacheCall): Promise<CacheEntry | undefined> {
    call?.signal?.throwIfAborted();
    const kept = this.#living(key);
    if (kept?.kind !== "value") return undefined;
    this.#kept.delete(key);
    this.#kept.set(key, kept);
    return { value: kept.value, version: kept.version };
  }

  async setIfNewer(key: string, entry: NewCacheEntry, call?: CacheCall): Promise<boolean> {
    call?.signal?.throwIfAborted();
    demandVersion(entry.version);
    if (!admits(this.#living(key), entry.version)) return false;
    return this.#put(key, { kind: "value", version: entry.version, value: entry.value }, entry.ttlMs);
  }

  async remove(key: string, minVersion: number, call?: CacheCall): Promise<void> {
    call?.signal?.throwIfAborted();
    demandVersion(minVersion);
    if (!admits(this.#living(key), minVersion)) return;
    this.#put(key, { kind: "tombstone", version: minVersion, value: none }, this.#order.tombstoneMs);
  }

  async close(): Promise<void> {
    this.#kept.clear();
    this.#bytes = 0;
  }

  /** Bytes that are held, for whoever watches the bound. */
  bytes(): number {
    return this.#bytes;
  }

  #living(key: string): Kept | undefined {
    const kept = this.#kept.get(key);
    if (kept === undefined || this.#order.clock.monoMs() < kept.endsAtMs) return kept;
    this.#drop(key);
    return undefined;
  }

  #put(key: string, held: Held & { readonly value: Uint8Array }, ttlMs: number): boolean {
    this.#drop(key);
    const cost = entryBytes + 2 * key.length + held.value.length;
    if (cost > this.#order.bytes) return false;
    this.#kept.set(key, { ...held, endsAtMs: this.#order.clock.monoMs() + ttlMs, cost });
    this.#bytes += cost;
    for (const oldest of this.#kept.keys()) {
      if (this.#bytes <= this.#order.bytes) break;
      this.#drop(oldest);
    }
    return true;
  }

  #drop(key: string): void {
    this.#bytes -= this.#kept.get(key)?.cost ?? 0;
    this.#kept.delete(key);
  }
}
