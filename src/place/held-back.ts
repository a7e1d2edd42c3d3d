// A forecast beside what was counted on the day it was made for: the rows of an error report.
import {
  type DemandHistory,
  demandOfRegions,
  type FileHistory,
  type Forecast,
  firstDayOf,
  rowOf,
  shareOf,
  type TitleHistory,
  titleRow,
} from "./demand.ts";
import type { ForecastRow } from "./forecast-error.ts";
import { believable } from "./popularity.ts";

/**
 * One row per file, over the given regions. The truth of a file that is not counted itself is its title's, times the
 * share assumed of it; it is unknown when a region did not count that day.
 */
export function heldBack(
  history: DemandHistory,
  forecast: Forecast,
  regionIds: readonly string[],
): readonly ForecastRow[] {
  const at = forecast.day - history.firstDay;
  const expected = new Map(demandOfRegions(forecast, regionIds).map((file) => [file.id, file.playsPerDay]));
  return history.titles.flatMap((title) => {
    const ageDays = forecast.day - firstDayOf(title, history, at);
    return title.files.map((file) => ({
      sizeBytes: file.sizeBytes,
      forecast: expected.get(file.id) ?? 0,
      truth: truthOf(title, file, regionIds, at),
      ageDays,
    }));
  });
}

function truthOf(
  title: TitleHistory,
  file: FileHistory,
  regionIds: readonly string[],
  at: number,
): number | undefined {
  const counts = regionIds.map((id) => {
    const own = rowOf(file.plays, id)?.[at];
    const titles = titleRow(title, id)[at];
    const count = own ?? (titles === undefined ? undefined : titles * shareOf(file));
    return count !== undefined && believable(count) ? count : undefined;
  });
  return counts.reduce(
    (sum, count) => (sum === undefined || count === undefined ? undefined : sum + count),
    0,
  );
}
