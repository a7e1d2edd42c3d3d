// Claim: lints over a full table of both families take no more than some times the reading of its prefixes.
import { readPrefix } from "#bgp/address.ts";
import { lintRoutes } from "#bgp/lint.ts";
import type { HeardRoute, LintSite } from "#bgp/lint-view.ts";
import { seededRandom } from "#units/random.ts";
import type { BenchResult } from "./bench.ts";

const sites: readonly LintSite[] = Array.from({ length: 8 }, (_, i) => ({
  id: `s${i}`,
  kind: i < 4 ? "embedded" : "exchange",
  serverIds: [`s${i}-a`, `s${i}-b`],
}));

export async function bench(quick: boolean): Promise<BenchResult> {
  const rows: Record<string, string | number>[] = [];
  for (const prefixes of quick ? [62_500, 125_000] : [125_000, 250_000, 500_000, 1_000_000]) {
    const routes = view(prefixes);
    const begun = cpuMs();
    for (const { prefix } of routes) readPrefix(prefix);
    const read = cpuMs();
    const found = lintRoutes({ sites, routes });
    const [reading, linting] = [read - begun, cpuMs() - read];
    rows.push({
      prefixes: found.prefixes,
      routes: found.routes,
      lints: found.lints.length,
      "reading (reference) CPU ms": Math.round(reading),
      "lints CPU ms": Math.round(linting),
      ratio: (linting / reading).toFixed(2),
      "ns per route": Math.round((linting * 1e6) / found.routes),
    });
  }
  return { claim: "CPU time of all lints ÷ time of reading the same prefixes", rows };
}

/** Of this process, in all its threads, the collector's too. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** A synthetic view: four in five prefixes IPv4, mostly /24 inside shorter ones; each is heard by one to three servers. */
function view(prefixes: number): readonly HeardRoute[] {
  const random = seededRandom(7);
  const pick = (count: number): number => Math.floor(random.next() * count);
  const routes: HeardRoute[] = [];
  for (let i = 0; i < prefixes; i++) {
    const prefix =
      i % 5 === 0
        ? `2${(400 + pick(0x200)).toString(16)}:${pick(0x10000).toString(16)}:${pick(0x10000).toString(16)}::/${32 + pick(17)}`
        : `${1 + pick(222)}.${pick(256)}.${pick(256)}.0/${random.next() < 0.6 ? 24 : 12 + pick(12)}`;
    const heard = 1 + pick(3);
    for (let j = 0; j < heard; j++) {
      const site = pick(sites.length);
      routes.push({
        siteId: `s${site}`,
        serverId: random.next() < 0.5 ? `s${site}-a` : undefined,
        prefix,
        asPathLength: 1 + pick(6),
      });
    }
  }
  return routes;
}
