// A work as viewers are shown it: in lists, and on its title's page, in the profile's language with the nearest other one.
import { textFor } from "#catalog/language.ts";
import { ageOf } from "#catalog/maturity.ts";
import { nextEpisode, seriesOf } from "#catalog/view.ts";
import type { Episode, Film, Series, Work } from "#model/work.ts";
import type { WorkCard, WorkPage } from "#wire/catalog.ts";
import type { ResumePoint } from "#wire/viewer.ts";
import type { Catalogue } from "./catalogue.ts";
import { nameOf, type Watcher, watchingOf, workWatchingOf } from "./watchable.ts";

/** By title. */
export type Resumes = ReadonlyMap<string, ResumePoint>;

export interface WorkOrder extends Watcher {
  /** Published titles: what can be played at all. */
  readonly catalogue: Catalogue;
}

/** Whether it is there for this viewer: it may be watched, and something of it can be played. */
export function isShown(order: WorkOrder, work: Work): boolean {
  if (workWatchingOf(order, work).kind === "may-not") return false;
  return titleOfWork(order, work) !== null;
}

/** The title that plays a work; a series's is its first episode's. Null: none does, for this viewer. */
export function titleOfWork(order: WorkOrder, work: Work): string | null {
  if (work.kind === "series") return playableEpisodes(order, work)[0]?.titleId ?? null;
  const { titleId } = work;
  if (titleId === null || !order.catalogue.cards.has(titleId)) return null;
  return watchingOf(order, titleId).kind === "may" ? titleId : null;
}

function playableEpisodes(order: WorkOrder, series: Series): readonly (Episode & { titleId: string })[] {
  return (order.view.episodes.get(series.id) ?? []).flatMap((episode) => {
    const titleId = titleOfWork(order, episode);
    return titleId === null ? [] : [{ ...episode, titleId }];
  });
}

/** Titles that the catalogue does not describe, as works that have a name only, by id. */
export function undescribedWorks(order: WorkOrder): readonly Film[] {
  return [...order.catalogue.cards.values()]
    .filter(({ id }) => !order.view.byTitle.has(id))
    .map(
      ({ id, name }): Film => ({
        kind: "film",
        ...{ id, titleId: id, language: "und", names: { und: name }, synopses: {}, year: null },
        ...{ genres: [], credits: [], age: null, ratings: [], windows: [], artwork: [] },
      }),
    )
    .toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

export function workCardOf(order: WorkOrder, work: Work): WorkCard {
  const { language } = order.account;
  return {
    id: work.id,
    kind: work.kind,
    name: nameOf(work, language),
    originalName: nameOf(work, work.language),
    year: work.year,
    genres: [...work.genres],
    maturity: ageOf(work, seriesOf(order.view, work)),
    titleId: titleOfWork(order, work),
    pictures: picturesOf(work),
  };
}

/** Of a title: an episode that has none has its series's. */
export function artworkOf(view: WorkOrder["view"], titleId: string): WorkCard["pictures"] {
  const work = view.byTitle.get(titleId);
  if (work === undefined) return [];
  const own = picturesOf(work);
  const series = seriesOf(view, work);
  return own.length > 0 || series === undefined ? own : picturesOf(series);
}

function picturesOf(work: Work): WorkCard["pictures"] {
  return work.artwork.map(({ kind, sha256, type, width, height }) => ({
    ...{ kind, type, width, height },
    path: `/artwork/${sha256}`,
  }));
}

/** `resumes`: where episodes of its series were left. */
export function workPageOf(order: WorkOrder, work: Work, resumes: Resumes = new Map()): WorkPage {
  const { account, view } = order;
  const series = work.kind === "series" ? work : seriesOf(view, work);
  const watching = workWatchingOf(order, work);
  const isEpisode = work.kind === "episode";
  return {
    id: work.id,
    kind: work.kind,
    originalName: nameOf(work, work.language),
    year: work.year ?? series?.year ?? null,
    synopsis: textFor(work.synopses, account.language, work.language) ?? "",
    genres: [...genresOf(work, series)],
    people: work.credits.map(({ name, job, role }) => ({ name, job, role })),
    maturity: ageOf(work, seriesOf(view, work)),
    ratings: [...work.ratings],
    pictures: picturesOf(work),
    untilMs: watching.kind === "may" ? watching.untilMs : null,
    series: series === undefined ? null : seriesPageOf(order, series, resumes),
    season: isEpisode ? work.season : null,
    episode: isEpisode ? work.number : null,
    next: isEpisode ? nextOf(order, work) : null,
  };
}

/** The next one that can be played: one that may not be watched yet is passed over. */
function nextOf(order: WorkOrder, episode: Episode): WorkPage["next"] {
  for (
    let next = nextEpisode(order.view, episode);
    next !== undefined;
    next = nextEpisode(order.view, next)
  ) {
    const titleId = titleOfWork(order, next);
    if (titleId === null) continue;
    const name = nameOf(next, order.account.language);
    return { titleId, name, season: next.season, episode: next.number };
  }
  return null;
}

function seriesPageOf(order: WorkOrder, series: Series, resumes: Resumes): NonNullable<WorkPage["series"]> {
  const { language } = order.account;
  const episodes = playableEpisodes(order, series);
  const numbers = [...new Set(episodes.map(({ season }) => season))];
  return {
    id: series.id,
    name: nameOf(series, language),
    seasons: numbers.map((number) => {
      const named = series.seasons.find((season) => season.number === number);
      return {
        number,
        name: textFor(named?.names ?? {}, language, series.language) ?? "",
        episodes: episodes
          .filter(({ season }) => season === number)
          .map((episode) => ({
            ...resumeIn(resumes, episode.titleId),
            id: episode.id,
            titleId: episode.titleId,
            number: episode.number,
            name: nameOf(episode, language),
            synopsis: textFor(episode.synopses, language, episode.language) ?? "",
            durationMs: order.catalogue.cards.get(episode.titleId)?.durationMs ?? 0,
          })),
      };
    }),
  };
}

function resumeIn(resumes: Resumes, titleId: string): { readonly resume?: ResumePoint } {
  const resume = resumes.get(titleId);
  return resume === undefined ? {} : { resume };
}

/** An episode that names none has its series'. */
export function genresOf(work: Work, series: Work | undefined): readonly string[] {
  return work.genres.length > 0 ? work.genres : (series?.genres ?? []);
}
