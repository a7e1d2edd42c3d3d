// The home page of one profile, and the page of one title.
import type { CatalogTitle } from "#catalog/card.ts";
import { homeRows } from "#catalog/rows.ts";
import type { Account } from "#data/ports.ts";
import type { Bookmark } from "#model/playback.ts";
import type { Home, TitleCard } from "#wire/viewer.ts";
import type { Catalogue, PublishedTitle } from "./catalogue.ts";
import type { Viewpoint } from "./network.ts";
import { resumeOf } from "./play.ts";
import type { ControlPorts } from "./ports.ts";

export interface HomeOrder {
  readonly ports: Pick<ControlPorts, "stores" | "settings">;
  readonly catalogue: Catalogue;
  readonly account: Account;
  readonly viewpoints: readonly Viewpoint[];
  /** Signed URL of a title's poster for this viewer. */
  readonly posterUrl: (title: PublishedTitle) => string;
  readonly nowMs: number;
}

/** What was played in the last month counts as popular. */
const popularMs = 30 * 86_400_000;

export async function homeOf(order: HomeOrder): Promise<Home> {
  const { playback } = order.ports.stores;
  const perRow = order.ports.settings.cardsPerRow;
  const { titles, cards } = order.catalogue;
  const watching = await playback.continueWatching(order.account.profileId, perRow);
  const plays = await playback.playCounts(order.nowMs - popularMs);
  const rows = homeRows({ titles: [...cards.values()], watching, plays, perRow });
  const marks = new Map(watching.map((mark) => [mark.titleId, mark]));
  return {
    rows: rows.map((row) => ({
      ...row,
      items: row.items.flatMap((item) => {
        const title = titles.get(item.id);
        return title === undefined
          ? []
          : [cardOf(item, order.posterUrl(title), resumeFrom(marks.get(item.id)))];
      }),
    })),
    viewpoints: order.viewpoints.map(({ id, name, address }) => ({ id, name, address })),
  };
}

/** Undefined when there is no such title. */
export async function titleCardOf(order: HomeOrder, titleId: string): Promise<TitleCard | undefined> {
  const title = order.catalogue.titles.get(titleId);
  const card = order.catalogue.cards.get(titleId);
  if (title === undefined || card === undefined) return undefined;
  return cardOf(card, order.posterUrl(title), await resumeOf(order.ports, order.account.profileId, titleId));
}

function cardOf(title: CatalogTitle, posterUrl: string, resume: TitleCard["resume"]): TitleCard {
  const { publishedAtMs, ...shown } = title;
  return { ...shown, posterUrl, resume };
}

function resumeFrom(mark: Bookmark | undefined): TitleCard["resume"] {
  if (mark === undefined || mark.finished || mark.positionMs === 0) return null;
  return { titleId: mark.titleId, positionMs: mark.positionMs, durationMs: mark.durationMs };
}
