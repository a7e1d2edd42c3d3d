// The provider that the settings name: keys by SPEKE, licences by a proxy.
import type { Values } from "#config/setting.ts";
import type { LicenceProvider } from "#licence/ports.ts";
import type { licenceSettings } from "#licence/settings.ts";
import { askProvider } from "./licence-proxy.ts";
import { keysFromProvider } from "./speke-client.ts";

export function openProvider(settings: Values<typeof licenceSettings>): LicenceProvider {
  return {
    keysFor: (titleId, signal) => keysFromProvider(titleId, settings, signal),
    licence: (order) => askProvider(settings, order),
  };
}
