// How a control plane on this machine gives out encode jobs, whichever program it runs in.
import { join } from "node:path";
import type { JobHallOrder } from "#control/io/job-hall.ts";
import { encodeSettings } from "#encode/settings.ts";
import { jobSettings } from "#publish/job-settings.ts";
import { orderedSettings } from "./encode-wish.ts";
import { settingsOf } from "./program.ts";

export function jobsOf(home: string): JobHallOrder {
  return {
    settings: settingsOf(jobSettings),
    folder: join(home, "results"),
    originFolder: join(home, "origin"),
    mastersFolder: join(home, "masters"),
    encodeSettings: orderedSettings(settingsOf(encodeSettings)),
  };
}
