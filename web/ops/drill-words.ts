// The words of drills.
import type { Wording } from "#web/words/say.ts";
import { drillEn } from "./drill-en.ts";

export const drillWords: Wording<typeof drillEn> = {
  en: drillEn,
  ar: async () => (await import("./drill-ar.ts")).drillAr,
};
