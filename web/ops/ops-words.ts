// The words of every page of the console.
import type { Wording } from "#web/words/say.ts";
import { opsEn } from "./ops-en.ts";

export const opsWords: Wording<typeof opsEn> = {
  en: opsEn,
  ar: async () => (await import("./ops-ar.ts")).opsAr,
};
