// The keys of the film that `millrace start` publishes: kept, wrapped, before anything is encrypted with them, and used again when the
// film has to be packaged again.

import type { ControlHandle } from "#control/io/server.ts";
import { controlSettings } from "#control/settings.ts";
import { encodeSettings } from "#encode/settings.ts";
import { programSettings } from "#io/settings.ts";
import { openProvider } from "#licence/io/provider.ts";
import { randomKeys } from "#pack/io/key-file.ts";
import type { ProtectionOrder } from "#pack/io/shaka-packager.ts";
import { settingsOf } from "./program.ts";
import { packagerFor } from "./protect.ts";
import type { River } from "./river.ts";

/** Undefined: MILLRACE_ENCRYPT is off. */
export function startProtection(
  { tools, signal }: Pick<River, "tools" | "signal">,
  control: Pick<ControlHandle, "keysToPack" | "keepKeys">,
): ((titleId: string) => Promise<ProtectionOrder>) | undefined {
  const settings = settingsOf(controlSettings);
  if (settings.encrypt === "off") return undefined;
  return async (titleId) => {
    const { shakaPackager } = settingsOf(programSettings);
    const run = await packagerFor(shakaPackager, { tools, settings: settingsOf(encodeSettings), signal });
    const kept = await control.keysToPack(titleId);
    if (kept.length > 0) return { keys: kept, licenceUrl: undefined, run };
    const keys =
      settings.encrypt === "speke" ? (await openProvider(settings).keysFor(titleId)).keys : randomKeys();
    await control.keepKeys(titleId, keys);
    return { keys, licenceUrl: undefined, run };
  };
}
