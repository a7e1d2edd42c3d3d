// The words of the viewer's pages: films, one film, search, signing in.
import type { Wording } from "#web/words/say.ts";
import { viewerEn } from "./viewer-en.ts";

export const viewerWords: Wording<typeof viewerEn> = {
  en: viewerEn,
  ar: async () => (await import("./viewer-ar.ts")).viewerAr,
};
