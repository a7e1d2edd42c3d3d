// What of a work is searched, folded once for as long as the work lives.
import type { Episode, Work } from "#model/work.ts";
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

/** What the index keeps of a film or a series. */
export interface SearchRow {
  readonly workId: string;
  /** Years; an unrated work's as the operator counts it. */
  readonly age: number;
  readonly keys: readonly string[];
  /** Every word, each once. */
  readonly words: readonly string[];
}

/** People beyond these are not searched: lists of extras run into the thousands. */
const mostPeople = 60;
const mostEpisodes = 400;

/** Fields of a work, a series's with its episodes' names. */
export function fieldsOf(work: Work, episodes: readonly Episode[] = []): readonly Field[] {
  const names = Object.entries(work.names).map(([tag, text]) =>
    field(tag === work.language ? "original-name" : "name", text),
  );
  const people = new Set(work.credits.slice(0, mostPeople).map(({ name }) => name));
  const own = episodes.slice(0, mostEpisodes).flatMap((episode) => Object.values(episode.names));
  return [
    ...names,
    ...[...people].map((name) => field("person", name)),
    ...work.genres.map((genre) => field("genre", genre)),
    ...[...new Set(own)].map((name) => field("episode", name)),
  ];
}

export function rowOf(work: Work, fields: readonly Field[], age: number): SearchRow {
  return {
    workId: work.id,
    age,
    keys: [...new Set(fields.flatMap(({ keys }) => keys))],
    words: [...new Set(fields.flatMap(({ words }) => words))],
  };
}

function field(kind: FieldKind, text: string): Field {
  const plain = folded(text);
  const isName = kind === "name" || kind === "original-name";
  return { kind, text, words: wordsIn(plain), keys: isName ? keysOf(plain) : [] };
}
