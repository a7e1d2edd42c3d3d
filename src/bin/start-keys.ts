// The keys of the film that `millrace start` publishes: kept, wrapped, before anything is encrypted with them, and used again when the
// film has to be packaged again.
import type { Values } from "#config/setting.ts";
import type { ControlHandle } from "#control/io/server.ts";
import { openProvider } from "#licence/io/provider.ts";
import type { licenceSettings } from "#licence/settings.ts";
import { randomKeys } from "#pack/io/key-file.ts";
import type { ProtectionOrder, RunPackager } from "#pack/io/shaka-packager.ts";

export interface StartKeys {
  readonly settings: Values<typeof licenceSettings>;
  readonly control: Pick<ControlHandle, "keysToPack" | "keepKeys">;
  readonly packager: () => Promise<RunPackager>;
}

/** Undefined: MILLRACE_ENCRYPT is off. */
export function startProtection({
  settings,
  control,
  packager,
}: StartKeys): ((titleId: string) => Promise<ProtectionOrder>) | undefined {
  if (settings.encrypt === "off") return undefined;
  return async (titleId) => {
    const run = await packager();
    const kept = await control.keysToPack(titleId);
    if (kept.length > 0) return { keys: kept, licenceUrl: undefined, run };
    const keys = settings.encrypt === "speke" ? await openProvider(settings).keysFor(titleId) : randomKeys();
    await control.keepKeys(titleId, keys);
    return { keys, licenceUrl: undefined, run };
  };
}
