// The words of the panels about appliances and routes.
import type { Wording } from "#web/words/say.ts";
import { networkEn } from "./network-en.ts";

export const networkWords: Wording<typeof networkEn> = {
  en: networkEn,
  ar: async () => (await import("./network-ar.ts")).networkAr,
};
