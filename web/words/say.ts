// Messages as words: ICU text by id, in the language spoken now. Each part of the pages has a catalogue of its own, fetched with it.
import { IntlMessageFormat } from "intl-messageformat";
import type { ReactNode } from "react";
import { use, useCallback } from "react";
import type { Language } from "./language.ts";
import { useLanguage } from "./language.ts";

/** Id → ICU message. Source: unicode-org.github.io/icu/userguide/format_parse/messages. */
export type Catalogue = Readonly<Record<string, string>>;

/** English comes with the part; another language when it is spoken. The compiler proves that no message is left out. */
export interface Wording<Words extends Catalogue> {
  readonly en: Words;
  readonly ar: () => Promise<SameIds<Words>>;
}

/** The same messages in another language. */
export type SameIds<Words extends Catalogue> = { readonly [Id in keyof Words]: string };

export type Values = Readonly<Record<string, string | number | Date>>;
export type Say<Words extends Catalogue> = (id: keyof Words & string, values?: Values) => string;

/** Suspends while the words of a language other than English are fetched. */
export function useWords<Words extends Catalogue>(wording: Wording<Words>): Say<Words> {
  const language = useLanguage();
  const words = language.tag === "en" ? wording.en : use(fetched(wording));
  return useCallback((id, values) => say(words[id] ?? id, language, values), [words, language]);
}

/** One fetch per catalogue, and the same promise each time it is asked for, as React wants it. */
const fetching = new WeakMap<object, Promise<Catalogue>>();

function fetched<Words extends Catalogue>(wording: Wording<Words>): Promise<SameIds<Words>> {
  const begun = fetching.get(wording);
  // What is kept under a wording is that wording's own promise.
  if (begun !== undefined) return begun as Promise<SameIds<Words>>;
  const promise = wording.ar();
  fetching.set(wording, promise);
  return promise;
}

/** Parsing a message costs more than filling it in. The pages have some thousand messages at most. */
const formats = new Map<string, IntlMessageFormat>();

/** `message` with its values filled in. */
export function say(message: string, language: Language, values?: Values): string {
  const key = `${language.tag} ${message}`;
  const known = formats.get(key);
  const format = known ?? new IntlMessageFormat(message, language.locale);
  if (known === undefined) formats.set(key, format);
  const text = format.format(values === undefined ? undefined : isolated(values, language));
  return Array.isArray(text) ? text.join("") : String(text);
}

/**
 * Among letters that run from right to left a name or "10 Gbit/s" keeps its own direction only when it is set apart.
 * Source: UAX #9, first strong isolate.
 */
function isolated(values: Values, { direction }: Language): Record<string, string | number | Date> {
  const entries = Object.entries(values);
  if (direction === "ltr") return Object.fromEntries(entries);
  return Object.fromEntries(
    entries.map(([name, value]) => [name, typeof value === "string" ? `\u2068${value}\u2069` : value]),
  );
}

/** A message with elements in it: `<b>…</b>` in the text becomes what `parts.b` makes of its inside. */
export function sayWith(
  message: string,
  language: Language,
  parts: Readonly<Record<string, ReactNode | ((inside: ReactNode) => ReactNode)>>,
): ReactNode {
  const format = new IntlMessageFormat(message, language.locale);
  return format.format<ReactNode>({ ...parts });
}
