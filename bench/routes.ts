// Claim: an appliance's full table reaches steering in seconds, requests go on meanwhile, and an ISP's withdrawal moves new
// sessions well within 5 s.
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setImmediate as turn } from "node:timers/promises";
import { feedSettings } from "#bgp/feed-settings.ts";
import { HeardTable } from "#bgp/heard-table.ts";
import { sendRoutes } from "#bgp/io/route-sender.ts";
import { keyOf } from "#bgp/prefix-key.ts";
import { RouteLog } from "#bgp/route-log.ts";
import { defaultsOf } from "#config/setting.ts";
import { RouteDesk } from "#control/io/route-desk.ts";
import { openSecrets } from "#control/io/secrets.ts";
import { type Network, readNetwork } from "#control/network.ts";
import { routeSettings } from "#control/route-settings.ts";
import { systemClock } from "#io/clock.ts";
import { openLog } from "#io/log.ts";
import { memoryLog, memoryStores } from "#test/fixtures/memory-stores.ts";
import { smallSites, smallTitle } from "#test/fixtures/small-network.ts";
import { missingBird } from "#test/journeys/bgp-rig.ts";
import { startSmall } from "#test/journeys/control-plane.ts";
import { film, report, session } from "#test/journeys/routes-rig.ts";
import { assert } from "#units/assert.ts";
import { applianceId, siteId } from "#units/id.ts";
import { type BenchResult, median } from "./bench.ts";
import { fullTable, type TableOrder, tableGroups } from "./bgp-table.ts";
import { birdToControl } from "./routes-bird.ts";

export const parts = ["full-table", "withdraw", "bird"];

type Row = Record<string, string | number>;

const logger = openLog("bench", "silent");
const box = { id: applianceId("x1"), siteId: siteId("ix") };

export async function bench(quick: boolean, wanted: readonly string[]): Promise<BenchResult> {
  const isWanted = (part: string): boolean => wanted.length === 0 || wanted.includes(part);
  const rows: Row[] = [];
  const folder = await mkdtemp(join(tmpdir(), "millrace-bench-routes-"));
  try {
    if (isWanted("full-table")) {
      rows.push(...(await fullTables(orderOf(quick), join(folder, "routes"))));
    }
    if (isWanted("bird") && missingBird === false) rows.push(await birdToControl(orderOf(quick), folder));
    if (isWanted("withdraw")) rows.push(await withdrawals(quick ? 5 : 30, join(folder, "secrets.json")));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return { claim: "from what an appliance hears to what steering goes by", rows };
}

function orderOf(quick: boolean): TableOrder {
  return quick ? { ...fullTable, v4: 105_000, v6: 24_000 } : fullTable;
}

function tableOf(order: TableOrder): HeardTable {
  const table = new HeardTable();
  const groups = tableGroups(order);
  const routes = new Map(
    groups.flatMap(({ prefixes, path, med = 0 }) => {
      const route = { asPathLength: path.length, med, neighbourAs: path[0] ?? 0 };
      return prefixes.map((prefix) => [keyOf(prefix), route] as const);
    }),
  );
  table.set([{ id: "n1", state: "up", routes }]);
  return table;
}

async function openDesk(folder: string): Promise<RouteDesk> {
  let tokens = 0;
  const desk = new RouteDesk({
    settings: defaultsOf(routeSettings),
    ...{ folder, logger, file: { routes: [] }, clock: systemClock },
    newToken: () => `t${++tokens}`,
  });
  await desk.recall(network);
  return desk;
}

function network(): Network {
  const reading = readNetwork(smallSites, "http://127.0.1.1:8180");
  assert(reading.kind === "read", "the small network can be read");
  return reading.network;
}

/** A snapshot into an empty control, the same once more, and what is kept of it read by the next control. */
async function fullTables(order: TableOrder, folder: string): Promise<readonly Row[]> {
  const table = tableOf(order);
  const desk = await openDesk(folder);
  const first = await measured("snapshot into an empty control", order, () => tellAll(desk, table));
  const again = await measured("the same snapshot again (a restart)", order, () => tellAll(desk, table));
  await desk.close();
  const { size } = await stat(join(folder, `${box.id}.routes`));
  let next: RouteDesk | undefined;
  const recalled = await measured("read from disk at the start of control", order, async () => {
    next = await openDesk(folder);
    return { parts: 0, octets: size, longestPackMs: 0 };
  });
  await next?.close();
  return [first, again, recalled];
}

interface Told {
  readonly parts: number;
  readonly octets: number;
  /** The longest step of the appliance. */
  readonly longestPackMs: number;
}

async function tellAll(desk: RouteDesk, table: HeardTable): Promise<Told> {
  const { partKib, mostWaiting } = defaultsOf(feedSettings);
  const stream = `${performance.now()}`;
  const log = new RouteLog({ stream, source: table, partOctets: partKib * 1024, mostWaiting });
  const hello = log.hello();
  log.answered(hello, await desk.take(box, hello));
  let told: Told = { parts: 0, octets: 0, longestPackMs: 0 };
  for (;;) {
    const begun = performance.now();
    const part = log.next();
    if (part === undefined) return told;
    const { length } = JSON.stringify(part);
    const longestPackMs = Math.max(told.longestPackMs, performance.now() - begun);
    told = { parts: told.parts + 1, octets: told.octets + length, longestPackMs };
    await turn();
    log.answered(part, await desk.take(box, part));
  }
}

async function measured(what: string, order: TableOrder, work: () => Promise<Told>): Promise<Row> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const begun = performance.now();
  const { parts: count, octets, longestPackMs } = await work();
  const seconds = (performance.now() - begun) / 1000;
  delay.disable();
  return {
    what,
    prefixes: order.v4 + order.v6,
    seconds: seconds.toFixed(2),
    parts: count,
    MB: (octets / 1e6).toFixed(1),
    longestStallMs: Math.round(delay.max / 1e6),
    longestPackMs: Math.round(longestPackMs),
    heapMiB: Math.round(process.memoryUsage().heapUsed / 2 ** 20),
  };
}

/** From the appliance's table to the first other answer, over HTTP, with every setting at its default. */
async function withdrawals(count: number, secretsPath: string): Promise<Row> {
  const secrets = await openSecrets(secretsPath);
  const control = await startSmall({ stores: memoryStores(), log: memoryLog(), secretsPath });
  const stopping = new AbortController();
  const source = new HeardTable();
  const there = session("n1", "up", "198.51.100.0/24");
  source.set([there]);
  const sending = sendRoutes({
    ...{ applianceId: "a1", controlUrl: control.url, token: secrets.applianceToken, stream: "bench", source },
    ...{ settings: defaultsOf(feedSettings), log: logger, signal: stopping.signal },
  });
  try {
    await control.publishTitle(smallTitle(film));
    for (const id of ["a1", "x1"]) await report(control.url, secrets.applianceToken, id);
    const first = (): string | undefined => control.steeringFor("198.51.100.7", film)?.ranked[0]?.siteId;
    const until = async (site: string): Promise<number> => {
      const begun = performance.now();
      while (first() !== site) await new Promise((resolve) => setTimeout(resolve, 1));
      return performance.now() - begun;
    };
    const tookMs: number[] = [];
    for (let n = 0; n < count; n++) {
      source.setSession(there);
      await until("isp-a");
      source.setSession(session("n1", "up"));
      tookMs.push(await until("ix"));
      for (const id of ["a1", "x1"]) await report(control.url, secrets.applianceToken, id);
    }
    return {
      what: "a prefix is withdrawn: the next play goes elsewhere",
      withdrawals: count,
      medianMs: Math.round(median(tookMs)),
      longestMs: Math.round(Math.max(...tookMs)),
    };
  } finally {
    stopping.abort();
    await sending;
    await control.close();
  }
}
