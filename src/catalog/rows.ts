// The rows of the home page.
import type { Bookmark } from "#model/playback.ts";
import type { CatalogTitle } from "./card.ts";
import { likeTitle, type TasteModel, tasteFor } from "./taste.ts";

export interface HomeRow {
  /** "continue", "for-you", "because-<title>", "popular", "newest", "genre-<genre>". */
  readonly id: string;
  readonly title: string;
  /** What the title names: a film, a region, a genre. */
  readonly about?: string;
  readonly items: readonly CatalogTitle[];
}

export interface HomeFacts {
  /** What this profile may see now. */
  readonly titles: readonly CatalogTitle[];
  /** Last watched first. */
  readonly watching: readonly Bookmark[];
  /** Titles that the profile began, the latest first; finished ones too. */
  readonly seen: readonly string[];
  readonly plays: readonly TitlePlays[];
  /** Where the viewer is, when enough was played there; its name and what was played. */
  readonly region: { readonly name: string; readonly plays: readonly TitlePlays[] } | undefined;
  /** Absent: not trained, too old, or it could not be read. Popularity stands in for it. */
  readonly taste: Pick<TasteModel, "weights"> | undefined;
  /** Of each title; a title without any has none. */
  readonly genres: ReadonlyMap<string, readonly string[]>;
  readonly perRow: number;
}

export interface TitlePlays {
  readonly titleId: string;
  readonly plays: number;
}

/** Rows of one kind at most. */
const mostBecause = 2;
const mostGenres = 4;
/** A row of one or two says more about the catalogue than about the viewer. */
const leastInGenre = 3;

export function homeRows(facts: HomeFacts): readonly HomeRow[] {
  const rows: readonly HomeRow[] = [
    { id: "continue", title: "Continue watching", items: continueWatching(facts) },
    { id: "for-you", title: "Picked for you", items: forYou(facts) },
    ...becauseYouWatched(facts),
    popularRow(facts),
    { id: "newest", title: "Newest", items: facts.titles.toSorted(newerFirst) },
    ...genreRows(facts),
  ];
  return rows
    .map((row) => ({ ...row, items: row.items.slice(0, facts.perRow) }))
    .filter((row) => row.items.length > 0);
}

function byId(titles: readonly CatalogTitle[]): ReadonlyMap<string, CatalogTitle> {
  return new Map(titles.map((title) => [title.id, title]));
}

function continueWatching({ titles, watching }: HomeFacts): readonly CatalogTitle[] {
  const known = byId(titles);
  const ids = new Set(watching.filter((mark) => !mark.finished).map((mark) => mark.titleId));
  return [...ids].flatMap((id) => known.get(id) ?? []);
}

function forYou({ titles, seen, taste }: HomeFacts): readonly CatalogTitle[] {
  if (taste === undefined) return [];
  const known = byId(titles);
  return tasteFor(taste, seen).flatMap(({ titleId }) => known.get(titleId) ?? []);
}

/** Of the latest titles that something goes with. */
function becauseYouWatched({ titles, seen, taste }: HomeFacts): readonly HomeRow[] {
  if (taste === undefined) return [];
  const known = byId(titles);
  const began = new Set(seen);
  const rows = seen.flatMap((id) => {
    const watched = known.get(id);
    if (watched === undefined) return [];
    const alike = likeTitle(taste, id).filter(({ titleId }) => !began.has(titleId));
    const items = alike.flatMap(({ titleId }) => known.get(titleId) ?? []);
    return items.length === 0
      ? []
      : [{ id: `because-${id}`, title: `Because you watched ${watched.name}`, about: watched.name, items }];
  });
  return rows.slice(0, mostBecause);
}

function popularRow({ titles, plays, region }: HomeFacts): HomeRow {
  if (region === undefined) return { id: "popular", title: "Popular", items: popular(titles, plays) };
  return {
    id: "popular",
    title: `Popular in ${region.name}`,
    about: region.name,
    items: popular(titles, region.plays),
  };
}

function popular(titles: readonly CatalogTitle[], counted: readonly TitlePlays[]): readonly CatalogTitle[] {
  const plays = new Map(counted.map((row) => [row.titleId, row.plays]));
  const playsOf = (title: CatalogTitle): number => plays.get(title.id) ?? 0;
  return titles
    .filter((title) => playsOf(title) > 0)
    .toSorted((a, b) => playsOf(b) - playsOf(a) || newerFirst(a, b));
}

/** The genres that the profile watched most come first, then those with most titles; each by plays, then by age. */
function genreRows({ titles, seen, plays, genres }: HomeFacts): readonly HomeRow[] {
  const began = new Set(seen);
  const counted = new Map(plays.map((row) => [row.titleId, row.plays]));
  const members = Map.groupBy(
    titles.flatMap((title) => (genres.get(title.id) ?? []).map((genre) => ({ genre, title }))),
    ({ genre }) => genre,
  );
  const rows = [...members].map(([genre, list]) => ({
    genre,
    watched: list.filter(({ title }) => began.has(title.id)).length,
    items: list
      .map(({ title }) => title)
      .sort((a, b) => (counted.get(b.id) ?? 0) - (counted.get(a.id) ?? 0) || newerFirst(a, b)),
  }));
  return rows
    .filter(({ items }) => items.length >= leastInGenre)
    .sort((a, b) => b.watched - a.watched || b.items.length - a.items.length || (a.genre < b.genre ? -1 : 1))
    .slice(0, mostGenres)
    .map(({ genre, items }) => ({ id: `genre-${genre}`, title: genre, about: genre, items }));
}

function newerFirst(a: CatalogTitle, b: CatalogTitle): number {
  return b.publishedAtMs - a.publishedAtMs || (a.id < b.id ? -1 : Number(a.id > b.id));
}
