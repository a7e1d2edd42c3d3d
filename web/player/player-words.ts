// The player's words.
import type { Wording } from "#web/words/say.ts";
import { playerEn } from "./player-en.ts";

export const playerWords: Wording<typeof playerEn> = {
  en: playerEn,
  ar: async () => (await import("./player-ar.ts")).playerAr,
};
