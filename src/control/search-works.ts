// A search: the index proposes, the catalogue in memory decides who may see what, the ranking says in which order. Without the
// index the works in memory are walked over.
import { type Field, fieldsOf } from "#catalog/search-fields.ts";
import { plainCandidates } from "#catalog/search-plain.ts";
import {
  type Meanings,
  mistakesFor,
  mistakesIn,
  readQuery,
  type SearchQuery,
} from "#catalog/search-query.ts";
import { compareRanked, matchOf, type Ranked } from "#catalog/search-rank.ts";
import type { CatalogView } from "#catalog/view.ts";
import type { SearchStore } from "#data/ports-catalog.ts";
import type { Work } from "#model/work.ts";
import { Fault } from "#units/fault.ts";

export interface SearchOrder {
  readonly text: string;
  readonly limit: number;
  readonly view: CatalogView;
  /** Works that only their published title knows of: they are in no index. */
  readonly undescribed: readonly Work[];
  readonly fields: (work: Work) => readonly Field[];
  /** Undefined: it is away, or speaks of another version. */
  readonly index: Pick<SearchStore, "candidates" | "similar"> | undefined;
  /** Years. */
  readonly maturity: number;
  readonly mayShow: (work: Work) => boolean;
  /** Plays of late. */
  readonly popularityOf: (work: Work) => number;
}

export type SearchOutcome =
  | { readonly kind: "too-short" }
  | {
      readonly kind: "found";
      readonly hits: readonly { readonly work: Work; readonly ranked: Ranked }[];
      readonly degraded: boolean;
      /** Why the index did not take part, for the log. */
      readonly trouble: Fault | undefined;
    };

/** Works that are ranked at most: the index says no more, so that a common word costs as much as a rare one. */
const mostCandidates = 300;
/** Words that one typed word is taken for, besides itself. */
const mostMeanings = 6;
const mostAlike = 100;
/** With so many answers nobody mistyped. */
const enough = 3;

const asTyped: Meanings = new Map();

export async function searchWorks(order: SearchOrder): Promise<SearchOutcome> {
  const query = readQuery(order.text);
  if (query === undefined) return { kind: "too-short" };
  if (order.index === undefined) return walked(order, query, undefined);
  try {
    const asked = await order.index.candidates(asCandidates(order, query, asTyped));
    const found = ranked(order, query, [...asked, ...walkedIds(order, query, order.undescribed)], asTyped);
    if (found.length >= enough) return answer(order, found, false);
    const meanings = await mended(order, order.index, query);
    if (meanings.size === 0) return answer(order, found, false);
    const more = await order.index.candidates(asCandidates(order, query, meanings));
    const ids = [...asked, ...more, ...undescribedWith(order, meanings)];
    return answer(order, ranked(order, query, ids, meanings, found), false);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return walked(order, query, error);
  }
}

/** Everything in memory, without the index. */
function walked(order: SearchOrder, query: SearchQuery, trouble: Fault | undefined): SearchOutcome {
  const works = [...order.view.works.values(), ...order.undescribed].filter(({ kind }) => kind !== "episode");
  const found = ranked(order, query, walkedIds(order, query, works), asTyped);
  return { ...answer(order, found, true), trouble };
}

function answer(order: SearchOrder, found: readonly Found[], degraded: boolean) {
  const hits = found
    .toSorted((a, b) => compareRanked(a.ranked, b.ranked))
    .slice(0, order.limit)
    .map(({ work, ranked: one }) => ({ work, ranked: one }));
  return { kind: "found", hits, degraded, trouble: undefined } as const;
}

interface Found {
  readonly work: Work;
  readonly ranked: Ranked;
}

function walkedIds(order: SearchOrder, query: SearchQuery, works: readonly Work[]): readonly string[] {
  const shown = works.filter(order.mayShow).map((work) => ({ workId: work.id, fields: order.fields(work) }));
  return plainCandidates(query, shown, mostCandidates);
}

function ranked(
  order: SearchOrder,
  query: SearchQuery,
  ids: readonly string[],
  meanings: Meanings,
  before: readonly Found[] = [],
): readonly Found[] {
  const known = new Map(order.undescribed.map((work) => [work.id, work]));
  const taken = new Set(before.map(({ work }) => work.id));
  const found = [...new Set(ids)].flatMap((id): readonly Found[] => {
    const work = order.view.works.get(id) ?? known.get(id);
    if (work === undefined || taken.has(id) || !order.mayShow(work)) return [];
    const match = matchOf(query, order.fields(work), meanings);
    if (match === undefined) return [];
    const popularity = order.popularityOf(work);
    return [{ work, ranked: { workId: id, match, popularity, length: match.text.length } }];
  });
  return [...before, ...found];
}

function asCandidates({ maturity }: SearchOrder, { key, words }: SearchQuery, meanings: Meanings) {
  return {
    key,
    words: words.map((word, index) => ({
      meanings: [word, ...(meanings.get(word)?.keys() ?? [])],
      isBegun: index === words.length - 1,
    })),
    maturity,
    limit: mostCandidates,
  };
}

/** What each word may have been meant to be: words with few letters otherwise, the nearest first. */
async function mended(
  order: SearchOrder,
  index: Pick<SearchStore, "similar">,
  query: SearchQuery,
): Promise<Meanings> {
  const doubtful = query.words.filter((word) => mistakesIn(word) > 0);
  const alike = await index.similar(doubtful, mostAlike);
  // The index does not know these words, and there are few of them where there is a catalogue.
  const own = new Set(order.undescribed.flatMap((work) => order.fields(work).flatMap(({ words }) => words)));
  const last = query.words.at(-1);
  const meanings = new Map<string, ReadonlyMap<string, number>>();
  for (const typed of doubtful) {
    const near = [...new Set([...(alike.get(typed) ?? []), ...own])].flatMap((word) => {
      const mistakes = mistakesFor(typed, word, typed === last);
      return mistakes === undefined || word === typed ? [] : [[word, mistakes] as const];
    });
    const best = near.toSorted(([, a], [, b]) => a - b).slice(0, mostMeanings);
    if (best.length > 0) meanings.set(typed, new Map(best));
  }
  return meanings;
}

/** Undescribed works that have a word which may have been meant. */
function undescribedWith(order: SearchOrder, meanings: Meanings): readonly string[] {
  const meant = new Set([...meanings.values()].flatMap((words) => [...words.keys()]));
  const having = order.undescribed.filter((work) =>
    order.fields(work).some(({ words }) => words.some((word) => meant.has(word))),
  );
  return having.slice(0, mostCandidates).map(({ id }) => id);
}

/** Fields of works, folded once each for as long as a work is held; a series is found by its episodes' names too. */
export function fieldMemo(): (view: CatalogView, work: Work) => readonly Field[] {
  const own = new WeakMap<Work, readonly Field[]>();
  const ownFields = (work: Work): readonly Field[] => {
    const known = own.get(work);
    if (known !== undefined) return known;
    const made = fieldsOf(work);
    own.set(work, made);
    return made;
  };
  return (view, work) => {
    if (work.kind !== "series") return ownFields(work);
    const episodes = view.episodes.get(work.id) ?? [];
    return [
      ...ownFields(work),
      ...episodes.flatMap((episode) => ownFields(episode).filter(isName).map(asEpisode)),
    ];
  };
}

function isName({ kind }: Field): boolean {
  return kind === "name" || kind === "original-name";
}

function asEpisode(field: Field): Field {
  return { ...field, kind: "episode", keys: [] };
}
