// The words around every page.
import type { Wording } from "./say.ts";
import { shellEn } from "./shell-en.ts";

export const shellWords: Wording<typeof shellEn> = {
  en: shellEn,
  ar: async () => (await import("./shell-ar.ts")).shellAr,
};
