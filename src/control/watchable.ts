// Which titles a viewer may see: one answer for home, search, the title's page and play.
import { mayWatch, rightsOf, territoryOf, undescribed, type Watching } from "#catalog/availability.ts";
import { textFor } from "#catalog/language.ts";
import { type CatalogView, seriesOf } from "#catalog/view.ts";
import type { Values } from "#config/setting.ts";
import type { Account } from "#data/ports.ts";
import type { PlaySession } from "#model/playback.ts";
import type { Work } from "#model/work.ts";
import type { Catalogue } from "./catalogue.ts";
import type { catalogSettings } from "./settings-catalog.ts";

export interface Watcher {
  readonly account: Pick<Account, "maturity" | "language">;
  readonly view: CatalogView;
  readonly settings: Pick<Values<typeof catalogSettings>, "territory" | "unratedAge" | "windowGraceMinutes">;
  readonly nowMs: number;
}

/** A play that is under way may end its film: see MILLRACE_WINDOW_GRACE_MINUTES. */
export function watchingOf(
  watcher: Watcher,
  titleId: string,
  underWay?: Pick<PlaySession, "startedAtMs">,
): Watching {
  const work = watcher.view.byTitle.get(titleId);
  return watching(watcher, work, underWay);
}

/** Of such a title a profile is told nothing, whatever plays on the account's other screens. */
export function tooYoungFor(watcher: Watcher, titleId: string): boolean {
  const watching = watchingOf(watcher, titleId);
  return watching.kind === "may-not" && watching.because === "too-young";
}

export function workWatchingOf(watcher: Watcher, work: Work): Watching {
  return watching(watcher, work);
}

function watching(
  { account, view, settings, nowMs }: Watcher,
  work: Work | undefined,
  underWay?: Pick<PlaySession, "startedAtMs">,
): Watching {
  const graceMs = settings.windowGraceMinutes * 60_000;
  return mayWatch({
    title: work === undefined ? undescribed : rightsOf(work, seriesOf(view, work)),
    territory: territoryOf({ setting: settings.territory }),
    maturity: account.maturity,
    unratedAge: settings.unratedAge,
    nowMs,
    underWay: underWay === undefined ? undefined : { startedAtMs: underWay.startedAtMs, graceMs },
  });
}

/** The catalogue's cards that this viewer may see, named in their language. */
export function watchableIn(watcher: Watcher, catalogue: Catalogue): Catalogue {
  const { account, view } = watcher;
  const cards = [...catalogue.cards].flatMap(([id, card]) => {
    if (watchingOf(watcher, id).kind === "may-not") return [];
    const work = view.byTitle.get(id);
    const name = work === undefined ? card.name : fullName(view, work, account.language);
    return [[id, { ...card, name }] as const];
  });
  return { ...catalogue, cards: new Map(cards) };
}

export function nameOf(work: Work, language: string): string {
  return textFor(work.names, language, work.language) ?? work.id;
}

/** An episode by itself says too little: "Series · S1 E2 · Name". */
export function fullName(view: CatalogView, work: Work, language: string): string {
  const own = nameOf(work, language);
  const series = seriesOf(view, work);
  if (work.kind !== "episode" || series === undefined) return own;
  return `${nameOf(series, language)} · S${work.season} E${work.number} · ${own}`;
}
