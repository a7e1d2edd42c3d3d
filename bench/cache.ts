// Bar: a read from memcached through our client is answered within a millisecond, 99 of 100, at half of the load that the client
// reaches; beside a bare socket that sends the same question and does nothing else.
import { connect, type Socket } from "node:net";
import { defaultsOf } from "#config/setting.ts";
import { MemcachedCache } from "#data/io/memcached-cache.ts";
import { dataSettings } from "#data/settings.ts";
import { systemClock } from "#io/clock.ts";
import { Memcached, memcachedMissing } from "#test/fixtures/memcached.ts";
import { type BenchResult, median } from "./bench.ts";

const valueBytes = 500;
const keyCount = 1000;
/** Questions under way at once, when the load is as high as it gets. */
const together = 64;
const warmMs = 1000;
const roundMs = 400;
const keys = Array.from({ length: keyCount }, (_, number) => `profile-${number}/title-${number % 97}`);

type Ask = (key: string) => Promise<void>;

interface Figures {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly asked: number;
  readonly twice: number;
}

interface Client {
  readonly ask: Ask;
  /** Reads so far that asked a second server. */
  hedged(): number;
  close(): Promise<void>;
}

export async function bench(quick: boolean): Promise<BenchResult> {
  const claim =
    "reads per second, and milliseconds within which 50 and 99 of 100 are answered at half of that";
  const missing = await memcachedMissing();
  if (missing !== undefined) return { claim, rows: [], notes: [missing] };
  const servers = [await Memcached.start(), await Memcached.start()];
  const ports = servers.map(({ port }) => port);
  const clients: readonly (readonly [string, () => Promise<Client>])[] = [
    ["bare socket, one server (reference)", () => bareSocket(ports[0] ?? 0)],
    ["cache, one server", () => ourClient(ports.slice(0, 1), false)],
    ["cache, two servers", () => ourClient(ports, false)],
    ["cache, two servers, hedged", () => ourClient(ports, true)],
  ];
  const opened: Client[] = [];
  try {
    for (const [, open] of clients) opened.push(await open());
    for (const { ask } of opened) await reached(ask, warmMs);
    const found = clients.map((): Figures[] => []);
    // Short rounds by turns: what else this machine does falls on all of them, and leaves some in peace.
    for (let round = 0; round < (quick ? 5 : 25); round++) {
      for (const [place, client] of opened.entries()) found[place]?.push(await measured(client));
    }
    const rows = clients.map(([what], place) => ({ what, ...rowOf(found[place] ?? []) }));
    return {
      claim,
      rows,
      notes: [
        `Medians of rounds; ${valueBytes} bytes a value. Questions come evenly, and wait from the moment that they are due.`,
        "memcached, whoever asks and whoever counts share this machine.",
      ],
    };
  } finally {
    for (const client of opened) await client.close();
    for (const server of servers) await server.kill();
  }
}

function rowOf(rounds: readonly Figures[]): Readonly<Record<string, string | number>> {
  const middle = (pick: (figures: Figures) => number): number => median(rounds.map(pick));
  const p99 = middle((one) => one.p99);
  return {
    perSecond: Math.round(middle((one) => one.perSecond)),
    p50Ms: Number(middle((one) => one.p50).toFixed(3)),
    p99Ms: Number(p99.toFixed(3)),
    bestP99Ms: Number(Math.min(...rounds.map((one) => one.p99)).toFixed(3)),
    askedTwicePercent: Number((100 * middle((one) => one.twice / one.asked)).toFixed(2)),
    bar: p99 <= 1 ? "kept" : "not kept",
  };
}

async function measured({ ask, hedged }: Client): Promise<Figures> {
  const perSecond = await reached(ask, roundMs);
  const before = hedged();
  const waits = await atRate(ask, perSecond / 2, roundMs);
  const sorted = waits.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor(sorted.length * share)] ?? Number.NaN;
  return { perSecond, p50: at(0.5), p99: at(0.99), asked: waits.length, twice: hedged() - before };
}

/** As fast as it goes, with so many under way. */
async function reached(ask: Ask, forMs: number): Promise<number> {
  const begun = performance.now();
  let done = 0;
  const loop = async (from: number): Promise<void> => {
    for (let at = from; performance.now() - begun < forMs; at++) {
      await ask(keys[at % keyCount] ?? "");
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: together }, (_, place) => loop(place * 13)));
  return (1000 * done) / (performance.now() - begun);
}

/** Questions at even distances, whatever becomes of those before: who comes late to ask has waited already. */
async function atRate(ask: Ask, perSecond: number, forMs: number): Promise<Float64Array> {
  const count = Math.floor((perSecond * forMs) / 1000);
  const waits = new Float64Array(count);
  let answered = 0;
  const begun = performance.now();
  const askOne = async (number: number): Promise<void> => {
    await ask(keys[number % keyCount] ?? "");
    waits[number] = performance.now() - begun - (1000 * number) / perSecond;
    answered += 1;
  };
  let failure: unknown;
  for (let next = 0; answered < count; ) {
    const dueNow = Math.min(count, ((performance.now() - begun) * perSecond) / 1000);
    for (; next < dueNow; next++) {
      askOne(next).catch((error: unknown) => {
        failure = error;
      });
    }
    if (failure !== undefined) throw failure;
    await new Promise(setImmediate);
  }
  return waits;
}

async function ourClient(ports: readonly number[], hedged: boolean): Promise<Client> {
  const cache = new MemcachedCache({
    servers: ports.map((port) => ({ host: "127.0.0.1", port })),
    namespace: "bench",
    // None is lost to a deadline or a bound: what took long is to be seen.
    settings: { ...defaultsOf(dataSettings), cacheDeadlineMs: 60_000, cacheQueue: 1_000_000 },
    clock: systemClock,
    hedged,
  });
  while (cache.serversOpen() < ports.length) await new Promise(setImmediate);
  const version = Date.now();
  const value = new Uint8Array(valueBytes).fill(65);
  for (const key of keys) await cache.setIfNewer(key, { value, version, ttlMs: 600_000 });
  return {
    async ask(key) {
      const found = await cache.get(key);
      if (found?.value.length !== valueBytes) throw new Error(`${key} is not in the cache`);
    },
    hedged: () => cache.hedgedReads(),
    close: () => cache.close(),
  };
}

/** Counts the bytes that come: as little as a client can do. */
async function bareSocket(port: number): Promise<Client> {
  const socket: Socket = connect({ port, host: "127.0.0.1", noDelay: true });
  await new Promise((resolve) => socket.once("connect", resolve));
  const stored = new Promise((resolve) => socket.once("data", resolve));
  socket.write(`ms bare ${valueBytes}\r\n${"A".repeat(valueBytes)}\r\n`);
  await stored;
  const answerBytes = `VA ${valueBytes}\r\n`.length + valueBytes + 2;
  const waiting: (() => void)[] = [];
  let unread = 0;
  socket.on("data", (chunk) => {
    for (unread += chunk.length; unread >= answerBytes; unread -= answerBytes) waiting.shift()?.();
  });
  return {
    ask: () =>
      new Promise((resolve) => {
        waiting.push(resolve);
        socket.write("mg bare v\r\n");
      }),
    hedged: () => 0,
    close: async () => {
      socket.destroy();
    },
  };
}
