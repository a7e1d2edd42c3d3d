// The caches that the contract suite runs on, opened once each, and what tests say to them.
import { randomBytes } from "node:crypto";
import { after, type TestContext, test } from "node:test";
import { setTimeout as rest } from "node:timers/promises";
import { defaultsOf } from "#config/setting.ts";
import { MemcachedCache } from "#data/io/memcached-cache.ts";
import { MemoryCache } from "#data/memory-cache.ts";
import type { Cache } from "#data/ports-cache.ts";
import { dataSettings } from "#data/settings.ts";
import { systemClock } from "#io/clock.ts";
import { Memcached, memcachedMissing } from "#test/fixtures/memcached.ts";
import { Fault } from "#units/fault.ts";
import { type Milliseconds, milliseconds } from "#units/quantity.ts";

/** The machine is busy with other tests: what is no test of the deadline has one that is never reached. */
export const settings = { ...defaultsOf(dataSettings), cacheDeadlineMs: 10_000 };
const closers: (() => Promise<void>)[] = [];

/** Ends what was opened, the last first. */
after(async () => {
  for (const close of closers.reverse()) await close();
});

/** The machine's time, and so much more as a test says. */
export class AheadClock {
  aheadMs = 0;
  wallMs(): Milliseconds {
    return milliseconds(systemClock.wallMs() + this.aheadMs);
  }
  monoMs(): Milliseconds {
    return milliseconds(systemClock.monoMs() + this.aheadMs);
  }
}

export interface CacheRig {
  readonly cache: Cache;
  readonly clock: AheadClock;
}

/** Ended with the file. */
export async function startMemcached(itemMib?: number): Promise<Memcached> {
  const server = await Memcached.start(itemMib);
  closers.push(() => server.kill());
  return server;
}

export interface OpenOrder {
  readonly ports: readonly number[];
  readonly settings?: Partial<typeof settings>;
  readonly hedged?: boolean;
}

/** Once every one of its servers has answered. */
export async function openMemcached(
  order: OpenOrder,
): Promise<CacheRig & { readonly cache: MemcachedCache }> {
  const clock = new AheadClock();
  const cache = new MemcachedCache({
    servers: order.ports.map((port) => ({ host: "127.0.0.1", port })),
    namespace: "test",
    settings: { ...settings, ...order.settings },
    clock,
    ...(order.hedged === undefined ? {} : { hedged: order.hedged }),
  });
  closers.push(() => cache.close());
  await until(() => cache.serversOpen() === order.ports.length, "every server answers");
  return { cache, clock };
}

interface Engine {
  readonly name: string;
  open(): Promise<CacheRig | { readonly missing: string }>;
}

async function memcachedOf(count: number): Promise<CacheRig | { readonly missing: string }> {
  const missing = await memcachedMissing();
  if (missing !== undefined) return { missing };
  // Items of 2 MiB: a value of 1 MiB and its header do not fit into one of 1 MiB.
  const servers = await Promise.all(Array.from({ length: count }, () => startMemcached(2)));
  return openMemcached({ ports: servers.map(({ port }) => port) });
}

function memory(): CacheRig {
  const clock = new AheadClock();
  return { clock, cache: new MemoryCache({ bytes: 64 << 20, tombstoneMs: 60_000, clock }) };
}

const engines: readonly Engine[] = [
  { name: "memory", open: async () => memory() },
  { name: "memcached, one server", open: once(() => memcachedOf(1)) },
  { name: "memcached, three servers", open: once(() => memcachedOf(3)) },
];

/** One test on every cache there is. */
export function onEachCache(title: string, body: (rig: CacheRig, t: TestContext) => Promise<void>): void {
  for (const { name, open } of engines) {
    test(`${title} (${name})`, async (t) => {
      const rig = await open();
      if ("missing" in rig) return t.skip(rig.missing);
      rig.clock.aheadMs = 0;
      await body(rig, t);
    });
  }
}

/** A test with memcached's processes for itself. */
export function withMemcached(title: string, body: (t: TestContext) => Promise<void>): void {
  test(title, async (t) => {
    const missing = await memcachedMissing();
    if (missing !== undefined) return t.skip(missing);
    await body(t);
  });
}

function once<A>(work: () => Promise<A>): () => Promise<A> {
  let begun: Promise<A> | undefined;
  return () => {
    begun ??= work();
    return begun;
  };
}

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
export const text = (value: Uint8Array | undefined): string | undefined =>
  value === undefined ? undefined : new TextDecoder().decode(value);
export const freshKey = (): string => randomBytes(6).toString("hex");
export const minuteMs = 60_000;

export function entry(value: string, version: number, ttlMs = minuteMs) {
  return { value: bytes(value), version, ttlMs };
}

export const isFault =
  (code: string, ...words: readonly string[]) =>
  (error: unknown): boolean =>
    error instanceof Fault && error.code === code && words.every((word) => error.message.includes(word));

/** Waits for what another process or timer brings about. */
export async function until(isSo: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const end = performance.now() + 30_000;
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error(`waited in vain: ${what}`);
    await rest(5);
  }
}
