// Which of several texts a viewer reads.
import type { Localized } from "#model/work.ts";

/**
 * The text for a viewer's language: the tag itself, then shorter and shorter ones, then any of the same language, then the
 * original's, then English, then the first by tag. Undefined when there is none. Source: RFC 4647 §3.4 (lookup).
 */
export function textFor(texts: Localized, wanted: string, original: string): string | undefined {
  const byTag = new Map(Object.entries(texts).map(([tag, text]) => [tag.toLowerCase(), text]));
  for (const tag of [...shorter(wanted), ...shorter(original), "en"]) {
    const text = byTag.get(tag) ?? sameLanguage(byTag, tag);
    if (text !== undefined) return text;
  }
  return [...byTag].toSorted(([a], [b]) => (a < b ? -1 : 1))[0]?.[1];
}

/** "pt-BR" → "pt-br", "pt". */
function shorter(tag: string): readonly string[] {
  const parts = tag.toLowerCase().split("-");
  return parts.map((_, index) => parts.slice(0, parts.length - index).join("-"));
}

function sameLanguage(byTag: ReadonlyMap<string, string>, tag: string): string | undefined {
  if (tag.includes("-")) return undefined;
  const tags = [...byTag.keys()].filter((one) => one.startsWith(`${tag}-`)).toSorted();
  return byTag.get(tags[0] ?? "");
}
