// What a store promises that is read through a cache: in memory, in memcached, and in caches that are away, slow or lying.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { setTimeout as rest } from "node:timers/promises";
import { type CacheCounts, type CachedStore, jittered, type Versioned } from "#data/cached.ts";
import { cachedPictures } from "#data/io/cached-pictures.ts";
import { type CachedOrder, cachedStore } from "#data/io/cached-store.ts";
import { MemoryCache } from "#data/memory-cache.ts";
import type { Cache } from "#data/ports-cache.ts";
import type { Picture } from "#data/ports-catalog.ts";
import { seededRandom } from "#units/random.ts";
import {
  AheadClock,
  bytes,
  type CacheRig,
  freshKey,
  onEachCache,
  openMemcached,
  startMemcached,
  text,
  until,
  withMemcached,
} from "./cache-builders.ts";

/** A store that counts how often it is asked. */
class Rows {
  readonly rows = new Map<string, Versioned<string>>();
  asked = 0;
  /** Called before each answer. */
  before: (signal: AbortSignal) => Promise<void> = async () => undefined;

  async load(key: string, signal: AbortSignal): Promise<Versioned<string>> {
    this.asked += 1;
    const row = this.rows.get(key) ?? { value: undefined, version: 0 };
    await this.before(signal);
    return row;
  }
}

interface Reading {
  readonly rows: Rows;
  readonly counts: CacheCounts;
  readonly store: CachedStore<string>;
}

function reading({ cache, clock }: CacheRig, more: Partial<CachedOrder<string>> = {}): Reading {
  const rows = new Rows();
  const counts = { hits: 0, misses: 0, stale: 0, failures: 0 };
  const store = cachedStore({
    ...{ cache, clock, counts },
    name: freshKey(),
    ttlMs: 60_000,
    deadlineMs: 10_000,
    load: (key, signal) => rows.load(key, signal),
    encode: bytes,
    decode: text,
    ...more,
  });
  return { rows, counts, store };
}

function memory(): CacheRig {
  const clock = new AheadClock();
  return { clock, cache: new MemoryCache({ bytes: 1 << 20, tombstoneMs: 60_000, clock }) };
}

onEachCache(
  "[DA120] the store is asked once, then the cache, until the time is over; what is not there is known for 5 s",
  async (rig) => {
    const { rows, counts, store } = reading(rig);
    rows.rows.set("here", { value: "value", version: 3 });
    rows.rows.set("empty", { value: "", version: 1 });
    for (let round = 0; round < 3; round++) {
      assert.equal(await store.read("here"), "value");
      assert.equal(await store.read("empty"), "");
      assert.equal(await store.read("gone"), undefined);
      await store.settled();
    }
    assert.equal(rows.asked, 3);
    rig.clock.aheadMs = 4400;
    await store.read("gone");
    assert.equal(rows.asked, 3);
    rig.clock.aheadMs = 5600;
    await store.read("gone");
    await store.read("here");
    assert.equal(rows.asked, 4);
    rig.clock.aheadMs = 66_100;
    await store.read("here");
    assert.equal(rows.asked, 5);
    assert.equal(counts.failures, 0);
    await store.settled();
  },
);

onEachCache(
  "[DA120] of a hundred who ask at once one goes to the store, and a failure is theirs and not kept",
  async (rig) => {
    const { rows, store } = reading(rig);
    rows.rows.set("key", { value: "value", version: 1 });
    rows.before = () => Promise.reject(new Error("the store failed"));
    const failed = await Promise.allSettled(Array.from({ length: 100 }, () => store.read("key")));
    assert.ok(failed.every((one) => one.status === "rejected" && /the store failed/.test(`${one.reason}`)));
    assert.equal(rows.asked, 1);
    rows.before = () => rest(20);
    const found = await Promise.all(Array.from({ length: 100 }, () => store.read("key")));
    assert.ok(found.every((value) => value === "value"));
    assert.equal(rows.asked, 2);
    await store.settled();
  },
);

onEachCache(
  "[DA121] a write is read after it, a removal too, and a read that began before neither undoes them nor is trusted",
  async (rig) => {
    const { rows, store } = reading(rig);
    const put = async (version: number): Promise<void> => {
      rows.rows.set("key", { value: `v${version}`, version });
      await store.wrote("key", { value: `v${version}`, version });
    };
    await put(1);
    assert.equal(await store.read("key"), "v1");
    assert.equal(rows.asked, 0, "what was written is in the cache");
    await store.forget("key", 2);
    const gate = Promise.withResolvers<void>();
    rows.before = () => gate.promise;
    const early = store.read("key");
    await until(() => rows.asked === 1, "the early reader is at the store");
    await put(2);
    rows.before = async () => undefined;
    assert.equal(await store.read("key"), "v2");
    const wants = store.read("key", { minVersion: 2 });
    gate.resolve();
    assert.equal(await early, "v1", "it began before the write");
    assert.equal(await wants, "v2");
    await store.settled();
    assert.equal(await store.read("key"), "v2", "its late fill was refused");
    rows.rows.delete("key");
    await store.forget("key", 3);
    assert.equal(await store.read("key"), undefined);
  },
);

onEachCache(
  "[DA121] with a version that it has seen nobody reads an older one, and flies along with no older question",
  async (rig) => {
    const { rows, counts, store } = reading(rig);
    rows.rows.set("key", { value: "v1", version: 1 });
    await store.read("key");
    await store.settled();
    rows.rows.set("key", { value: "v2", version: 2 });
    assert.equal(await store.read("key"), "v1", "nobody said that it was written");
    const [old, fresh] = await Promise.all([store.read("key"), store.read("key", { minVersion: 2 })]);
    assert.deepEqual([old, fresh], ["v1", "v2"]);
    assert.equal(counts.stale, 1);
    await store.settled();
    assert.equal(await store.read("key"), "v2");
  },
);

test("[DA120] who gives up is free at once; the store is told when the last one has", async () => {
  const { rows, store } = reading(memory());
  let isTold = false;
  rows.before = (signal) =>
    new Promise((_, reject) => {
      signal.addEventListener("abort", () => {
        isTold = true;
        reject(signal.reason);
      });
    });
  const [one, two] = [new AbortController(), new AbortController()];
  const reads = [store.read("key", { signal: one.signal }), store.read("key", { signal: two.signal })];
  const outcomes = Promise.allSettled(reads);
  await until(() => rows.asked === 1, "the store is asked");
  one.abort(new Error("first"));
  await assert.rejects(reads[0] ?? Promise.resolve(), /first/);
  assert.equal(isTold, false);
  two.abort(new Error("second"));
  await outcomes;
  assert.equal(isTold, true);
  rows.before = async () => undefined;
  assert.equal(await store.read("key"), undefined, "the next one begins anew");
});

test("[DA120] times are spread over a tenth to either side", () => {
  const random = seededRandom(5);
  const times = Array.from({ length: 1000 }, () => jittered(1000, random.next()));
  assert.ok(Math.min(...times) >= 900 && Math.min(...times) < 910);
  assert.ok(Math.max(...times) < 1100 && Math.max(...times) > 1090);
});

const away: Cache = {
  get: () => Promise.reject(new Error("away")),
  setIfNewer: () => Promise.reject(new Error("away")),
  remove: () => Promise.reject(new Error("away")),
  close: async () => undefined,
};
const never: Cache = {
  get: () => new Promise(() => undefined),
  setIfNewer: () => new Promise(() => undefined),
  remove: () => new Promise(() => undefined),
  close: async () => undefined,
};

/** Answers with anything that was ever set under the key, as if it were of now. */
function liar(seed: number): Cache {
  const random = seededRandom(seed);
  const past = new Map<string, { value: Uint8Array; version: number }[]>();
  return {
    ...away,
    async get(key) {
      const all = past.get(key) ?? [];
      const one = all[random.integer(0, Math.max(0, all.length - 1))];
      return random.next() < 0.2 ? { value: bytes("not one of ours"), version: 2 ** 40 } : one;
    },
    async setIfNewer(key, { value, version }) {
      past.set(key, [...(past.get(key) ?? []), { value, version }]);
      return random.next() < 0.5;
    },
    remove: async () => undefined,
  };
}

test("[DA122] a cache that is away or never answers fails no read and no write; it is counted, and costs its deadline", async () => {
  for (const [cache, name] of [
    [away, "away"],
    [never, "slow"],
  ] as const) {
    const { rows, counts, store } = reading({ cache, clock: new AheadClock() }, { deadlineMs: 20 });
    rows.rows.set("key", { value: "value", version: 1 });
    const begun = performance.now();
    assert.equal(await store.read("key"), "value", name);
    assert.ok(performance.now() - begun < 20 + 50, name);
    await store.settled();
    await store.wrote("key", { value: "value", version: 1 });
    await store.forget("key", 2);
    assert.equal(counts.failures, 4, name);
    assert.equal(counts.misses, 0, name);
  }
});

test("[DA122] whatever a cache that lies answers, nothing is older than its time or than the version that was seen", async () => {
  for (let seed = 1; seed <= 20; seed++) {
    const random = seededRandom(seed);
    const clock = new AheadClock();
    const { rows, store } = reading({ cache: liar(seed), clock }, { ttlMs: 10_000 });
    /** When each version ceased to be the newest. */
    const replacedAtMs: number[] = [];
    let version = 1;
    rows.rows.set("key", { value: "1", version });
    for (let step = 0; step < 200; step++) {
      clock.aheadMs += random.integer(0, 2000);
      if (random.next() < 0.3) {
        replacedAtMs[version] = clock.wallMs();
        version += 1;
        rows.rows.set("key", { value: `${version}`, version });
      }
      const minVersion = random.next() < 0.5 ? version - random.integer(0, 1) : 0;
      const found = Number(await store.read("key", { minVersion }));
      await store.settled();
      assert.ok(found >= minVersion && found <= version, `seed ${seed}: ${found} of ${version}`);
      const ageMs = clock.wallMs() - (replacedAtMs[found] ?? clock.wallMs());
      assert.ok(ageMs <= 11_000, `seed ${seed}: ${found} was replaced ${ageMs} ms ago`);
    }
  }
});

withMemcached(
  "[DA122] while memcached is killed and comes back under load, every read is answered, and none too old",
  async (t) => {
    const server = await startMemcached();
    const { cache, clock } = await openMemcached({
      ports: [server.port],
      settings: { cacheRetrySeconds: 0.1 },
    });
    const { rows, counts, store } = reading({ cache, clock }, { deadlineMs: 1000 });
    let isOver = false;
    let reads = 0;
    const write = async (): Promise<void> => {
      for (let version = 1; !isOver; version++) {
        rows.rows.set("key", { value: `${version}`, version });
        await store.wrote("key", { value: `${version}`, version });
        await rest(1);
      }
    };
    const read = async (): Promise<void> => {
      while (!isOver) {
        const minVersion = rows.rows.get("key")?.version ?? 0;
        assert.ok(Number(await store.read("key", { minVersion })) >= minVersion);
        reads += 1;
        await new Promise(setImmediate);
      }
    };
    const all = [write(), ...Array.from({ length: 8 }, read)];
    for (let kill = 0; kill < 2; kill++) {
      const from = reads;
      await until(() => reads > from + 300, "reads");
      await server.kill();
      const away = reads;
      await until(() => reads > away + 300, "reads while it is away");
      await server.again();
      await until(() => cache.serversOpen() === 1, "it is back");
      const { hits } = counts;
      await until(() => counts.hits > hits, "reads from the cache");
    }
    isOver = true;
    await Promise.all(all);
    assert.ok(counts.failures > 0);
    t.diagnostic(JSON.stringify({ reads, asked: rows.asked, ...counts }));
  },
);

onEachCache(
  "[DA123] a picture is read from the database once; one that is not what its name says comes from there again",
  async ({ cache, clock }) => {
    const kept = new Map<string, Picture>();
    let asked = 0;
    const counts = { hits: 0, misses: 0, stale: 0, failures: 0 };
    const pictures = cachedPictures({
      ...{ cache, clock, counts, deadlineMs: 10_000 },
      pictures: {
        async put(picture) {
          kept.set(picture.sha256, picture);
        },
        async get(sha256) {
          asked += 1;
          return kept.get(sha256);
        },
      },
    });
    const own = bytes(freshKey());
    const picture: Picture = {
      sha256: createHash("sha256").update(own).digest("hex"),
      type: "image/webp",
      bytes: own,
    };
    assert.equal(await pictures.get(picture.sha256), undefined);
    await pictures.put(picture, 1);
    const found = await pictures.get(picture.sha256);
    assert.deepEqual([found?.type, text(found?.bytes)], ["image/webp", text(own)]);
    assert.equal(asked, 1);
    const other = "0".repeat(64);
    const held = await cache.get(`picture/${picture.sha256}`);
    assert.ok(held !== undefined);
    await cache.setIfNewer(`picture/${other}`, { ...held, ttlMs: 60_000 });
    assert.equal(await pictures.get(other), undefined);
    assert.equal(asked, 2);
    assert.equal(counts.stale, 1);
  },
);
