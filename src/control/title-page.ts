// The page of one title. A film may be asked for by its work's id too, and a series by its own: then it is the page of the episode
// to watch next.
import type { Bookmark } from "#model/playback.ts";
import type { Work } from "#model/work.ts";
import type { TitlePage } from "#wire/catalog.ts";
import { type HomeOrder, resumeFrom, titleCardOf } from "./home.ts";
import { type Resumes, titleOfWork, type WorkOrder, workPageOf } from "./work-page.ts";

/** Episodes under way that are looked through for one of the series. */
const mostUnderWay = 50;

/** Undefined when there is no such title, for this viewer. */
export async function titlePageOf(
  home: HomeOrder,
  works: WorkOrder,
  id: string,
): Promise<TitlePage | undefined> {
  const titleId = works.catalogue.titles.has(id) ? id : await titleNamed(home, works, id);
  const card = titleId === undefined ? undefined : await titleCardOf(home, titleId);
  const title = works.catalogue.titles.get(titleId ?? "");
  if (card === undefined || title === undefined) return undefined;
  const { voices = [], subtitles = [] } = title.package;
  const work = works.view.byTitle.get(title.id);
  return {
    ...card,
    audio: voices.map(({ language, name }) => ({ language, name })),
    subtitles: subtitles.map(({ language, name, isForced }) => ({ language, name, isForced })),
    work: work === undefined ? null : workPageOf(works, work, await resumesOf(home, work)),
  };
}

/** Of a series's episodes; a film has its own on its card. */
async function resumesOf(home: HomeOrder, work: Work): Promise<Resumes> {
  if (work.kind === "film") return new Map();
  const marks = await underWayOf(home, home.account.profileId);
  return new Map(
    marks.flatMap((mark) => {
      const resume = resumeFrom(mark);
      return resume === null ? [] : [[mark.titleId, resume] as const];
    }),
  );
}

/** Without history a series goes on at its beginning. */
async function underWayOf({ ports }: HomeOrder, profileId: string): Promise<readonly Bookmark[]> {
  try {
    return await ports.stores.history.continueWatching(profileId, mostUnderWay);
  } catch (error) {
    if (ports.stores.history.trouble() === undefined) throw error;
    return [];
  }
}

async function titleNamed(home: HomeOrder, works: WorkOrder, workId: string): Promise<string | undefined> {
  const work = works.view.works.get(workId);
  if (work === undefined) return undefined;
  const first = titleOfWork(works, work) ?? undefined;
  if (work.kind !== "series" || first === undefined) return first;
  const { profileId } = home.account;
  const underWay = await underWayOf(home, profileId);
  const isOwn = ({ titleId, finished }: Bookmark): boolean => {
    const episode = works.view.byTitle.get(titleId);
    return !finished && episode?.kind === "episode" && episode.seriesId === work.id;
  };
  const mark = underWay.find((one) => isOwn(one) && home.catalogue.cards.has(one.titleId));
  return mark?.titleId ?? first;
}
