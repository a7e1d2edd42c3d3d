// The languages the pages speak, and which one is spoken now: the viewer's choice, else the browser's, else English.
import { useSyncExternalStore } from "react";

export type LanguageTag = "en" | "ar";

export interface Language {
  readonly tag: LanguageTag;
  /** In itself, as a menu of languages shows it. */
  readonly name: string;
  readonly direction: "ltr" | "rtl";
  /** For dates and numbers. Digits stay those of the figures beside them. */
  readonly locale: string;
}

export const languages: readonly Language[] = [
  { tag: "en", name: "English", direction: "ltr", locale: "en-GB" },
  { tag: "ar", name: "العربية", direction: "rtl", locale: "ar-u-nu-latn" },
];

const english: Language = { tag: "en", name: "English", direction: "ltr", locale: "en-GB" };
const key = "millrace.language";
const changes = new EventTarget();

/** The first language of the wishes that the pages speak. A region in a wish ("ar-EG") does not matter. */
export function languageFor(wishes: readonly string[]): Language {
  for (const wish of wishes) {
    const spoken = languages.find(({ tag }) => tag === wish.toLowerCase().split("-")[0]);
    if (spoken !== undefined) return spoken;
  }
  return english;
}

export function useLanguage(): Language {
  return useSyncExternalStore(subscribe, currentLanguage);
}

/** This visit's language, also where the browser refuses to store it. */
let current: Language | undefined;

export function currentLanguage(): Language {
  if (current === undefined) current = languageFor([...stored(), ...navigator.languages]);
  return current;
}

export function chooseLanguage(tag: LanguageTag): void {
  current = languageFor([tag]);
  try {
    localStorage.setItem(key, tag);
  } catch {
    // A browser that stores nothing still speaks it: `current` holds for this visit.
  }
  tellDocument();
  changes.dispatchEvent(new Event("change"));
}

/** The document says its language and direction, for screen readers, hyphenation and logical sides in styles. */
export function tellDocument(): void {
  const { tag, direction } = currentLanguage();
  document.documentElement.lang = tag;
  document.documentElement.dir = direction;
}

function stored(): readonly string[] {
  try {
    const tag = localStorage.getItem(key);
    return tag === null ? [] : [tag];
  } catch {
    return [];
  }
}

function subscribe(changed: () => void): () => void {
  changes.addEventListener("change", changed);
  return () => changes.removeEventListener("change", changed);
}
