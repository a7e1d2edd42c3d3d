// Stores whose hot and safe reads go through the cache that the settings ask for.
import type { CacheCounts } from "#data/cached.ts";
import type { Stores } from "#data/ports.ts";
import type { Cache } from "#data/ports-cache.ts";
import type { Clock } from "#units/clock.ts";
import { cachedPictures } from "./cached-pictures.ts";
import type { CacheSettings } from "./memcached-connection.ts";
import { openCache } from "./open-cache.ts";

export interface ReadThrough {
  readonly stores: Stores;
  readonly cacheCounts: CacheCounts;
  /** To be closed by whoever opened it; the stores then read on without it. */
  readonly cache: Cache;
}

/** @throws Fault cache-url */
export function readThroughCache(opened: Stores, settings: CacheSettings, clock: Clock): ReadThrough {
  const cache = openCache(settings, clock);
  const counts: CacheCounts = { hits: 0, misses: 0, stale: 0, failures: 0 };
  const { pictures } = opened;
  const deadlineMs = settings.cacheDeadlineMs;
  const stores = { ...opened, pictures: cachedPictures({ pictures, cache, deadlineMs, clock, counts }) };
  return { stores, cacheCounts: counts, cache };
}
