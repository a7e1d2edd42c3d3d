// The demonstration's byte budgets: shares of the catalogue, so that a film of any size leaves something to decide.
import type { StoredTitle } from "#data/ports.ts";
import type { SitesFile } from "#wire/topology.ts";

/**
 * Of the catalogue's bytes. A storage box holds more than everything, a flash box a good half: the same imbalance as
 * between real boxes (200 TB at 40 Gbit/s against 18 TB at 100 Gbit/s), less extreme so that a single film shows it.
 */
const share = { storage: 1.25, flash: 0.6, global: 0.3 } as const;

export function fitBudgets(sites: SitesFile, titles: readonly StoredTitle[]): SitesFile {
  const catalogue = titles
    .flatMap((title) => title.package.renditions)
    .reduce((sum, rendition) => sum + rendition.bytes, 0);
  return {
    ...sites,
    sites: sites.sites.map((site) => ({
      ...site,
      appliances: site.appliances.map((box) => ({
        ...box,
        storageBytes: Math.ceil(catalogue * share[box.role]),
      })),
    })),
  };
}
