// TEMP until steer/rank.ts lands
import type { RoutesFile } from "#wire/topology.ts";
import type { Rank } from "./steering.ts";
export function rankBy(_routes: RoutesFile): Rank {
  return ({ candidates }) => ({
    ranked: [
      ...candidates
        .filter((c) => c.health.health === "healthy" && c.held > 0)
        .map((c) => ({
          id: c.appliance.id,
          siteId: c.appliance.siteId,
          siteName: c.appliance.site.name,
          rule: "tie-break" as const,
          because: "temp",
          prefix: undefined,
          asPathLength: undefined,
          med: undefined,
          distanceKm: undefined,
        })),
      {
        id: "origin",
        siteId: "origin",
        siteName: "origin",
        rule: "origin-last" as const,
        because: "last",
        prefix: undefined,
        asPathLength: undefined,
        med: undefined,
        distanceKm: undefined,
      },
    ],
    eliminated: [],
  });
}
