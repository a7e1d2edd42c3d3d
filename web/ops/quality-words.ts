// The words of the console's page about quality.
import type { Wording } from "#web/words/say.ts";
import { qualityEn } from "./quality-en.ts";

export const qualityWords: Wording<typeof qualityEn> = {
  en: qualityEn,
  ar: async () => (await import("./quality-ar.ts")).qualityAr,
};
