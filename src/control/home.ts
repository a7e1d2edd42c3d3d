// The home page of one profile, and the page of one title.
import { type CatalogTitle, catalogTitle } from "#catalog/card.ts";
import { homeRows } from "#catalog/rows.ts";
import type { Account, StoredTitle } from "#data/ports.ts";
import type { Bookmark } from "#model/playback.ts";
import { encodeReport } from "#wire/encode-report.ts";
import type { Home, TitleCard } from "#wire/viewer.ts";
import type { Viewpoint } from "./network.ts";
import { resumeOf } from "./play.ts";
import type { ControlPorts } from "./ports.ts";

export interface HomeOrder {
  readonly ports: Pick<ControlPorts, "stores" | "settings">;
  readonly account: Account;
  readonly viewpoints: readonly Viewpoint[];
  /** Signed URL of a title's poster for this viewer. */
  readonly posterUrl: (title: StoredTitle) => string;
  readonly nowMs: number;
}

/** What was played in the last month counts as popular. */
const popularMs = 30 * 86_400_000;

export async function homeOf(order: HomeOrder): Promise<Home> {
  const { playback, catalog } = order.ports.stores;
  const perRow = order.ports.settings.cardsPerRow;
  const titles = await catalog.titles();
  const watching = await playback.continueWatching(order.account.profileId, perRow);
  const plays = await playback.playCounts(order.nowMs - popularMs);
  const rows = homeRows({ titles: titles.map(catalogTitleOf), watching, plays, perRow });
  const stored = new Map(titles.map((title) => [title.id, title]));
  const marks = new Map(watching.map((mark) => [mark.titleId, mark]));
  return {
    rows: rows.map((row) => ({
      ...row,
      items: row.items.flatMap((item) => {
        const title = stored.get(item.id);
        return title === undefined
          ? []
          : [cardOf(item, order.posterUrl(title), resumeFrom(marks.get(item.id)))];
      }),
    })),
    viewpoints: order.viewpoints.map(({ id, name, address }) => ({ id, name, address })),
  };
}

export async function titleCardOf(order: HomeOrder, title: StoredTitle): Promise<TitleCard> {
  const resume = await resumeOf(order.ports, order.account.profileId, title.id);
  return cardOf(catalogTitleOf(title), order.posterUrl(title), resume);
}

export function catalogTitleOf(title: StoredTitle): CatalogTitle {
  const report = encodeReport.safeParse(title.report);
  const facts = report.success
    ? { shots: report.data.shots.length, bdRatePercent: report.data.bdRatePercent.fixedLadder }
    : { shots: 0, bdRatePercent: null };
  return catalogTitle({ ...title, report: facts });
}

function cardOf(title: CatalogTitle, posterUrl: string, resume: TitleCard["resume"]): TitleCard {
  const { id, name, durationMs, height, shots, bitsSavedPercent } = title;
  return { id, name, durationMs, posterUrl, height, shots, bitsSavedPercent, resume };
}

function resumeFrom(mark: Bookmark | undefined): TitleCard["resume"] {
  if (mark === undefined || mark.finished || mark.positionMs === 0) return null;
  return { titleId: mark.titleId, positionMs: mark.positionMs, durationMs: mark.durationMs };
}
