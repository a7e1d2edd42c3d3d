// Where published titles lie on this machine, for a control plane that changes their subtitles.
import { join } from "node:path";
import type { OriginStore } from "#control/io/subtitle-room.ts";
import { packSettings } from "#pack/settings.ts";
import { settingsOf } from "./program.ts";

export function originStoreOf(home: string): OriginStore {
  const maxSubtitleBytes = Math.floor(settingsOf(packSettings).subtitleMib * 2 ** 20);
  return { folder: join(home, "origin"), maxSubtitleBytes };
}
