// The rows of the home page.
import type { Bookmark } from "#model/playback.ts";
import type { CatalogTitle } from "./card.ts";

export interface HomeRow {
  readonly id: "continue" | "popular" | "newest";
  readonly title: string;
  readonly items: readonly CatalogTitle[];
}

export interface HomeFacts {
  readonly titles: readonly CatalogTitle[];
  /** Last watched first. */
  readonly watching: readonly Bookmark[];
  readonly plays: readonly { readonly titleId: string; readonly plays: number }[];
  readonly perRow: number;
}

export function homeRows(facts: HomeFacts): readonly HomeRow[] {
  const rows: readonly HomeRow[] = [
    { id: "continue", title: "Continue watching", items: continueWatching(facts) },
    { id: "popular", title: "Popular", items: popular(facts) },
    { id: "newest", title: "Newest", items: facts.titles.toSorted(newerFirst) },
  ];
  return rows
    .map((row) => ({ ...row, items: row.items.slice(0, facts.perRow) }))
    .filter((row) => row.items.length > 0);
}

function continueWatching(facts: HomeFacts): readonly CatalogTitle[] {
  const byId = new Map(facts.titles.map((title) => [title.id, title]));
  const ids = new Set(facts.watching.filter((mark) => !mark.finished).map((mark) => mark.titleId));
  return [...ids].flatMap((id) => byId.get(id) ?? []);
}

function popular(facts: HomeFacts): readonly CatalogTitle[] {
  const plays = new Map(facts.plays.map((row) => [row.titleId, row.plays]));
  const playsOf = (title: CatalogTitle): number => plays.get(title.id) ?? 0;
  return facts.titles
    .filter((title) => playsOf(title) > 0)
    .toSorted((a, b) => playsOf(b) - playsOf(a) || newerFirst(a, b));
}

function newerFirst(a: CatalogTitle, b: CatalogTitle): number {
  return b.publishedAtMs - a.publishedAtMs || (a.id < b.id ? -1 : Number(a.id > b.id));
}
