// The words around every panel.
import type { Wording } from "#web/words/say.ts";
import { panelEn } from "./panel-en.ts";

export const panelWords: Wording<typeof panelEn> = {
  en: panelEn,
  ar: async () => (await import("./panel-ar.ts")).panelAr,
};
