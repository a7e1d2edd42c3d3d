// Claim: with a full table, 7 M lookups/s a core in both families, and a rebuild that no lookup notices.
import { setTimeout as rest } from "node:timers/promises";
import { LiveTable } from "#bgp/io/live-table.ts";
import { find4, find6, type Lpm4, type Lpm6, lpmBytes } from "#bgp/lpm.ts";
import { buildLpm4, buildLpm6 } from "#bgp/lpm-build.ts";
import { ChainBook, chainsBytes } from "#bgp/route-chains.ts";
import type { RouteRun } from "#bgp/route-run.ts";
import { after, compiled, noRoutes, type RouteSet } from "#bgp/route-table.ts";
import type { RouteEvent } from "#model/network.ts";
import { siteId } from "#units/id.ts";
import { seededRandom } from "#units/random.ts";
import { type BenchResult, median } from "./bench.ts";
import { BinaryTrie } from "./binary-trie.ts";
import { fullBatch, fullSize } from "./full-table.ts";
import { Stopwatch } from "./turn.ts";

type Row = Record<string, string | number>;

const keyCount = 1 << 20;
const mebibyte = 2 ** 20;

export async function bench(quick: boolean): Promise<BenchResult> {
  const size = quick ? { ...fullSize, prefixes4: 105_000, prefixes6: 24_000 } : fullSize;
  const batch = fullBatch(size);
  const merging = performance.now();
  const routes = after(noRoutes, batch);
  const mergeMs = performance.now() - merging;
  const rows = [...family(routes.run4, quick), ...family(routes.run6, quick)];
  const building = performance.now();
  const { chains } = compiled(routes);
  const buildMs = performance.now() - building;
  rows.push({
    what: `build both (${routes.run4.count + routes.run6.count} routes)`,
    sortAndMergeMs: Math.round(mergeMs),
    compileMs: Math.round(buildMs),
    chains: chains.parents.length,
    MiB: (chainsBytes(chains) / mebibyte).toFixed(1),
  });
  rows.push(...(await pauses(routes, quick)));
  return {
    claim: "lookups/s with a full table ÷ a binary trie; longest pause of lookups during a rebuild",
    rows,
  };
}

/** A built table, as the loops below go through it. */
interface Way {
  readonly intervals: number;
  readonly bytes: number;
  /** Sum of what is found for all keys. */
  through(keys: Uint32Array): number;
  at(keys: Uint32Array, i: number): number;
}

function family(run: RouteRun, quick: boolean): Row[] {
  const book = new ChainBook(run.count);
  const chainOfRow = new Uint32Array(run.count);
  const chainFor = (parent: number, from: number, to: number): number => {
    const chain = book.chain(run, parent, from, to);
    chainOfRow.fill(chain, from, to);
    return chain;
  };
  const ours = run.family === 4 ? way4(buildLpm4(run, chainFor)) : way6(buildLpm6(run, chainFor));
  const trie = new BinaryTrie(run, (row) => chainOfRow[row] ?? 0);
  const width = run.words.length;
  const rows: Row[] = [];
  for (const [kind, keys] of [
    ["in table", keysInside(run)],
    ["anywhere", keysAnywhere(run)],
  ] as const) {
    for (let i = 0; i < keys.length; i += width) {
      if (ours.at(keys, i) === trie.find(keys, i)) continue;
      throw new Error(`the table and the trie differ at ${keys.subarray(i, i + width)}`);
    }
    const rounds = quick ? 3 : 7;
    const [trieRate = 0, rate = 0] = rates(rounds, [
      () => throughTrie(trie, keys, width),
      () => ours.through(keys),
    ]);
    const shared = { family: `IPv${run.family}`, keys: kind };
    const reference = { what: "binary trie (reference)", ...shared, Mlookups: trieRate.toFixed(1) };
    rows.push({ ...reference, MiB: mib(trie.bytes) });
    rows.push({
      what: "interval table",
      ...shared,
      Mlookups: rate.toFixed(1),
      ratio: (rate / trieRate).toFixed(1),
      MiB: mib(ours.bytes),
      intervals: ours.intervals,
    });
  }
  return rows;
}

function way4(lpm: Lpm4): Way {
  return {
    intervals: lpm.values.length,
    bytes: lpmBytes(lpm),
    through: (keys) => through4(lpm, keys),
    at: (keys, i) => find4(lpm, keys[i] ?? 0),
  };
}

function way6(lpm: Lpm6): Way {
  return {
    intervals: lpm.values.length,
    bytes: lpmBytes(lpm),
    through: (keys) => through6(lpm, keys),
    at: (keys, i) => find6(lpm, keys[i] ?? 0, keys[i + 1] ?? 0, keys[i + 2] ?? 0, keys[i + 3] ?? 0),
  };
}

/** Million lookups a second of each, the middle of some rounds in which they take turns, after a warm one. */
function rates(rounds: number, ways: readonly (() => number)[]): number[] {
  const all = ways.map((): number[] => []);
  for (let round = 0; round <= rounds; round++) {
    for (const [i, once] of ways.entries()) {
      const begun = performance.now();
      const sum = once();
      if (round > 0) all[i]?.push(keyCount / 1000 / (performance.now() - begun));
      if (!Number.isFinite(sum)) throw new Error("the lookups were not done");
    }
  }
  return all.map(median);
}

function through4(lpm: Lpm4, keys: Uint32Array): number {
  let sum = 0;
  for (let i = 0; i < keyCount; i++) sum += find4(lpm, keys[i] ?? 0);
  return sum;
}

function through6(lpm: Lpm6, keys: Uint32Array): number {
  let sum = 0;
  for (let i = 0; i < 4 * keyCount; i += 4) {
    sum += find6(lpm, keys[i] ?? 0, keys[i + 1] ?? 0, keys[i + 2] ?? 0, keys[i + 3] ?? 0);
  }
  return sum;
}

function throughTrie(trie: BinaryTrie, keys: Uint32Array, width: number): number {
  let sum = 0;
  for (let i = 0; i < width * keyCount; i += width) sum += trie.find(keys, i);
  return sum;
}

/** Addresses under a random prefix each. */
function keysInside(run: RouteRun): Uint32Array {
  const random = seededRandom(61);
  const width = run.words.length;
  const keys = new Uint32Array(width * keyCount);
  for (let i = 0; i < keyCount; i++) {
    const row = random.integer(0, run.count - 1);
    const length = run.lengths[row] ?? 0;
    for (let word = 0; word < width; word++) {
      const fixed = Math.min(32, Math.max(0, length - 32 * word));
      const free = fixed === 32 ? 0 : 0xffff_ffff >>> fixed;
      keys[width * i + word] =
        ((run.words[word]?.[row] ?? 0) | (random.integer(0, 0xffff_ffff) & free)) >>> 0;
    }
  }
  return keys;
}

/** Any IPv4 address; any address of 2000::/3, and one in 16 outside of it. */
function keysAnywhere(run: RouteRun): Uint32Array {
  const random = seededRandom(62);
  const keys = Uint32Array.from({ length: run.words.length * keyCount }, () =>
    random.integer(0, 0xffff_ffff),
  );
  if (run.family === 4) return keys;
  for (let i = 0; i < keyCount; i++) {
    if (i % 16 > 0) keys[4 * i] = 0x2000_0000 + ((keys[4 * i] ?? 0) >>> 3);
  }
  return keys;
}

/** Turns of the event loop, each with 100 lookups, while nothing is built and while the table is rebuilt and swapped. */
async function pauses(routes: RouteSet, quick: boolean): Promise<Row[]> {
  const table = { ...compiled(routes), routes };
  const live = new LiveTable({
    first: table,
    quietMs: 10,
    onTrouble: (error) => {
      throw error;
    },
  });
  const keys = keysInside(routes.run4);
  const rebuilds = quick ? 2 : 8;
  try {
    // The worker takes the routes over once; that is not a rebuild.
    live.take(churn(0));
    await live.settled();
    const idle = await turns(live, keys, rest(quick ? 1000 : 3000));
    const before = live.current;
    const begun = performance.now();
    const busy = await turns(live, keys, rebuild(live, rebuilds));
    const rebuildMs = (performance.now() - begun) / rebuilds;
    if (live.current === before) throw new Error("no table was swapped in");
    return [
      { what: "turns, nothing built (reference)", ...idle },
      { what: `turns during ${rebuilds} rebuilds`, ...busy, rebuildMs: Math.round(rebuildMs) },
    ];
  } finally {
    await live.close();
  }
}

async function rebuild(live: LiveTable, times: number): Promise<void> {
  for (let i = 1; i <= times; i++) {
    live.take(churn(i));
    await live.settled();
    // Else the next events would be read in the turn of the swap.
    await rest(20);
  }
}

/** 200 events that change something. */
function churn(round: number): RouteEvent[] {
  return Array.from({ length: 200 }, (_, i) => ({
    kind: "announce",
    route: {
      siteId: siteId("site-0001"),
      prefix: `11.${i}.${round}.0/24`,
      asPath: [64_512, round + 1],
      med: round,
    },
  }));
}

const mostTurns = 4_000_000;

/**
 * Each turn's length by the clock, and without what other programs took of it: those are this program's own pauses.
 * `swapMs` are the turns at whose end another table was in force.
 */
async function turns(live: LiveTable, keys: Uint32Array, until: Promise<void>): Promise<Row> {
  const clock = new Float64Array(mostTurns);
  const own = new Float64Array(mostTurns);
  const swaps: string[] = [];
  let done = false;
  const work = until.finally(() => {
    done = true;
  });
  let count = 0;
  let table = live.current;
  let sum = 0;
  const watch = new Stopwatch();
  await new Promise<void>((resolve) => {
    const onTurn = (): void => {
      watch.lap();
      clock[count] = watch.clockMs;
      own[count] = watch.ownMs;
      count++;
      if (live.current !== table) swaps.push(watch.ownMs.toFixed(2));
      table = live.current;
      for (let i = 0; i < 100; i++) sum += find4(table.v4, keys[(count + i) % keyCount] ?? 0);
      if (done || count === mostTurns) resolve();
      else setImmediate(onTurn);
    };
    onTurn();
  });
  watch.close();
  await work;
  if (!Number.isFinite(sum)) throw new Error("the lookups were not done");
  const [clocks, owns] = [clock.subarray(0, count), own.subarray(0, count)];
  return {
    turns: count,
    p999Ms: shareOf(clocks, 0.999),
    longestMs: shareOf(clocks, 1),
    ownP50Ms: shareOf(owns, 0.5),
    ownP999Ms: shareOf(owns, 0.999),
    ownLongestMs: shareOf(owns, 1),
    swapMs: swaps.join(" "),
  };
}

function shareOf(values: Float64Array, share: number): string {
  const sorted = values.toSorted();
  return (sorted[Math.floor(share * (sorted.length - 1))] ?? 0).toFixed(3);
}

function mib(count: number): string {
  return (count / mebibyte).toFixed(1);
}
