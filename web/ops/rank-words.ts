// The words of steering's ranks.
import type { Wording } from "#web/words/say.ts";
import { rankEn } from "./rank-en.ts";

export const rankWords: Wording<typeof rankEn> = {
  en: rankEn,
  ar: async () => (await import("./rank-ar.ts")).rankAr,
};

/** The id of a rule's or a reason's words. */
export function rankId(kind: "r" | "e", name: string): keyof typeof rankEn {
  const id = `${kind}_${name.replaceAll("-", "_")}`;
  return isId(id) ? id : "other";
}

function isId(id: string): id is keyof typeof rankEn {
  return Object.hasOwn(rankEn, id);
}
