// Production's settings, turned to what a scenario says.
import { defaultsOf } from "#config/setting.ts";
import { placeSettings } from "#place/settings.ts";
import { steerSettings } from "#steer/settings.ts";
import type { RegionSettings } from "./region.ts";
import type { Scenario } from "./scenario.ts";

/** How often boxes that lack something hear of better sources. Production: seconds. Here each telling is a whole plan. */
const newsHours = 5;

/**
 * Waits for a fill master are longer by what news is slower: in production a box is told within seconds that its master
 * has a file, here within hours. And a master's own queue may last the night: who waits gives it up in the next.
 */
export function settingsOf({ fill, minCopies }: Scenario): RegionSettings {
  const newsMs = newsHours * 3_600_000;
  const place = {
    ...defaultsOf(placeSettings),
    minCopies,
    fillOpensAtMinute: fill.opensAtMinute,
    fillHours: fill.hours,
    fillStorageBps: fill.rateBps.storage,
    fillFlashBps: fill.rateBps.flash,
    fillGlobalBps: fill.rateBps.global,
    fillUrgentPercent: 100 * fill.urgentShare,
    fillTierWaitMs: 2 * newsMs,
    fillNetworkWaitMs: 2.2 * newsMs,
    fillOriginWaitMs: 2.4 * newsMs,
  };
  return { place, steer: defaultsOf(steerSettings), newsHours };
}
