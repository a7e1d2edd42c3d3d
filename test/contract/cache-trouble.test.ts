// Memcached that dies, stands still, lies or is another program: what a caller then sees, and how soon.
import assert from "node:assert/strict";
import { createServer } from "node:net";
import { test } from "node:test";
import { defaultsOf } from "#config/setting.ts";
import { Alarms } from "#data/io/alarms.ts";
import { MemcachedConnection } from "#data/io/memcached-connection.ts";
import { openCache } from "#data/io/open-cache.ts";
import { MemoryCache } from "#data/memory-cache.ts";
import { dataSettings } from "#data/settings.ts";
import { systemClock } from "#io/clock.ts";
import { freePort, StallingProxy } from "#test/fixtures/memcached.ts";
import { Fault } from "#units/fault.ts";
import {
  type CacheRig,
  entry,
  freshKey,
  isFault,
  openMemcached,
  settings,
  startMemcached,
  text,
  until,
  withMemcached,
} from "./cache-builders.ts";

/** What one attempt came to, and how long it took. */
async function timed<A>(
  work: () => Promise<A>,
): Promise<{ readonly ms: number; readonly outcome: A | Error }> {
  const begun = performance.now();
  const outcome = await work().catch((error: unknown) =>
    error instanceof Error ? error : new Error(`${error}`),
  );
  return { ms: performance.now() - begun, outcome };
}

/** Scheduling of a machine that runs other tests too. */
const slackMs = 50;

withMemcached(
  "[DA223] a server that stands still costs the deadline, and who gives up is free at once",
  async () => {
    const server = await startMemcached();
    const proxy = await StallingProxy.start(server.port);
    const { cache } = await openMemcached({ ports: [proxy.port], settings: { cacheDeadlineMs: 100 } });
    const key = freshKey();
    await cache.setIfNewer(key, entry("value", 1));
    proxy.stall();
    const slow = await timed(() => cache.get(key));
    assert.ok(isFault("cache-slow", `127.0.0.1:${proxy.port}`, "100 ms")(slow.outcome), `${slow.outcome}`);
    assert.ok(slow.ms > 90 && slow.ms < 100 + slackMs, `${slow.ms} ms`);
    const own = await timed(() => cache.get(key, { deadlineMs: 20 }));
    assert.ok(own.ms < 20 + slackMs, `${own.ms} ms`);
    const ending = new AbortController();
    const aborted = timed(() =>
      cache.setIfNewer(key, entry("more", 2), { signal: ending.signal, deadlineMs: 9000 }),
    );
    await new Promise(setImmediate);
    const from = performance.now();
    ending.abort(new Error("gave up"));
    assert.match(`${(await aborted).outcome}`, /gave up/);
    assert.ok(performance.now() - from < slackMs);
    proxy.goOn();
    await cache.get(freshKey());
    assert.equal(text((await cache.get(key))?.value), "value", "nothing more was said for who gave up");
    await proxy.close();
  },
);

withMemcached(
  "[DA225] a server that was killed under load is away at once, and back by itself; nothing false is read",
  async (t) => {
    const server = await startMemcached();
    const { cache } = await openMemcached({ ports: [server.port], settings: { cacheRetrySeconds: 0.2 } });
    const keys = Array.from({ length: 50 }, freshKey);
    let isOver = false;
    const seen = { found: 0, nothing: 0, faults: 0 };
    const load = async (place: number): Promise<void> => {
      for (let version = 1; !isOver; version++) {
        const key = keys[(place * 7 + version) % keys.length] ?? "";
        try {
          await cache.setIfNewer(key, entry(`${key} ${version}`, version));
          const found = await cache.get(key);
          if (found === undefined) seen.nothing += 1;
          else assert.equal(text(found.value), `${key} ${found.version}`);
          seen.found += 1;
        } catch (error) {
          assert.ok(error instanceof Fault && error.code === "cache-away", `${error}`);
          seen.faults += 1;
          await new Promise((resolve) => setTimeout(resolve, 1));
        }
      }
    };
    const loads = Array.from({ length: 16 }, (_, place) => load(place));
    for (let kill = 0; kill < 3; kill++) {
      const before = seen.found;
      await until(() => seen.found > before + 500, "load");
      await server.kill();
      const faults = seen.faults;
      await until(() => seen.faults > faults + 20, "faults");
      const away = await timed(() => cache.get("any"));
      assert.ok(
        isFault("cache-away", "MILLRACE_CACHE_URL")(away.outcome) && away.ms < slackMs,
        `${away.outcome}`,
      );
      await server.again();
      await until(() => cache.serversOpen() === 1, "the server is found again");
    }
    isOver = true;
    await Promise.all(loads);
    t.diagnostic(JSON.stringify(seen));
  },
);

withMemcached(
  "[DA226] a key lies on two servers: one of them may be killed, or empty, and it is read",
  async () => {
    const servers = [await startMemcached(), await startMemcached()];
    const { cache } = await openMemcached({ ports: servers.map(({ port }) => port) });
    const keys = Array.from({ length: 200 }, freshKey);
    await Promise.all(keys.map((key) => cache.setIfNewer(key, entry(key, 1))));
    const read = async (): Promise<readonly (string | undefined)[]> =>
      Promise.all(keys.map(async (key) => text((await cache.get(key))?.value)));
    await servers[0]?.kill();
    assert.deepEqual(await read(), keys);
    assert.equal(await cache.setIfNewer(keys[0] ?? "", entry("two", 2)), true);
    assert.equal(text((await cache.get(keys[0] ?? ""))?.value), "two");
    await servers[0]?.again();
    await until(() => cache.serversOpen() === 2, "both answer");
    assert.deepEqual((await read()).slice(1), keys.slice(1), "one has nothing any more");
    assert.equal(
      await cache.setIfNewer(keys[0] ?? "", entry("late", 1)),
      false,
      "the other one knows better",
    );
    assert.equal(
      text((await cache.get(keys[0] ?? ""))?.value),
      "two",
      "what the empty one took is gone again",
    );
  },
);

withMemcached(
  "[DA226] while one of two servers stands still, reads are answered by the other, and asked twice seldom",
  async (t) => {
    const slow = await startMemcached();
    const proxy = await StallingProxy.start(slow.port);
    const good = await startMemcached();
    const { cache } = await openMemcached({ ports: [proxy.port, good.port] });
    const keys = Array.from({ length: 100 }, freshKey);
    await Promise.all(keys.map((key) => cache.setIfNewer(key, entry(key, 1))));
    for (let round = 0; round < 4; round++) for (const key of keys) await cache.get(key);
    const before = cache.hedgedReads();
    proxy.stall();
    const reads: { readonly ms: number; readonly outcome: unknown }[] = [];
    // The few that may be asked twice; the proxy is given up only after a second.
    for (const key of keys.slice(0, 8)) reads.push(await timed(() => cache.get(key, { deadlineMs: 5000 })));
    assert.deepEqual(
      reads.filter(({ outcome }) => outcome instanceof Error || outcome === undefined),
      [],
    );
    assert.ok(
      reads.every(({ ms }) => ms < 2000),
      JSON.stringify(reads.map(({ ms }) => Math.round(ms))),
    );
    t.diagnostic(
      `asked twice: ${before} of 400 while all was well, ${cache.hedgedReads() - before} of 8 after`,
    );
    assert.ok(before <= 50, `${before} of 400 reads were asked twice`);
    await proxy.close();
  },
);

withMemcached(
  "[DA227] an entry that was spoiled, cut, moved or left by others is none, and is written over",
  async () => {
    const server = await startMemcached();
    const { cache } = await openMemcached({ ports: [server.port] });
    const raw = new MemcachedConnection({ host: "127.0.0.1", port: server.port }, settings, new Alarms());
    const [key, other] = [freshKey(), freshKey()];
    await cache.setIfNewer(key, entry("a value of some length", 7));
    const nameOf = (own: string): string => `test:k:${own}`;
    const ask = (line: string, body?: Uint8Array) =>
      raw.ask(
        (opaque) => {
          const head = Buffer.from(`${line} O${opaque}\r\n`);
          return body === undefined ? head : Buffer.concat([head, body, Buffer.from("\r\n")]);
        },
        { endsAtMs: performance.now() + 10_000, signal: undefined },
      );
    const good = (await ask(`mg ${nameOf(key)} v`)).value ?? new Uint8Array();
    const set = (own: string, value: Uint8Array) => ask(`ms ${nameOf(own)} ${value.length} T60`, value);
    await set(other, good);
    assert.equal(await cache.get(other), undefined, "another key's");
    for (let bit = 0; bit < good.length * 8; bit += 5) {
      const spoiled = Uint8Array.from(good);
      spoiled[bit >> 3] = (spoiled[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      await set(other, new Uint8Array());
      await set(key, spoiled);
      assert.equal(await cache.get(key), undefined, `bit ${bit}`);
    }
    await set(key, good.subarray(0, 20));
    assert.equal(await cache.get(key), undefined, "cut");
    assert.equal(await cache.setIfNewer(key, entry("again", 1)), true);
    assert.equal(text((await cache.get(key))?.value), "again");
    raw.close();
  },
);

withMemcached(
  "[DA227] a value longer than the server's items is not kept, and neither is the older one",
  async () => {
    const server = await startMemcached(1);
    const { cache } = await openMemcached({ ports: [server.port] });
    const key = freshKey();
    await cache.setIfNewer(key, entry("short", 1));
    const long = { value: new Uint8Array(1 << 20), version: 2, ttlMs: 60_000 };
    assert.equal(await cache.setIfNewer(key, long), false);
    assert.equal(await cache.get(key), undefined);
    assert.equal(await cache.setIfNewer(key, entry("short", 3)), true);
  },
);

withMemcached("[DA228] what waits for a server is bounded in calls and in bytes", async () => {
  const server = await startMemcached();
  const proxy = await StallingProxy.start(server.port);
  const tight = { cacheQueue: 10, cacheQueueMib: 1, cacheDeadlineMs: 300 };
  const { cache } = await openMemcached({ ports: [proxy.port], settings: tight });
  proxy.stall();
  const many = await Promise.all(Array.from({ length: 30 }, () => timed(() => cache.get(freshKey()))));
  const busy = many.filter(({ outcome }) => isFault("cache-busy", "10 calls")(outcome));
  assert.equal(busy.length, 20);
  assert.ok(busy.every(({ ms }) => ms < slackMs * 2));
  proxy.goOn();
  await proxy.close();
  const direct = await openMemcached({ ports: [server.port], settings: tight });
  const long = { value: new Uint8Array(2 << 20), version: 1, ttlMs: 1000 };
  await assert.rejects(direct.cache.setIfNewer(freshKey(), long), isFault("cache-busy"));
});

test("[DA228] another program behind the address is told from memcached", async () => {
  const port = await freePort();
  const server = createServer((socket) => {
    socket.on("error", () => socket.destroy()).resume();
    socket.write("220 mail.example.org ESMTP\r\n");
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const own = { ...settings, cacheUrl: `memcached://127.0.0.1:${port}`, cacheRetrySeconds: 300 };
  const cache = openCache(own, systemClock);
  await assert.rejects(cache.get("key"), isFault("cache-away", "no memcached 1.6", "220 mail"));
  await cache.close();
  await assert.rejects(cache.get("key"), isFault("cache-closed"));
  await new Promise((resolve) => server.close(resolve));
});

test("[DA229] the setting chooses the cache; a wrong one says what is wanted, and a cache that is away stops no start", async () => {
  const open = (cacheUrl: string): CacheRig["cache"] =>
    openCache({ ...defaultsOf(dataSettings), cacheUrl, cacheDeadlineMs: 2000 }, systemClock);
  assert.ok(open(dataSettings.cacheUrl.default) instanceof MemoryCache);
  const wrong = [
    "redis://h:1",
    "memcached://",
    "memcached://h:0",
    "memcached://a,a",
    "memcached://h:1/a/b",
    "memory",
  ];
  for (const url of wrong) assert.throws(() => open(url), isFault("cache-url", url, "memcached://HOST:PORT"));
  const away = open(`memcached://127.0.0.1:${await freePort()},[::1]:${await freePort()}/here`);
  await assert.rejects(away.get("key"), isFault("cache-away"));
  await assert.rejects(away.setIfNewer("key", entry("value", 1)), isFault("cache-away"));
  await away.close();
});
