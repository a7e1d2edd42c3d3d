// The words of the console's pages about sessions.
import type { Wording } from "#web/words/say.ts";
import { sessionsEn } from "./sessions-en.ts";

export const sessionsWords: Wording<typeof sessionsEn> = {
  en: sessionsEn,
  ar: async () => (await import("./sessions-ar.ts")).sessionsAr,
};
