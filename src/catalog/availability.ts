// Whether a viewer may watch a title now: where, when, and from what age on. One answer for the home page, search, the title's
// page and play.
import type { RightsWindow, Series, Work } from "#model/work.ts";
import { ageOf } from "./maturity.ts";

/** What decides about a title. */
export interface Rights {
  /** None: everywhere, always. */
  readonly windows: readonly RightsWindow[];
  /** Years; null: nobody rated it. */
  readonly age: number | null;
}

export interface WatchOrder {
  readonly title: Rights;
  /** ISO 3166-1 alpha-2; empty: not known, and only windows that name no territory open. */
  readonly territory: string;
  /** Years: what may be shown to the profile in use. */
  readonly maturity: number;
  /** Years that an unrated title counts as. */
  readonly unratedAge: number;
  readonly nowMs: number;
  /** A play that is under way may end its film: it goes on for `graceMs` after its window closed. */
  readonly underWay?: { readonly startedAtMs: number; readonly graceMs: number } | undefined;
}

export type Watching =
  | {
      readonly kind: "may";
      /** When it ends, grace included; null: never. */
      readonly untilMs: number | null;
    }
  | { readonly kind: "may-not"; readonly because: "too-young" | "not-here" | "not-now" };

/** A title that the catalogue does not describe: everywhere, always, and unrated. */
export const undescribed: Rights = { windows: [], age: null };

/** An episode without windows or rating of its own has its series's. */
export function rightsOf(work: Work, series?: Series | undefined): Rights {
  const windows = work.windows.length > 0 ? work.windows : (series?.windows ?? []);
  return { windows, age: ageOf(work, series) };
}

export function mayWatch(order: WatchOrder): Watching {
  const { title, territory, maturity, unratedAge, nowMs, underWay } = order;
  if ((title.age ?? unratedAge) > maturity) return { kind: "may-not", because: "too-young" };
  if (title.windows.length === 0) return { kind: "may", untilMs: null };
  const here = title.windows.filter(({ territories }) => isIn(territories, territory));
  if (here.length === 0) return { kind: "may-not", because: "not-here" };
  const ends = here.flatMap((window) => endOf(window, nowMs, underWay) ?? []);
  if (ends.length === 0) return { kind: "may-not", because: "not-now" };
  const end = Math.max(...ends);
  return { kind: "may", untilMs: Number.isFinite(end) ? end : null };
}

function isIn(territories: readonly string[], territory: string): boolean {
  return territories.length === 0 || territories.includes(territory);
}

/** When an open window ends, grace included; undefined: it is closed. */
function endOf(window: RightsWindow, nowMs: number, underWay: WatchOrder["underWay"]): number | undefined {
  const from = window.fromMs ?? Number.NEGATIVE_INFINITY;
  const until = window.untilMs ?? Number.POSITIVE_INFINITY;
  const wasOpen = underWay !== undefined && from <= underWay.startedAtMs && underWay.startedAtMs < until;
  const end = wasOpen ? until + underWay.graceMs : until;
  return from <= nowMs && nowMs < end ? end : undefined;
}

/** The first that is known: what the account says, where its address is, what the operator set. */
export function territoryOf(known: {
  readonly account?: string | undefined;
  readonly address?: string | undefined;
  readonly setting: string;
}): string {
  return (known.account || known.address || known.setting).toUpperCase();
}
