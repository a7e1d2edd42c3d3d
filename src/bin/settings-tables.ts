// Every settings table there is, by folder: what start-up checks names against and what the manual is written from.
import { feedSettings } from "#bgp/feed-settings.ts";
import { bgpSettings } from "#bgp/settings.ts";
import type { SettingsTable } from "#config/setting.ts";
import { routeSettings } from "#control/route-settings.ts";
import { controlSettings } from "#control/settings.ts";
import { dataSettings } from "#data/settings.ts";
import { edgeSettings } from "#edge/settings.ts";
import { encodeSettings } from "#encode/settings.ts";
import { programSettings } from "#io/settings.ts";
import { packSettings } from "#pack/settings.ts";
import { placeSettings } from "#place/settings.ts";
import { jobSettings } from "#publish/job-settings.ts";
import { senderSettings } from "#publish/sender-settings.ts";
import { publishSettings } from "#publish/settings.ts";
import { workerSettings } from "#publish/worker-settings.ts";
import { steerSettings } from "#steer/settings.ts";

export const settingsByFolder: Readonly<Record<string, SettingsTable>> = {
  programs: programSettings,
  control: controlSettings,
  "control, routes of appliances": routeSettings,
  data: dataSettings,
  encode: encodeSettings,
  pack: packSettings,
  "publish, encode jobs": jobSettings,
  "publish, a worker": workerSettings,
  place: placeSettings,
  publish: publishSettings,
  "commands that sign in": senderSettings,
  steer: steerSettings,
  bgp: bgpSettings,
  edge: edgeSettings,
  "edge, routes to control": feedSettings,
};

export const settingsTables: readonly SettingsTable[] = Object.values(settingsByFolder);
