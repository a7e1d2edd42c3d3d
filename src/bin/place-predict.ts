// `millrace place predict`: plays counted in, plays expected out, and how wrong the forecast of a known day was.
import { defineCommand } from "citty";
import { dateOfDay, dayOfDate } from "#place/calendar.ts";
import { type DemandHistory, demandOfRegions, type Forecast, forecastDemand } from "#place/demand.ts";
import { placeFaults } from "#place/faults.ts";
import { errorText, type ForecastError, forecastError } from "#place/forecast-error.ts";
import { heldBack } from "#place/held-back.ts";
import { historyComplaints } from "#place/history-refusals.ts";
import { placeSettings } from "#place/settings.ts";
import { Fault } from "#units/fault.ts";
import { bytesWords } from "#units/in-words.ts";
import { placeHistory } from "#wire/place-history.ts";
import { readJsonFile } from "./json-file.ts";
import { plainText } from "./plain-text.ts";
import { domainHistory } from "./play-history.ts";
import { runProgram, settingsOf } from "./program.ts";
import { textTable } from "./table.ts";
import { refusedUsage, usageComplaints } from "./usage.ts";

const example =
  "millrace place predict HISTORY.json [--day DATE] [--regions A,B] [--check [--capacity PERCENT] [--depth PERCENT]] [--json]";

export const predictCommand = defineCommand({
  meta: { name: "predict", description: "Expect what will be played, from what was" },
  args: {
    history: {
      type: "positional",
      required: false,
      description:
        "JSON: {firstDay, regions[{id}], titles[{id, plays{REGION: [n, null, …]}, files[]}], events?}",
    },
    day: { type: "string", description: "Date to forecast (default: the first that was not counted)" },
    regions: { type: "string", description: "Regions to add up, with commas between (default: all)" },
    check: {
      type: "boolean",
      default: false,
      description: "Hold back the day's counts (default: of the last day), and report the forecast's error",
    },
    capacity: { type: "string", description: "With --check: cache, in percent of all bytes (default: 25)" },
    depth: {
      type: "string",
      description: "With --check: top of the ranking to compare, in percent (default: 10)",
    },
    json: { type: "boolean", default: false, description: "One JSON document on standard output" },
  },
  run: async ({ args }) => {
    const complaints = [
      ...usageComplaints(args, {
        options: ["day", "regions", "check", "capacity", "depth", "json"],
        needed: ["history"],
        words: 1,
      }),
      ...dateComplaint(args.day),
      ...percentComplaint("capacity", args.capacity),
      ...percentComplaint("depth", args.depth),
    ];
    if (refusedUsage(complaints, example)) return;
    await runProgram(async () => {
      const history = domainHistory(await readJsonFile(args.history ?? "", placeHistory));
      const [because] = historyComplaints(history);
      if (because !== undefined) throw new Fault(placeFaults.historyRefused, { because });
      const day = dayWanted(history, args.day, args.check);
      const regionIds = regionsWanted(history, args.regions);
      const forecast = forecastDemand(history, day, settingsOf(placeSettings));
      const error = args.check
        ? forecastError({
            rows: heldBack(history, forecast, regionIds),
            capacityBytes: share(args.capacity, 25) * bytesOf(history),
            depth: share(args.depth, 10),
          })
        : undefined;
      const told = { forecast, regionIds, error };
      process.stdout.write(args.json ? asJson(told) : asText(told));
    });
  },
});

interface Told {
  readonly forecast: Forecast;
  readonly regionIds: readonly string[];
  readonly error: ForecastError | undefined;
}

function dateComplaint(text: string | undefined): string[] {
  if (text === undefined || dayOfDate(text) !== undefined) return [];
  return [`--day: wanted a date such as 2026-12-24, found "${text}"`];
}

function percentComplaint(name: string, text: string | undefined): string[] {
  const value = Number(text ?? 1);
  if (text?.trim() !== "" && value > 0 && value <= 100) return [];
  return [`--${name}: wanted a percentage above 0 and up to 100, found "${text}"`];
}

function share(text: string | undefined, percent: number): number {
  return Number(text ?? percent) / 100;
}

/** @throws Fault when the day cannot be forecast, or cannot be checked */
function dayWanted(history: DemandHistory, text: string | undefined, check: boolean): number {
  const end = history.firstDay + daysCounted(history);
  const day = text === undefined ? (check ? end - 1 : end) : (dayOfDate(text) ?? end);
  const span = `the counts are of ${dateOfDay(history.firstDay)} to ${dateOfDay(end - 1)}`;
  if (end === history.firstDay) throw refused("no title has counts of any day");
  if (day < history.firstDay) throw refused(`${dateOfDay(day)} lies before them: ${span}`);
  if (check && day >= end) throw refused(`${dateOfDay(day)} cannot be checked: ${span}`);
  if (day > end + 366) throw refused(`${dateOfDay(day)} is more than a year ahead: ${span}`);
  return day;
}

function daysCounted(history: DemandHistory): number {
  let days = 0;
  for (const title of history.titles) {
    const rows = [title.plays, ...title.files.map((file) => file.plays ?? {})].flatMap((by) =>
      Object.values(by),
    );
    for (const row of rows) days = Math.max(days, row.findLastIndex((count) => count !== undefined) + 1);
  }
  return days;
}

/** @throws Fault when a region is not in the history */
function regionsWanted(history: DemandHistory, text: string | undefined): readonly string[] {
  const known = history.regions.map(({ id }) => id);
  if (text === undefined) return known;
  const wanted = [...new Set(text.split(","))];
  const strange = wanted.find((id) => !known.includes(id));
  if (strange !== undefined) throw refused(`there is no region "${strange}", only ${known.join(", ")}`);
  return wanted;
}

function refused(because: string): Fault {
  return new Fault(placeFaults.historyRefused, { because });
}

function bytesOf(history: DemandHistory): number {
  return history.titles.reduce(
    (sum, title) => title.files.reduce((part, file) => part + file.sizeBytes, sum),
    0,
  );
}

/** `files` has the form that `place plan` reads. */
function asJson({ forecast, regionIds, error }: Told): string {
  const files = demandOfRegions(forecast, regionIds);
  const { regions, ignored } = forecast;
  const document = { day: dateOfDay(forecast.day), regionIds, files, regions, ignored, error };
  return `${JSON.stringify(document, null, 2)}\n`;
}

const shownFiles = 20;

function asText({ forecast, regionIds, error }: Told): string {
  const { regions, ignored } = forecast;
  const files = demandOfRegions(forecast, regionIds).toSorted((a, b) => b.playsPerDay - a.playsPerDay);
  const rows = files
    .slice(0, shownFiles)
    .map((file) => [
      file.id,
      bytesWords(file.sizeBytes),
      file.playsPerDay.toFixed(2),
      Math.sqrt(file.variance).toFixed(2),
    ]);
  const weeks = regions
    .filter(({ id }) => regionIds.includes(id))
    .map(({ id, weekdays }) => [
      id,
      ...weekdays.factors.map((factor) => factor.toFixed(2)),
      `${weekdays.weeks}`,
    ]);
  const more = files.length > shownFiles ? [`and ${files.length - shownFiles} files more`] : [];
  const left =
    ignored.count > 0
      ? [`left out: ${ignored.count}, the first of them ${plainText(ignored.first ?? "")}`]
      : [];
  return `${[
    `${dateOfDay(forecast.day)}, ${regionIds.join(" + ")}`,
    textTable([["file", "size", "plays/day", "give or take"], ...rows]),
    ...more,
    textTable([["weekdays", "Su", "Mo", "Tu", "We", "Th", "Fr", "Sa", "weeks"], ...weeks]),
    ...left,
    ...(error === undefined ? [] : [errorText(error).trimEnd()]),
  ].join("\n\n")}\n`;
}
