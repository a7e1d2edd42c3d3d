// The words of the console's page about placement.
import type { Wording } from "#web/words/say.ts";
import { placementEn } from "./placement-en.ts";

export const placementWords: Wording<typeof placementEn> = {
  en: placementEn,
  ar: async () => (await import("./placement-ar.ts")).placementAr,
};
