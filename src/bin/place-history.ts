// A history as an operator writes it, made into what the forecast reads: dates into days, null into "not counted".
import { dayOfDate } from "#place/calendar.ts";
import type { DemandHistory, FileHistory, TitleHistory } from "#place/demand.ts";
import { placeFaults } from "#place/faults.ts";
import { type CountedDays, playsOfBytes } from "#place/popularity.ts";
import { Fault } from "#units/fault.ts";
import type { PlaceHistory } from "#wire/place-history.ts";

type Rows = Readonly<Record<string, readonly (number | null)[]>>;

/** @throws Fault when a date does not exist */
export function domainHistory(given: PlaceHistory): DemandHistory {
  return {
    firstDay: dayOf(given.firstDay),
    regions: given.regions,
    titles: given.titles.map((title): TitleHistory => {
      const { id, kind, marketing, tags, availableFrom } = title;
      return {
        titleId: id,
        kind,
        marketing,
        tags,
        availableFrom: availableFrom === undefined ? undefined : dayOf(availableFrom),
        plays: counted(title.plays),
        files: title.files.map(fileOf),
      };
    }),
    events: given.events.map(({ tag, from, to, regions, factor }) => ({
      tag,
      from: dayOf(from),
      to: dayOf(to),
      regionIds: regions,
      factor,
    })),
    launchPlays: given.launchPlays,
  };
}

type GivenFile = PlaceHistory["titles"][number]["files"][number];

function fileOf({ id, sizeBytes, share = 1, plays, sentBytes }: GivenFile): FileHistory {
  const sent = counted(sentBytes, (bytes) => playsOfBytes(bytes, sizeBytes));
  return { id, sizeBytes, share, plays: { ...sent, ...counted(plays) } };
}

function counted(
  rows: Rows | undefined,
  plays = (count: number): number => count,
): Record<string, CountedDays> {
  const made = Object.entries(rows ?? {}).map(([region, row]): [string, CountedDays] => [
    region,
    row.map((count) => (count === null ? undefined : plays(count))),
  ]);
  return Object.fromEntries(made);
}

function dayOf(date: string): number {
  const day = dayOfDate(date);
  if (day === undefined) throw new Fault(placeFaults.historyRefused, { because: `there is no ${date}` });
  return day;
}
