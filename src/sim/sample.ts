// A region small enough for a test: two sites and an exchange, six boxes, a few hundred files.
import type { Scenario, SimEvent, SimServer, SimSite, ViewerRegion } from "./scenario.ts";
import { defaultScenario } from "./scenario-default.ts";

const gigabyte = 1e9;

export function server(
  id: string,
  role: "storage" | "flash" | "global",
  gigabytes: number,
  megabits: number,
): SimServer {
  return { id, role, storageBytes: gigabytes * gigabyte, throughputBps: megabits * 1e6 };
}

function site(
  id: string,
  kind: "embedded" | "exchange",
  regionId: string,
  servers: readonly SimServer[],
): SimSite {
  const feeds = [{ regionId, share: 1 }];
  return { id, name: id, kind, zone: "Europe/Berlin", feeds, servers };
}

function people(id: string, home: string, megabits: number): ViewerRegion {
  const own = { siteId: home, prefixLength: 22, asPathLength: 1, med: 0 };
  const far = { siteId: "ix", prefixLength: 18, asPathLength: 2, med: 0 };
  return { id, zone: "Europe/Berlin", peakBps: megabits * 1e6, routes: home === "ix" ? [own] : [own, far] };
}

/** About 100 GB of 300 files; the sites hold it once or twice. */
export function smallScenario(changes: Partial<Scenario> = {}): Scenario {
  return {
    ...defaultScenario,
    name: "small",
    days: 3,
    catalogue: { ...defaultScenario.catalogue, files: 300, bytes: 100 * gigabyte, newTitlesPerDay: 2 },
    viewers: [people("north", "metro", 160), people("west", "coast", 60), people("peered", "ix", 40)],
    sites: [
      site("metro", "embedded", "north", [
        server("metro-s1", "storage", 80, 100),
        server("metro-s2", "storage", 80, 100),
        server("metro-f1", "flash", 12, 200),
      ]),
      site("coast", "embedded", "west", [server("coast-s1", "storage", 60, 100)]),
      site("ix", "exchange", "peered", [
        server("ix-s1", "storage", 90, 150),
        server("ix-s2", "storage", 90, 150),
      ]),
    ],
    origin: { throughputBps: 100e6 },
    fill: { ...defaultScenario.fill, rateBps: { storage: 1e6, flash: 5e5, global: 5e5 }, verifyBps: 2e8 },
    events: [],
    ...changes,
  };
}

export const failed: readonly SimEvent[] = [{ day: 1, hour: 18, kind: "fail", serverId: "metro-s1" }];
