// The words of the map.
import type { Wording } from "#web/words/say.ts";
import { mapEn } from "./map-en.ts";

export const mapWords: Wording<typeof mapEn> = {
  en: mapEn,
  ar: async () => (await import("./map-ar.ts")).mapAr,
};
