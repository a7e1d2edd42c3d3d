// The drawer's words.
import type { Wording } from "#web/words/say.ts";
import { drawerEn } from "./drawer-en.ts";

export const drawerWords: Wording<typeof drawerEn> = {
  en: drawerEn,
  ar: async () => (await import("./drawer-ar.ts")).drawerAr,
};
