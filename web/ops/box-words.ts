// The words of the page of one appliance.
import type { Wording } from "#web/words/say.ts";
import { boxEn } from "./box-en.ts";

export const boxWords: Wording<typeof boxEn> = {
  en: boxEn,
  ar: async () => (await import("./box-ar.ts")).boxAr,
};
