// What of a work is searched, folded once for as long as the work lives.
import type { Work } from "#model/work.ts";
import { folded, keysOf, wordsIn } from "./words.ts";

export type FieldKind = "name" | "original-name" | "person" | "genre" | "episode";

export interface Field {
  readonly kind: FieldKind;
  /** As it is shown. */
  readonly text: string;
  readonly words: readonly string[];
  /** Of names: what they may be looked up by from the beginning. */
  readonly keys: readonly string[];
}

/** People beyond these are not searched: lists of extras run into the thousands. */
const mostPeople = 60;

export function fieldsOf(work: Work): readonly Field[] {
  const names = Object.entries(work.names).map(([tag, text]) =>
    field(tag === work.language ? "original-name" : "name", text),
  );
  const people = new Set(work.credits.slice(0, mostPeople).map(({ name }) => name));
  return [
    ...names,
    ...[...people].map((name) => field("person", name)),
    ...work.genres.map((genre) => field("genre", genre)),
  ];
}

/** What the index keeps of them: each key and each word once. */
export function indexedIn(fields: readonly Field[]): {
  readonly keys: readonly string[];
  readonly words: readonly string[];
} {
  return {
    keys: [...new Set(fields.flatMap(({ keys }) => keys))],
    words: [...new Set(fields.flatMap(({ words }) => words))],
  };
}

function field(kind: FieldKind, text: string): Field {
  const plain = folded(text);
  const isName = kind === "name" || kind === "original-name";
  return { kind, text, words: wordsIn(plain), keys: isName ? keysOf(plain) : [] };
}
