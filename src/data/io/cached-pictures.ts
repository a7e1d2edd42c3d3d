// Pictures are named by their hash and never change, so that one from the cache is as good as the database's. That has
// better things to do: the embedded one has a single connection.
import { createHash } from "node:crypto";
import type { CacheCounts } from "#data/cached.ts";
import type { Cache } from "#data/ports-cache.ts";
import type { Picture, PictureStore } from "#data/ports-catalog.ts";
import { pictureTypes } from "#model/work.ts";
import type { Clock } from "#units/clock.ts";
import { cachedStore } from "./cached-store.ts";

export interface CachedPicturesOrder {
  readonly pictures: PictureStore;
  readonly cache: Cache;
  readonly deadlineMs: number;
  readonly clock: Pick<Clock, "wallMs">;
  readonly counts: CacheCounts;
}

const dayMs = 86_400_000;
/** Content has no versions but that it is there. */
const present = 1;

export function cachedPictures(order: CachedPicturesOrder): PictureStore {
  const { pictures, cache, deadlineMs, clock, counts } = order;
  const store = cachedStore<Picture>({
    ...{ cache, deadlineMs, clock, counts },
    name: "picture",
    ttlMs: dayMs,
    encode,
    decode,
    async load(sha256) {
      const value = await pictures.get(sha256);
      return value === undefined ? { value, version: 0 } : { value, version: present };
    },
  });
  return {
    async put(picture, nowMs) {
      await pictures.put(picture, nowMs);
      await store.wrote(picture.sha256, { value: picture, version: present });
    },
    get: (sha256) => store.read(sha256),
  };
}

function encode({ type, bytes }: Picture): Uint8Array {
  return Buffer.concat([Uint8Array.of(pictureTypes.indexOf(type)), bytes]);
}

/** Its name is what proves it: a picture that a server made up, or spoiled, is none. */
function decode(kept: Uint8Array, sha256: string): Picture | undefined {
  const type = pictureTypes[kept[0] ?? pictureTypes.length];
  const bytes = kept.subarray(1);
  if (type === undefined || createHash("sha256").update(bytes).digest("hex") !== sha256) return undefined;
  return { sha256, type, bytes };
}
