// Claim: with 1 000 sites and 10 000 appliances a whole decision (address → routes → ranked list) takes 1 ms at most in 99
// of 100 cases, and a core makes 20 000 of them a second.
import { readAddress } from "#bgp/address.ts";
import { compiled, lookup } from "#bgp/route-table.ts";
import { defaultsOf } from "#config/setting.ts";
import type { Appliance, RouteMatch, Site } from "#model/network.ts";
import { groundOf } from "#steer/ground.ts";
import type { Health } from "#steer/health.ts";
import { type ApplianceNow, type BoxNow, rank, rankOnce } from "#steer/rank.ts";
import { steerSettings } from "#steer/settings.ts";
import { applianceId, siteId } from "#units/id.ts";
import { bitsPerSecond, bytes } from "#units/quantity.ts";
import { type Random, seededRandom } from "#units/random.ts";
import type { BenchResult } from "./bench.ts";
import { fullRoutes, fullSize, siteNames } from "./full-table.ts";
import { Stopwatch } from "./turn.ts";

const siteCount = 1000;
const boxesPerSite = 10;

type Row = Record<string, string | number>;

export async function bench(quick: boolean): Promise<BenchResult> {
  const random = seededRandom(9);
  const routes = fullRoutes({
    ...fullSize,
    ...(quick ? { prefixes4: 105_000, prefixes6: 24_000 } : {}),
    sites: siteCount,
  });
  const table = compiled(routes);
  const sites = siteNames(siteCount).map((id) => siteOf(id, random));
  const nows = new Map(
    sites.flatMap((site) => boxesOf(site, random)).map((now) => [`${now.appliance.id}`, now]),
  );
  const appliances = [...nows.values()].map(({ appliance }) => appliance);
  // One title that three of four hold.
  const holders = new Set(appliances.flatMap(({ id }) => (random.next() < 0.75 ? [`${id}`] : [])));
  const viewers = Array.from({ length: quick ? 20_000 : 100_000 }, (_, i) =>
    viewerOf(routes.run4, i, random),
  );
  const ground = groundOf(sites, appliances);
  const shared = {
    settings: defaultsOf(steerSettings),
    now: ({ id }: Appliance): BoxNow => nows.get(id) ?? silent,
    holds: ({ id }: Appliance) => holders.has(id),
  };
  const decide = (viewer: Viewer, matches: readonly RouteMatch[]): number =>
    rank({ ...shared, ...viewer, ground, matches, name: "met" }).ranked.length;
  const matchesOf = (text: string): readonly RouteMatch[] => {
    const reading = readAddress(text);
    return reading.kind === "address" ? lookup(table, reading.address) : [];
  };
  const everywhere = sites.map(
    (site, i): RouteMatch => ({
      siteId: site.id,
      prefix: "0.0.0.0/0",
      prefixLength: 0,
      asPathLength: 2 + (i % 3),
      med: 10 * (i % 4),
      neighbourAs: 64_512 + (i % 5),
    }),
  );
  const all = [...nows.values()];
  const rows = [
    measured(
      "all appliances looked at and sorted (reference)",
      viewers.slice(0, quick ? 50 : 200),
      (viewer) =>
        rankOnce({
          ...shared,
          ...viewer,
          matches: matchesOf(viewer.address),
          sites,
          appliances: all,
          holders,
        }).ranked.length,
    ),
    measured("whole decision", viewers, (viewer) => decide(viewer, matchesOf(viewer.address))),
    measured("no site heard the viewer", viewers.slice(0, 20_000), (viewer) => decide(viewer, [])),
    measured("every site heard a default route", viewers.slice(0, 5_000), (viewer) =>
      decide(viewer, everywhere),
    ),
  ];
  return { claim: "decisions/s a core and their 99th percentile, 1 000 sites, 10 000 appliances", rows };
}

interface Viewer {
  readonly address: string;
  readonly viewer: { readonly latitude: number; readonly longitude: number } | undefined;
  readonly sessionKey: string;
}

const silent: BoxNow = { health: "silent", because: "It has not reported yet.", load: bitsPerSecond(0) };

/**
 * Once by processor time, for the rate of a core; once more by the clock, each decision alone. Own times leave out
 * when other programs held the processor.
 */
function measured(what: string, viewers: readonly Viewer[], once: (viewer: Viewer) => number): Row {
  let listed = 0;
  for (const viewer of viewers.slice(0, 2000)) listed += once(viewer);
  listed = 0;
  const before = process.threadCpuUsage();
  for (const viewer of viewers) listed += once(viewer);
  const { user, system } = process.threadCpuUsage(before);
  const watch = new Stopwatch();
  const times = new Float64Array(viewers.length);
  const ownTimes = new Float64Array(viewers.length);
  for (const [i, viewer] of viewers.entries()) {
    watch.lap();
    once(viewer);
    watch.lap();
    times[i] = watch.clockMs;
    ownTimes[i] = watch.ownMs;
  }
  watch.close();
  return {
    what,
    decisions: viewers.length,
    perCoreSecond: Math.round((viewers.length * 1e6) / (user + system)),
    p50Ms: shareOf(times, 0.5),
    p99Ms: shareOf(times, 0.99),
    ownP99Ms: shareOf(ownTimes, 0.99),
    ownP999Ms: shareOf(ownTimes, 0.999),
    listed: (listed / viewers.length).toFixed(1),
  };
}

function shareOf(times: Float64Array, share: number): string {
  const sorted = times.toSorted();
  return (sorted[Math.floor(share * (sorted.length - 1))] ?? 0).toFixed(3);
}

function siteOf(id: string, random: Random): Site {
  return {
    id: siteId(id),
    name: id,
    kind: random.next() < 0.7 ? "embedded" : "exchange",
    location:
      random.next() < 0.95
        ? { latitude: random.next() * 120 - 50, longitude: random.next() * 360 - 180 }
        : undefined,
  };
}

function boxesOf(site: Site, random: Random): ApplianceNow[] {
  return Array.from({ length: boxesPerSite }, (_, i) => {
    const throughput = random.next() < 0.5 ? 40e9 : 100e9;
    return {
      appliance: {
        id: applianceId(`${site.id}-${i}`),
        siteId: site.id,
        role: "flash",
        storage: bytes(1e14),
        throughput: bitsPerSecond(throughput),
      },
      health: healthOf(random),
      because: "As its last report said.",
      load: bitsPerSecond(throughput * random.next()),
    };
  });
}

function healthOf(random: Random): Health {
  const drawn = random.next();
  return drawn < 0.95 ? "healthy" : drawn < 0.98 ? "unhealthy" : "silent";
}

/** An address under some prefix of the table. */
function viewerOf(
  run: { readonly count: number; readonly words: readonly Uint32Array[]; readonly lengths: Uint8Array },
  i: number,
  random: Random,
): Viewer {
  const row = random.integer(0, run.count - 1);
  const host = random.integer(0, 2 ** (32 - (run.lengths[row] ?? 32)) - 1);
  const value = (run.words[0]?.[row] ?? 0) + host;
  const address = [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join(".");
  const known = random.next() < 0.9;
  const viewer = known
    ? { latitude: random.next() * 120 - 50, longitude: random.next() * 360 - 180 }
    : undefined;
  return { address, viewer, sessionKey: `session-${i}` };
}
