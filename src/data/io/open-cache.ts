// The cache that the settings ask for. It opens whether its servers are there or not.
import { cachePlaceOf } from "#data/cache-servers.ts";
import { dataFaults } from "#data/faults.ts";
import { MemoryCache } from "#data/memory-cache.ts";
import type { Cache } from "#data/ports-cache.ts";
import type { Clock } from "#units/clock.ts";
import { Fault } from "#units/fault.ts";
import { MemcachedCache } from "./memcached-cache.ts";
import type { CacheSettings } from "./memcached-connection.ts";

/** @throws Fault cache-url */
export function openCache(settings: CacheSettings, clock: Clock): Cache {
  const place = cachePlaceOf(settings.cacheUrl);
  switch (place.kind) {
    case "refused":
      throw new Fault(dataFaults.cacheUrl, { found: settings.cacheUrl, because: place.because });
    case "memory":
      return new MemoryCache({
        bytes: settings.cacheMib * 2 ** 20,
        tombstoneMs: settings.cacheTombstoneSeconds * 1000,
        clock,
      });
    case "memcached":
      return new MemcachedCache({ ...place, settings, clock });
  }
}
