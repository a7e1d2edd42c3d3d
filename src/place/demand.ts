// The forecast: what every file of every title will be asked for in every region on one day. What is planned is made of it.
// A title's plays are forecast from its own counts, its region's weekdays, the calendar and, while it is new, a prior;
// its files divide them. Source: placement research §6.3, which forecasts per file: here shares are, because a title's
// counts are many times its rarest rendition's.
import type { FileDemand } from "#model/placement.ts";
import { type CalendarEvent, upliftOf, weekdayOf } from "./calendar.ts";
import { ignoredIn } from "./ignored.ts";
import { type LaunchPlays, launchPrior } from "./launch.ts";
import {
  believable,
  believableShare,
  type CountedDays,
  type Expectation,
  evidenceOf,
  expectation,
  measuredShare,
} from "./popularity.ts";
import type { PlaceSettings } from "./settings.ts";
import { neutralWeek, type WeekdayFactors, weekdayFactorOn, weekdayFactors, weekStarts } from "./weekday.ts";

export interface DemandHistory {
  /** The day that every row begins with, numbered as in calendar.ts. */
  readonly firstDay: number;
  readonly regions: readonly DemandRegion[];
  readonly titles: readonly TitleHistory[];
  readonly events: readonly CalendarEvent[];
  /** Expected plays on the first day by kind of title. */
  readonly launchPlays: LaunchPlays;
}

/** Viewers who watch alike: those whom a set of sites serves. */
export interface DemandRegion {
  readonly id: string;
  readonly siteIds: readonly string[];
  /** Its part of the viewers relative to a plain region's 1, for titles that nobody has counted yet. */
  readonly weight: number;
}

export interface TitleHistory {
  readonly titleId: string;
  readonly kind?: string | undefined;
  readonly marketing?: number | undefined;
  readonly tags?: readonly string[] | undefined;
  /** The day it could first be played; absent: the first day counted. */
  readonly availableFrom?: number | undefined;
  /** By region. A region without a row was never counted, unless files were: then their plays make the title's. */
  readonly plays: Readonly<Record<string, CountedDays>>;
  readonly files: readonly FileHistory[];
}

export interface FileHistory {
  readonly id: string;
  readonly sizeBytes: number;
  /** Part of the title's plays that is assumed to read this file, in [0, 1]. */
  readonly share: number;
  /** By region: its own plays, where they were counted. */
  readonly plays?: Readonly<Record<string, CountedDays>> | undefined;
}

export interface FileForecast extends FileDemand {
  readonly variance: number;
  /** In the order of the history's regions; they sum to the file's. */
  readonly byRegion: readonly (Expectation & { readonly regionId: string })[];
}

export interface Forecast {
  readonly day: number;
  readonly regions: readonly { readonly id: string; readonly weekdays: WeekdayFactors }[];
  readonly files: readonly FileForecast[];
  readonly ignored: IgnoredFacts;
}

/** Counts, shares and weights that could not be believed and were left out. */
export interface IgnoredFacts {
  readonly count: number;
  readonly first?: string | undefined;
}

export type ForecastSettings = Pick<
  PlaceSettings,
  | "halfLifeDays"
  | "priorPlaysPerDay"
  | "priorWeightDays"
  | "launchDays"
  | "floorPlaysPerDay"
  | "sharePriorPlays"
  | "weekdayWeeks"
>;

/** Forecasts `day` from the days before it, whatever else the rows hold. */
export function forecastDemand(history: DemandHistory, day: number, settings: ForecastSettings): Forecast {
  const target = Math.max(0, day - history.firstDay);
  const regions = history.regions.map((region) => {
    const rows = history.titles.map((title) => titleRow(title, region.id));
    const weekdays = regionWeek({ history, region, rows, target, weeks: settings.weekdayWeeks });
    return { region, rows, weekdays };
  });
  const files = history.titles.flatMap((title, at) => {
    const parts = regions.map(({ region, rows, weekdays }) =>
      titleInRegion({ history, title, row: rows[at] ?? [], region, weekdays, target, settings }),
    );
    return title.files.map((file, which) => withRegions(title, file, which, parts));
  });
  return {
    day,
    regions: regions.map(({ region, weekdays }) => ({ id: region.id, weekdays })),
    files,
    ignored: ignoredIn(history, target),
  };
}

/** What the sites of some regions will be asked for together. Chance in one region is taken to be none of another's. */
export function demandOfRegions(forecast: Forecast, regionIds: readonly string[]): readonly FileForecast[] {
  return forecast.files.map((file) => {
    const byRegion = file.byRegion.filter((part) => regionIds.includes(part.regionId));
    return { ...file, ...summed(byRegion), byRegion };
  });
}

/** Regions that any of these sites serves. */
export function regionsOfSites(
  regions: readonly DemandRegion[],
  siteIds: readonly string[],
): readonly string[] {
  return regions.filter((region) => region.siteIds.some((id) => siteIds.includes(id))).map(({ id }) => id);
}

/** The title's counts in a region; without any, those of its files together ÷ the shares they stand for. */
export function titleRow(title: TitleHistory, regionId: string): CountedDays {
  const own = rowOf(title.plays, regionId);
  if (own !== undefined) return own;
  const counted = title.files.flatMap((file) => {
    const row = rowOf(file.plays, regionId);
    return row === undefined ? [] : [{ row, share: shareOf(file) }];
  });
  const days = Math.max(0, ...counted.map(({ row }) => row.length));
  return Array.from({ length: days }, (_, day) => {
    const there = counted.flatMap(({ row, share }) => {
      const count = row[day];
      return count === undefined || !believable(count) ? [] : [{ count, share }];
    });
    const shares = there.reduce((sum, { share }) => sum + share, 0);
    return shares > 0 ? there.reduce((sum, { count }) => sum + count, 0) / shares : undefined;
  });
}

interface InRegion {
  readonly regionId: string;
  /** Per file of the title. */
  readonly files: readonly Expectation[];
}

interface TitleInRegion {
  readonly history: DemandHistory;
  readonly title: TitleHistory;
  readonly row: CountedDays;
  readonly region: DemandRegion;
  readonly weekdays: WeekdayFactors;
  readonly target: number;
  readonly settings: ForecastSettings;
}

function titleInRegion(given: TitleInRegion): InRegion {
  const { history, title, row, region, weekdays, target, settings } = given;
  const factorOn = (at: number): number =>
    weekdayFactorOn(weekdays, history.firstDay + at) * uplift(history, title, region.id, at);
  const evidence = evidenceOf(row, target, settings.halfLifeDays, factorOn);
  const ageDays = history.firstDay + target - firstDayOf(title, history, target);
  const facts = { kind: title.kind, marketing: title.marketing, regionWeight: region.weight, ageDays };
  const prior = launchPrior(facts, history.launchPlays, settings);
  const expected = expectation(evidence, prior, factorOn(target), settings);
  const files = title.files.map((file) => {
    const counted = rowOf(file.plays, region.id);
    const assumed = shareOf(file);
    const share =
      counted === undefined
        ? assumed
        : measuredShare({
            file: counted,
            title: row,
            target,
            assumed,
            priorPlays: settings.sharePriorPlays,
            halfLifeDays: settings.halfLifeDays,
          });
    return partOf(expected, share);
  });
  return { regionId: region.id, files };
}

/**
 * A share of a count: of each play with that chance (binomial thinning), Var = s²·Var(N) + s·(1 − s)·E(N). Files that
 * are read more than once a play have no chance left.
 */
export function partOf(whole: Expectation, share: number): Expectation {
  const chance = share < 1 ? share * (1 - share) * whole.playsPerDay : 0;
  return { playsPerDay: share * whole.playsPerDay, variance: share * share * whole.variance + chance };
}

function withRegions(
  title: TitleHistory,
  file: FileHistory,
  which: number,
  parts: readonly InRegion[],
): FileForecast {
  const byRegion = parts.map(({ regionId, files }) => ({
    regionId,
    playsPerDay: files[which]?.playsPerDay ?? 0,
    variance: files[which]?.variance ?? 0,
  }));
  const { id, sizeBytes } = file;
  return { id, titleId: title.titleId, sizeBytes, ...summed(byRegion), byRegion };
}

function summed(parts: readonly Expectation[]): Expectation {
  return {
    playsPerDay: parts.reduce((sum, part) => sum + part.playsPerDay, 0),
    variance: parts.reduce((sum, part) => sum + part.variance, 0),
  };
}

/** Weekday factors of a region, from titles that were counted on all seven days of a week: others would bend the week. */
function regionWeek(given: {
  readonly history: DemandHistory;
  readonly region: DemandRegion;
  readonly rows: readonly CountedDays[];
  readonly target: number;
  readonly weeks: number;
}): WeekdayFactors {
  const { history, region, rows, target } = given;
  const starts = weekStarts(target, given.weeks);
  const [latest] = starts;
  if (latest === undefined) return neutralWeek;
  const weeks = starts.map((start) => {
    const sums = [0, 0, 0, 0, 0, 0, 0];
    rows.forEach((row, at) => {
      const title = history.titles[at];
      const week = row.slice(start, start + 7).filter((count) => count !== undefined && believable(count));
      if (title === undefined || week.length < 7) return;
      week.forEach((count, day) => {
        sums[day] = (sums[day] ?? 0) + (count ?? 0) / uplift(history, title, region.id, start + day);
      });
    });
    return sums;
  });
  return weekdayFactors(weeks, weekdayOf(history.firstDay + latest));
}

function uplift(history: DemandHistory, title: TitleHistory, regionId: string, at: number): number {
  if (history.events.length === 0) return 1;
  const where = { regionId, day: history.firstDay + at, tags: title.tags ?? [] };
  return upliftOf(history.events, where);
}

/** When nobody says since when a title is there, it is since it was first counted; never counted, it is new. */
export function firstDayOf(title: TitleHistory, history: DemandHistory, target: number): number {
  if (title.availableFrom !== undefined && Number.isFinite(title.availableFrom)) return title.availableFrom;
  const firsts = history.regions.map(({ id }) =>
    titleRow(title, id).findIndex((count) => count !== undefined && believable(count)),
  );
  const counted = firsts.filter((first) => first >= 0 && first < target);
  return history.firstDay + Math.min(target, ...counted);
}

export function shareOf(file: FileHistory): number {
  return believableShare(file.share) ? file.share : 1;
}

export function rowOf(
  rows: Readonly<Record<string, CountedDays>> | undefined,
  regionId: string,
): CountedDays | undefined {
  return rows !== undefined && Object.hasOwn(rows, regionId) ? rows[regionId] : undefined;
}
