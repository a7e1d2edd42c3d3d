// A memory beside the stores, that may lose anything at any time.

export interface CacheCall {
  /** Absent: the setting's. After it the call is over, whatever the cache does. */
  readonly deadlineMs?: number;
  readonly signal?: AbortSignal | undefined;
}

export interface CacheEntry {
  /** Never to be changed. */
  readonly value: Uint8Array;
  /** A whole number from 0 on, the store's own: of one key the higher one is the later. */
  readonly version: number;
}

export interface NewCacheEntry extends CacheEntry {
  readonly ttlMs: number;
}

/**
 * Every call rejects with a Fault (cache-away, cache-slow, cache-busy) or the signal's reason: whoever must not fail by a cache asks
 * through `cached`.
 *
 * Of one key a version that is held is never replaced by a lower or an equal one, however many write. What is lost is lost
 * with its version: then a lower one may come back, and lives for its own time at most.
 */
export interface Cache {
  /** undefined: lost, over, removed, or never there. */
  get(key: string, call?: CacheCall): Promise<CacheEntry | undefined>;
  /** False: a version as high is held, or the value is too long to be kept; an older one is then not kept either. */
  setIfNewer(key: string, entry: NewCacheEntry, call?: CacheCall): Promise<boolean>;
  /** What is older than `minVersion` goes, and none such is taken for the time of a tombstone (`MILLRACE_CACHE_TOMBSTONE_SECONDS`). */
  remove(key: string, minVersion: number, call?: CacheCall): Promise<void>;
  close(): Promise<void>;
}
