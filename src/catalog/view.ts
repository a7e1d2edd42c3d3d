// One version of the catalogue as its readers hold it: never changed, so that a reader sees one version or another and no mix.
import type { CatalogDelta, Episode, Film, Series, Work } from "#model/work.ts";

export interface CatalogView {
  /** 0: nothing was ever published. */
  readonly version: number;
  readonly works: ReadonlyMap<string, Work>;
  /** By the id of the published title that plays it. */
  readonly byTitle: ReadonlyMap<string, Film | Episode>;
  /** By series; by season, then number. */
  readonly episodes: ReadonlyMap<string, readonly Episode[]>;
}

export function viewOf(version: number, works: Iterable<Work>): CatalogView {
  const byId = new Map<string, Work>();
  const byTitle = new Map<string, Film | Episode>();
  const episodes = new Map<string, Episode[]>();
  for (const work of works) {
    byId.set(work.id, work);
    if (work.kind !== "series" && work.titleId !== null) byTitle.set(work.titleId, work);
    if (work.kind !== "episode") continue;
    const known = episodes.get(work.seriesId);
    if (known === undefined) episodes.set(work.seriesId, [work]);
    else known.push(work);
  }
  for (const list of episodes.values()) list.sort((a, b) => a.season - b.season || a.number - b.number);
  return { version, works: byId, byTitle, episodes };
}

export function seriesOf(view: CatalogView, work: Work): Series | undefined {
  if (work.kind !== "episode") return undefined;
  const series = view.works.get(work.seriesId);
  return series?.kind === "series" ? series : undefined;
}

/** The one that comes after, over the end of a season too. */
export function nextEpisode(view: CatalogView, episode: Episode): Episode | undefined {
  const all = view.episodes.get(episode.seriesId) ?? [];
  return all[all.findIndex(({ id }) => id === episode.id) + 1];
}

/** What would be wrong with the catalogue after a change, at most `limit` of it. */
export function complaintsAfter(
  view: CatalogView,
  delta: CatalogDelta,
  limit: number,
): readonly { readonly workId: string; readonly field: string; readonly because: string }[] {
  const works = new Map(view.works);
  for (const id of delta.remove) works.delete(id);
  for (const work of delta.put) works.set(work.id, work);
  const owners = new Map<string, string>();
  const places = new Map<string, string>();
  const complaints: { workId: string; field: string; because: string }[] = [];
  const say = (workId: string, field: string, because: string): void =>
    void complaints.push({ workId, field, because });
  for (const work of works.values()) {
    if (complaints.length >= limit) break;
    if (work.kind === "series") continue;
    const owner = work.titleId === null ? undefined : owners.get(work.titleId);
    if (owner !== undefined) say(work.id, "title", `the title ${work.titleId} is played by ${owner} already`);
    if (work.titleId !== null) owners.set(work.titleId, work.id);
    if (work.kind !== "episode") continue;
    if (works.get(work.seriesId)?.kind !== "series") {
      say(work.id, "series", `there is no series ${work.seriesId}`);
    }
    const place = `${work.seriesId} season ${work.season} episode ${work.number}`;
    const twin = places.get(place);
    if (twin !== undefined) say(work.id, "episode", `${place} is ${twin} already`);
    places.set(place, work.id);
  }
  return complaints;
}
