// PostgreSQL under history and screens, and memcached, killed under load.
import { defaultsOf } from "#config/setting.ts";
import { openStores } from "#data/io/database.ts";
import { MemcachedCache } from "#data/io/memcached-cache.ts";
import { dataSettings } from "#data/settings.ts";
import { systemClock } from "#io/clock.ts";
import { cacheLoad } from "#test/fixtures/cache-load.ts";
import type { Ends } from "#test/fixtures/endings.ts";
import { historyLoad } from "#test/fixtures/history-load.ts";
import { check } from "#test/fixtures/lease-history.ts";
import { crowd, crowdTerm, grantsKept, type RunningCrowd } from "#test/fixtures/running-crowd.ts";
import { until } from "#test/fixtures/shipping-rig.ts";
import { startOne } from "./kill-engines.ts";
import type { Killed, Missing } from "./killed.ts";

export async function killPostgres(kills: number, ends: Ends): Promise<Killed | Missing> {
  const server = await startOne("postgres", ends);
  if ("missing" in server) return server;
  const { signal } = new AbortController();
  const order = { databaseUrl: server.url, folder: "unused", signal, onNote: () => undefined };
  const stores = await openStores(order);
  ends.after(() => stores.close());
  const load = historyLoad(stores.history);
  for (let kill = 0; kill < kills; kill++) {
    const before = load.acknowledged();
    await until(() => load.acknowledged() > before + 300, "plays are taken");
    await server.crash();
  }
  const before = load.acknowledged();
  await until(() => load.acknowledged() > before + 300, "plays are taken");
  const kept = await load.stop();
  return { ...kept, violations: load.violations(), promises: "all, once" };
}

/** Every third kill is the server's, the others are of programs beside one that lives. A violation is a screen too many. */
export async function killScreens(kills: number, ends: Ends): Promise<Killed | Missing> {
  const server = await startOne("postgres", ends);
  if ("missing" in server) return server;
  const { url } = server;
  const steady = crowd({ url, seconds: 600 });
  const crowds: RunningCrowd[] = [steady];
  ends.after(() => Promise.all(crowds.map((one) => ended(one))));
  const account = await steady.account;
  const granted = (one: RunningCrowd): number => one.history.filter(({ step }) => step === "granted").length;
  for (let kill = 1; kill <= kills; kill++) {
    if (kill % 3 === 0) {
      await steady.granted(granted(steady) + 10);
      await server.crash();
      continue;
    }
    const one = crowd({ url, account, seed: kill, seconds: 600, firstProcess: kill * 100 });
    crowds.push(one);
    await one.granted(3);
    await ended(one);
  }
  await steady.granted(granted(steady) + 10);
  await ended(steady);
  const bounds = { screens: 4, graceMs: crowdTerm.graceMs };
  const { violations } = check(
    crowds.flatMap(({ history }) => history),
    bounds,
  );
  return { ...(await grantsKept(url, crowds)), violations, promises: "all, once" };
}

async function ended({ child, ended: over }: RunningCrowd): Promise<void> {
  child.kill("SIGKILL");
  await over;
}

/** A cache may forget everything; "found" are readings that had something. */
export async function killMemcached(kills: number, ends: Ends): Promise<Killed | Missing> {
  const server = await startOne("memcached", ends);
  if ("missing" in server) return server;
  const cache = new MemcachedCache({
    servers: [{ host: "127.0.0.1", port: server.port }],
    namespace: "kills",
    settings: { ...defaultsOf(dataSettings), cacheDeadlineMs: 10_000, cacheRetrySeconds: 0.2 },
    clock: systemClock,
  });
  ends.after(() => cache.close());
  await until(() => cache.serversOpen() === 1, "the server answers");
  const load = cacheLoad(cache);
  for (let kill = 0; kill < kills; kill++) {
    const before = load.found();
    await until(() => load.found() > before + 1000, "load");
    await server.crash();
  }
  const before = load.found();
  await until(() => load.found() > before + 1000, "load");
  await load.stop();
  return {
    ...{ acknowledged: load.acknowledged(), found: load.found(), lost: [], doubles: 0 },
    ...{ violations: load.violations(), promises: "nothing old or false" },
  };
}
