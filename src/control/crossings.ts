// What crossed which depth of the catalogue on the last days, from the plays that were counted: where a cutoff moves least.
import { type Crossings, crossingsOf } from "#place/crossings.ts";
import type { DemandHistory } from "#place/demand.ts";
import { columnsOfFiles } from "#place/plan.ts";

/** Fewer days say more of chance than of the catalogue. */
const leastDays = 7;
const mostDays = 14;

/** Of a region's last days; undefined while fewer than seven of them had plays. */
export function crossingsIn(history: DemandHistory, region: string): Crossings | undefined {
  const files = history.titles.flatMap((title) =>
    title.files.map((file) => ({ file, titleId: title.titleId, plays: title.plays[region] ?? [] })),
  );
  const days = Math.max(0, ...files.map(({ plays }) => plays.length));
  const last = Array.from({ length: Math.min(days, mostDays) }, (_, i) => Math.max(0, days - mostDays) + i);
  const daily = last
    .map((day) => Float64Array.from(files, ({ file, plays }) => (plays[day] ?? 0) * file.share))
    .filter((plays) => plays.some((count) => count > 0));
  if (daily.length < leastDays) return undefined;
  const columns = columnsOfFiles(
    files.map(({ file, titleId }) => ({ id: file.id, titleId, sizeBytes: file.sizeBytes, playsPerDay: 0 })),
  );
  return crossingsOf(columns, daily);
}
