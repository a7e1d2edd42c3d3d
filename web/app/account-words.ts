// The words of profiles, the account, and the pages that mailed links open.
import type { Wording } from "#web/words/say.ts";
import { accountEn } from "./account-en.ts";

export const accountWords: Wording<typeof accountEn> = {
  en: accountEn,
  ar: async () => (await import("./account-ar.ts")).accountAr,
};
