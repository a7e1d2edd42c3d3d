// The words of the console's page about encodes.
import type { Wording } from "#web/words/say.ts";
import { encodeEn } from "./encode-en.ts";

export const encodeWords: Wording<typeof encodeEn> = {
  en: encodeEn,
  ar: async () => (await import("./encode-ar.ts")).encodeAr,
};
