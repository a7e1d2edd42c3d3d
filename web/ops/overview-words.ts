// The words of the overview.
import type { Wording } from "#web/words/say.ts";
import { overviewEn } from "./overview-en.ts";

export const overviewWords: Wording<typeof overviewEn> = {
  en: overviewEn,
  ar: async () => (await import("./overview-ar.ts")).overviewAr,
};
