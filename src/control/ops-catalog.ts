// The catalogue for operators: published titles and works in one list, and one of them with all that is known.
import { mayWatch, rightsOf, territoryOf, undescribed, type Watching } from "#catalog/availability.ts";
import { type CatalogView, seriesOf } from "#catalog/view.ts";
import type { Values } from "#config/setting.ts";
import type { PricePlan } from "#model/billing.ts";
import type { Work } from "#model/work.ts";
import { givenWork } from "#wire/catalog.ts";
import type { OpsShelf, OpsShelfTitle, ShelfRow } from "#wire/ops-catalog.ts";
import type { Catalogue, PublishedTitle } from "./catalogue.ts";
import type { catalogSettings } from "./settings-catalog.ts";
import { fullName } from "./watchable.ts";

export interface ShelfOrder {
  readonly catalogue: Catalogue;
  readonly view: CatalogView;
  /** Ids of titles that an operator denied. */
  readonly denied: ReadonlySet<string>;
  readonly settings: Pick<Values<typeof catalogSettings>, "territory" | "unratedAge">;
  readonly nowMs: number;
}

export interface ShelfAsked {
  readonly q: string;
  readonly state?: ShelfRow["state"] | undefined;
  /** `next` of the page before. */
  readonly after: string;
  readonly limit: number;
}

/** Older than anybody: an operator asks about places and times. */
const fullAge = 99;

/** Newest titles first, then works that nothing plays yet, by id. */
export function shelfOf(order: ShelfOrder, { q, state, after, limit }: ShelfAsked): OpsShelf {
  const all = rowsOf(order);
  const wanted = q.toLowerCase();
  const found = all
    .filter((row) => (state === undefined || row.state === state) && fits(row, wanted))
    .toSorted(newestFirst);
  const before = after === "" ? undefined : placeAt(after);
  const left = before === undefined ? found : found.filter((row) => newestFirst(before, row) < 0);
  const rows = left.slice(0, limit);
  const last = rows.at(-1);
  const countOf = (of: ShelfRow["state"]): number => all.filter((row) => row.state === of).length;
  return {
    counts: {
      published: countOf("published"),
      withheld: countOf("withheld"),
      announced: countOf("announced"),
    },
    found: found.length,
    rows,
    next: last !== undefined && rows.length < left.length ? `${last.publishedAtMs ?? ""}:${last.id}` : null,
  };
}

type Place = Pick<ShelfRow, "publishedAtMs" | "id">;

/** A place in the order, not a row: that row may have left the list since. */
function placeAt(cursor: string): Place {
  const [published = "", id = ""] = cursor.split(":");
  return { publishedAtMs: published === "" ? null : Number(published), id };
}

function newestFirst(a: Place, b: Place): number {
  const byTime = (b.publishedAtMs ?? -1) - (a.publishedAtMs ?? -1);
  return byTime || (a.id < b.id ? -1 : Number(a.id > b.id));
}

/** By the id of a title, or of a work; undefined: there is neither. */
export function shelfTitleOf(
  order: ShelfOrder,
  id: string,
  plans: readonly PricePlan[],
): OpsShelfTitle | undefined {
  const { catalogue, view, settings } = order;
  const named = view.works.get(id);
  const playedBy = named === undefined || named.kind === "series" ? null : named.titleId;
  const title = catalogue.titles.get(id) ?? catalogue.titles.get(playedBy ?? "");
  const work = named ?? view.byTitle.get(id);
  const ofWork = work === undefined ? undefined : workRow(order, work);
  const row = title === undefined ? ofWork : titleRow(order, title);
  if (row === undefined) return undefined;
  const watching = watchingOf(order, work);
  return {
    row,
    untilMs: watching.kind === "may" ? watching.untilMs : null,
    territory: territoryOf({ setting: settings.territory }),
    unratedAge: settings.unratedAge,
    ...packaged(title),
    ...described(work),
    plans: plansFor(plans, row.height),
  };
}

function rowsOf(order: ShelfOrder): readonly ShelfRow[] {
  const { catalogue, view } = order;
  const titles = [...catalogue.titles.values()].map((title) => titleRow(order, title));
  const works = [...view.works.values()].filter(
    (work) => work.kind === "series" || !catalogue.titles.has(work.titleId ?? ""),
  );
  return [...titles, ...works.map((work) => workRow(order, work))];
}

function titleRow(order: ShelfOrder, title: PublishedTitle): ShelfRow {
  const { catalogue, view, denied } = order;
  const work = view.byTitle.get(title.id);
  const card = catalogue.cards.get(title.id);
  return {
    id: title.id,
    name: work === undefined ? title.name : fullName(view, work, work.language),
    ...rightsRow(order, work),
    state: denied.has(title.id) ? "withheld" : "published",
    durationMs: card?.durationMs ?? null,
    bytes: title.package.renditions.reduce((sum, { bytes }) => sum + bytes, 0),
    height: card?.height ?? null,
    encrypted: title.package.protection !== undefined,
    publishedAtMs: title.publishedAtMs,
  };
}

/** A series is published with the first of its episodes. */
function workRow(order: ShelfOrder, work: Work): ShelfRow {
  const { catalogue, view } = order;
  const episodes = view.episodes.get(work.id) ?? [];
  const isPlayed = episodes.some(({ titleId }) => catalogue.titles.has(titleId ?? ""));
  const nothing = { durationMs: null, bytes: null, height: null, encrypted: false, publishedAtMs: null };
  return {
    id: work.id,
    name: fullName(view, work, work.language),
    ...rightsRow(order, work),
    state: isPlayed ? "published" : "announced",
    ...nothing,
  };
}

function rightsRow(
  order: ShelfOrder,
  work: Work | undefined,
): Pick<ShelfRow, "kind" | "workId" | "access" | "windows" | "age"> {
  const rights = work === undefined ? undescribed : rightsOf(work, seriesOf(order.view, work));
  const watching = watchingOf(order, work);
  const access =
    watching.kind === "may" || watching.because === "too-young" ? ("open" as const) : watching.because;
  return {
    ...{ kind: work?.kind ?? null, workId: work?.id ?? null },
    ...{ access, windows: rights.windows.length, age: rights.age },
  };
}

function watchingOf({ view, settings, nowMs }: ShelfOrder, work: Work | undefined): Watching {
  return mayWatch({
    title: work === undefined ? undescribed : rightsOf(work, seriesOf(view, work)),
    territory: territoryOf({ setting: settings.territory }),
    maturity: fullAge,
    unratedAge: settings.unratedAge,
    nowMs,
  });
}

function fits({ id, name, workId }: ShelfRow, wanted: string): boolean {
  return [id, name, workId ?? ""].some((text) => text.toLowerCase().includes(wanted));
}

function packaged(
  title: PublishedTitle | undefined,
): Pick<OpsShelfTitle, "renditions" | "audio" | "subtitles"> {
  if (title === undefined) return { renditions: [], audio: [], subtitles: [] };
  const { renditions, voices = [], subtitles = [] } = title.package;
  return {
    renditions: renditions.map(({ id, kind, codecs, width, height, bitrate, bytes }) => ({
      ...{ id, kind, codecs, width, height, bitrateBps: bitrate, bytes },
    })),
    audio: voices.map((voice) => ({ ...voice })),
    subtitles: subtitles.map((subtitle) => ({ ...subtitle })),
  };
}

function described(work: Work | undefined): Pick<OpsShelfTitle, "work" | "pictures"> {
  if (work === undefined) return { work: null, pictures: [] };
  const { artwork, ...given } = work;
  return {
    work: givenWork.parse(given),
    pictures: artwork.map(({ kind, sha256, type, width, height }) => ({
      ...{ kind, path: `/artwork/${sha256}`, type, width, height },
    })),
  };
}

function plansFor(plans: readonly PricePlan[], height: number | null): OpsShelfTitle["plans"] {
  return plans
    .filter(({ offered }) => offered)
    .map(({ planId, name, maxHeight }) => ({
      ...{ planId, name, maxHeight },
      isWhole: height === null || height <= maxHeight,
    }))
    .toSorted((a, b) => a.maxHeight - b.maxHeight);
}
