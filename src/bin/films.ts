// How films come into a control plane of this machine.
import type { FilmsOrder } from "#control/io/film-desk.ts";
import { openInspector } from "#control/io/inspect-film.ts";
import { encodeSettings } from "#encode/settings.ts";
import { programSettings } from "#io/settings.ts";
import { findTools, type Tools } from "#io/tools.ts";
import { publishSettings } from "#publish/settings.ts";
import { settingsOf } from "./program.ts";

/** Without `tools` they are looked for when the first film comes. */
export function filmsIn(home: string, tools?: Tools): FilmsOrder {
  const find = (signal: AbortSignal): Promise<Tools> => findTools(home, settingsOf(programSettings), signal);
  return {
    home,
    settings: settingsOf(publishSettings),
    inspector: openInspector({
      tools: tools === undefined ? find : async () => tools,
      settings: settingsOf(encodeSettings),
    }),
  };
}
