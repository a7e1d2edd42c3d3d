// What the settings page says.
import type { Wording } from "#web/words/say.ts";
import { settingsEn } from "./settings-en.ts";

export const settingsWords: Wording<typeof settingsEn> = {
  en: settingsEn,
  ar: async () => (await import("./settings-ar.ts")).settingsAr,
};
