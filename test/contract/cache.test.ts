// The promises of a cache, on every one there is.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { MemoryCache } from "#data/memory-cache.ts";
import { seededRandom } from "#units/random.ts";
import { AheadClock, bytes, entry, freshKey, minuteMs, onEachCache, text } from "./cache-builders.ts";

onEachCache("[DA220] what was set is read as it was, whatever its bytes and its key", async ({ cache }) => {
  const own = freshKey();
  const every = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  const values = [new Uint8Array(), every, bytes("VA 3\r\nEN\r\nHD O1\r\n"), randomBytes(1 << 20)];
  const keys = [
    "",
    "plain",
    "Żółw 亀 🐢",
    "with space",
    "line\r\nmg other v\r\n",
    "nul\0nul",
    "k".repeat(5000),
    "\ud800",
  ];
  for (const [number, key] of keys.entries()) {
    const value = values[number % values.length] ?? new Uint8Array();
    assert.equal(await cache.get(own + key), undefined);
    assert.equal(await cache.setIfNewer(own + key, { value, version: number, ttlMs: minuteMs }), true);
  }
  for (const [number, key] of keys.entries()) {
    const found = await cache.get(own + key);
    assert.equal(found?.version, number);
    assert.deepEqual(Buffer.from(found.value), Buffer.from(values[number % values.length] ?? []));
  }
  assert.equal(await cache.get(`${own}\ud801`), undefined, "another half of a pair is another key");
});

onEachCache("[DA220] of 10,000 keys each has its own value", async ({ cache }) => {
  const own = freshKey();
  const keys = Array.from({ length: 10_000 }, (_, number) => `${own} ${number}`);
  for (let at = 0; at < keys.length; at += 1000) {
    await Promise.all(keys.slice(at, at + 1000).map((key) => cache.setIfNewer(key, entry(key, 1))));
  }
  for (let at = 0; at < keys.length; at += 1000) {
    const some = keys.slice(at, at + 1000);
    const found = await Promise.all(some.map((key) => cache.get(key)));
    assert.deepEqual(
      found.map((one) => text(one?.value)),
      some,
    );
  }
});

onEachCache("[DA221] a version is replaced by higher ones alone", async ({ cache }) => {
  const key = freshKey();
  const steps: readonly (readonly [version: number, isTaken: boolean])[] = [
    ...([
      [5, true],
      [5, false],
      [4, false],
      [0, false],
      [6, true],
    ] as const),
    ...([
      [Number.MAX_SAFE_INTEGER, true],
      [Number.MAX_SAFE_INTEGER - 1, false],
      [7, false],
    ] as const),
  ];
  for (const [version, isTaken] of steps) {
    assert.equal(await cache.setIfNewer(key, entry(`v${version}`, version)), isTaken, `${version}`);
  }
  const found = await cache.get(key);
  assert.deepEqual(
    [text(found?.value), found?.version],
    [`v${Number.MAX_SAFE_INTEGER}`, Number.MAX_SAFE_INTEGER],
  );
  await assert.rejects(cache.setIfNewer(key, entry("", 1.5)), /whole number/);
  await assert.rejects(cache.setIfNewer(key, entry("", -1)), /whole number/);
});

onEachCache(
  "[DA221] of sixteen writers at once the highest version stays, and no reader misses one that was taken",
  async ({ cache }) => {
    const random = seededRandom(16);
    const key = freshKey();
    const writes = Array.from({ length: 400 }, (_, at) => ({ at: random.next(), version: at + 1 }));
    const shuffled = writes.toSorted((a, b) => a.at - b.at).map(({ version }) => version);
    let isOver = false;
    let highest = 0;
    const read = async (): Promise<number> => {
      let reads = 0;
      while (!isOver) {
        const least = highest;
        const version = (await cache.get(key))?.version ?? 0;
        assert.ok(version >= least, `${version}, when ${least} had been taken`);
        reads += 1;
        await new Promise(setImmediate);
      }
      return reads;
    };
    const readers = [read(), read()];
    const taken: number[] = [];
    await Promise.all(
      Array.from({ length: 16 }, async (_, writer) => {
        for (const version of shuffled.filter((_, place) => place % 16 === writer)) {
          if (!(await cache.setIfNewer(key, entry(`v${version}`, version)))) continue;
          taken.push(version);
          highest = Math.max(highest, version);
        }
      }),
    );
    isOver = true;
    for (const reads of await Promise.all(readers)) assert.ok(reads > 0);
    const found = await cache.get(key);
    assert.deepEqual([found?.version, text(found?.value)], [400, "v400"]);
    assert.ok(taken.includes(400) && taken.length < 400);
  },
);

onEachCache(
  "[DA222] what was removed is not revived by a late write of something older",
  async ({ cache }) => {
    const key = freshKey();
    await cache.setIfNewer(key, entry("five", 5));
    await cache.remove(key, 5);
    assert.equal(text((await cache.get(key))?.value), "five", "it is not older than what was to go");
    await cache.remove(key, 7);
    assert.equal(await cache.get(key), undefined);
    assert.equal(await cache.setIfNewer(key, entry("late", 6)), false);
    await cache.remove(key, 3);
    assert.equal(
      await cache.setIfNewer(key, entry("late", 6)),
      false,
      "a lower tombstone does not lift a higher one",
    );
    assert.equal(await cache.get(key), undefined);
    assert.equal(await cache.setIfNewer(key, entry("seven", 7)), true);
    assert.equal(text((await cache.get(key))?.value), "seven");
    const never = freshKey();
    await cache.remove(never, 2);
    assert.equal(await cache.setIfNewer(never, entry("one", 1)), false, "what was not there is removed too");
  },
);

onEachCache("[DA222] a tombstone stands for its time, a value for its own", async ({ cache, clock }) => {
  const [removed, kept] = [freshKey(), freshKey()];
  await cache.remove(removed, 9);
  await cache.setIfNewer(kept, entry("value", 9, 40_000));
  clock.aheadMs = 39_000;
  assert.equal(text((await cache.get(kept))?.value), "value");
  clock.aheadMs = 41_000;
  assert.equal(await cache.get(kept), undefined);
  assert.equal(await cache.setIfNewer(kept, entry("older", 1)), true, "what is over holds nobody up");
  clock.aheadMs = 59_000;
  assert.equal(await cache.setIfNewer(removed, entry("older", 1)), false);
  clock.aheadMs = 61_000;
  assert.equal(await cache.setIfNewer(removed, entry("older", 1)), true);
});

onEachCache("[DA223] who gave up before is not served, and nothing is changed", async ({ cache }) => {
  const key = freshKey();
  const signal = AbortSignal.abort(new Error("gave up"));
  await assert.rejects(cache.setIfNewer(key, entry("value", 1), { signal }), /gave up/);
  await assert.rejects(cache.get(key, { signal }), /gave up/);
  await assert.rejects(cache.remove(key, 9, { signal }), /gave up/);
  assert.equal(await cache.setIfNewer(key, entry("value", 1)), true);
});

test("[DA224] the cache in memory has a size: the least recently used goes, and what is too long is not kept", async () => {
  const cache = new MemoryCache({ bytes: 10_000, tombstoneMs: 1000, clock: new AheadClock() });
  for (let number = 0; number < 100; number++) {
    await cache.setIfNewer(`k${number}`, { value: new Uint8Array(1000), version: 1, ttlMs: minuteMs });
    assert.ok(cache.bytes() <= 10_000);
    await cache.get("k0");
  }
  assert.notEqual(await cache.get("k0"), undefined);
  assert.notEqual(await cache.get("k99"), undefined);
  assert.equal(await cache.get("k50"), undefined);
  const long = { value: new Uint8Array(10_001), version: 2, ttlMs: minuteMs };
  assert.equal(await cache.setIfNewer("k0", long), false);
  assert.equal(await cache.get("k0"), undefined, "what it would have replaced is older");
  await cache.close();
  assert.equal(cache.bytes(), 0);
});
