// What the money page says.
import type { Wording } from "#web/words/say.ts";
import { moneyEn } from "./money-en.ts";

export const moneyWords: Wording<typeof moneyEn> = {
  en: moneyEn,
  ar: async () => (await import("./money-ar.ts")).moneyAr,
};
