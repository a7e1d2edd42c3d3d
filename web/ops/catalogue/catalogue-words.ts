// What the catalogue's pages say.
import type { Wording } from "#web/words/say.ts";
import { catalogueEn } from "./catalogue-en.ts";

export const catalogueWords: Wording<typeof catalogueEn> = {
  en: catalogueEn,
  ar: async () => (await import("./catalogue-ar.ts")).catalogueAr,
};
