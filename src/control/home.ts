// The home page of one profile, and the page of one title.
import type { CatalogTitle } from "#catalog/card.ts";
import { type HomeFacts, homeRows } from "#catalog/rows.ts";
import type { Account } from "#data/ports.ts";
import type { Bookmark } from "#model/playback.ts";
import { Fault } from "#units/fault.ts";
import type { Picture } from "#wire/picture.ts";
import type { Home, TitleCard } from "#wire/viewer.ts";
import type { Catalogue, PublishedTitle } from "./catalogue.ts";
import type { Viewpoint } from "./network.ts";
import { resumeOf } from "./play.ts";
import type { ControlPorts } from "./ports.ts";
import { type Popular, popularIn } from "./taste.ts";

export interface HomeOrder {
  readonly ports: Pick<ControlPorts, "stores" | "settings">;
  readonly catalogue: Catalogue;
  readonly account: Account;
  readonly viewpoints: readonly Viewpoint[];
  /** Signed URL of a title's poster for this viewer. */
  readonly posterUrl: (title: PublishedTitle) => string;
  readonly taste: HomeFacts["taste"];
  readonly popular: Popular;
  /** Where this viewer is, as far as popularity goes. */
  readonly nearby: { readonly id: string; readonly name: string } | undefined;
  readonly genres: HomeFacts["genres"];
  /** What the catalogue shows of a title. */
  readonly pictures: (titleId: string) => readonly Picture[];
}

/** Titles of a profile's past that taste looks at. */
const mostSeen = 100;

export async function homeOf(order: HomeOrder): Promise<Home> {
  const { account, nearby, genres } = order;
  const perRow = order.ports.settings.cardsPerRow;
  const { titles, cards } = order.catalogue;
  const { watching, seen, degraded } = await pastOf(order, account.profileId);
  const rows = homeRows({
    ...{ titles: [...cards.values()], watching, seen, genres, perRow, taste: order.taste },
    ...{ plays: order.popular.everywhere, region: popularIn(order.popular, nearby) },
  });
  const marks = new Map(watching.map((mark) => [mark.titleId, mark]));
  return {
    rows: rows.map((row) => ({
      ...row,
      items: row.items.flatMap((item) => {
        const title = titles.get(item.id);
        return title === undefined ? [] : [cardOf(order, item, title, resumeFrom(marks.get(item.id)))];
      }),
    })),
    viewpoints: order.viewpoints.map(({ id, name, address }) => ({ id, name, address })),
    ...(degraded ? { degraded } : {}),
  };
}

interface Past {
  readonly watching: readonly Bookmark[];
  readonly seen: readonly string[];
  /** The database did not say. */
  readonly degraded: boolean;
}

/** A home page without what a profile watched is better than none. */
async function pastOf({ ports }: HomeOrder, profileId: string): Promise<Past> {
  const { history, taste } = ports.stores;
  try {
    const [watching, seen] = await Promise.all([
      history.continueWatching(profileId, ports.settings.cardsPerRow),
      taste.seen(profileId, mostSeen),
    ]);
    return { watching, seen, degraded: false };
  } catch (error) {
    if (!(error instanceof Fault) || error.status !== 503) throw error;
    return { watching: [], seen: [], degraded: true };
  }
}

/** Undefined when there is no such title. */
export async function titleCardOf(order: HomeOrder, titleId: string): Promise<TitleCard | undefined> {
  const title = order.catalogue.titles.get(titleId);
  const card = order.catalogue.cards.get(titleId);
  if (title === undefined || card === undefined) return undefined;
  const { profileId } = order.account;
  return cardOf(order, card, title, (await resumeOf(order.ports, { profileId, titleId })).point);
}

function cardOf(
  order: HomeOrder,
  card: CatalogTitle,
  title: PublishedTitle,
  resume: TitleCard["resume"],
): TitleCard {
  const { publishedAtMs, ...shown } = card;
  const pictures = order.pictures(card.id);
  return {
    ...shown,
    posterUrl: order.posterUrl(title),
    ...(pictures.length === 0 ? {} : { pictures: [...pictures] }),
    resume,
  };
}

export function resumeFrom(mark: Bookmark | undefined): TitleCard["resume"] {
  if (mark === undefined || mark.finished || mark.positionMs === 0) return null;
  return { titleId: mark.titleId, positionMs: mark.positionMs, durationMs: mark.durationMs };
}
