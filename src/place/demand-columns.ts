// The forecast of forecastDemand for one region, in columns: for catalogues of a million files, one pass over each day.
import { type CalendarEvent, upliftOf, weekdayOf } from "./calendar.ts";
import type { ForecastSettings } from "./demand.ts";
import { believable, believableShare } from "./popularity.ts";
import { type WeekdayFactors, weekdayFactorOn, weekdayFactors, weekStarts } from "./weekday.ts";

/** Rows are titles, or files that are counted each for itself. */
export interface DemandColumns {
  readonly regionId: string;
  /** The day of history[0], numbered as in calendar.ts. */
  readonly firstDay: number;
  /** history[day][row]: plays; NaN is a day that was not counted. */
  readonly history: readonly (Float64Array | Float32Array)[];
  /** Per row: plays on a plain day before anything is counted (launch.ts), not negative. */
  readonly prior: Float64Array | Float32Array;
  readonly events: readonly CalendarEvent[];
  /** Sets of tags, and which of them each row carries. */
  readonly tagSets: readonly (readonly string[])[];
  readonly tagSetOf: Uint16Array;
}

export interface ForecastColumns {
  readonly playsPerDay: Float64Array;
  readonly variance: Float64Array;
  readonly weekdays: WeekdayFactors;
  /** Counts that could not be believed and were left out. */
  readonly ignored: number;
}

const leastWeight = 1e-9;

/** Forecasts `day` from the days before it; equal to the plain form (demand.ts) row by row. */
export function forecastColumns(
  columns: DemandColumns,
  day: number,
  settings: ForecastSettings,
): ForecastColumns {
  const target = Math.max(0, day - columns.firstDay);
  const weekdays = columnsWeek(columns, target, settings.weekdayWeeks);
  const factorsOn = (at: number): Float64Array => {
    const weekday = weekdayFactorOn(weekdays, columns.firstDay + at);
    return Float64Array.from(uplifts(columns, at), (uplift) => weekday * uplift);
  };
  const { sums, ignored } = weighed(columns, target, settings.halfLifeDays, factorsOn);
  return { ...expectations(columns, sums, factorsOn(target), settings), weekdays, ignored };
}

/** Plays of files from the plays of their titles: file i belongs to title `titleOf[i]` and is read by `share[i]` of plays. */
export function spreadOverFiles(
  titles: Pick<ForecastColumns, "playsPerDay" | "variance">,
  titleOf: Uint32Array,
  share: Float64Array | Float32Array,
): Pick<ForecastColumns, "playsPerDay" | "variance"> {
  const playsPerDay = new Float64Array(titleOf.length);
  const variance = new Float64Array(titleOf.length);
  for (let i = 0; i < titleOf.length; i++) {
    const title = titleOf[i] ?? 0;
    const given = share[i] ?? 1;
    const part = believableShare(given) ? given : 1;
    const plays = titles.playsPerDay[title] ?? 0;
    playsPerDay[i] = part * plays;
    variance[i] = part * part * (titles.variance[title] ?? 0) + (part < 1 ? part * (1 - part) * plays : 0);
  }
  return { playsPerDay, variance };
}

interface Sums {
  readonly weight: Float64Array;
  readonly plays: Float64Array;
  readonly squares: Float64Array;
  readonly days: Uint32Array;
}

function weighed(
  { history, prior, tagSetOf }: DemandColumns,
  target: number,
  halfLifeDays: number,
  factorsOn: (at: number) => Float64Array,
): { readonly sums: Sums; readonly ignored: number } {
  const rows = prior.length;
  const weight = new Float64Array(rows);
  const plays = new Float64Array(rows);
  const squares = new Float64Array(rows);
  const days = new Uint32Array(rows);
  let ignored = 0;
  for (let day = 0; day < Math.min(target, history.length); day++) {
    const counts = history[day];
    if (counts === undefined) continue;
    const worth = 2 ** (-(target - 1 - day) / halfLifeDays);
    const factors = factorsOn(day);
    for (let row = 0; row < rows; row++) {
      const count = counts[row] ?? Number.NaN;
      if (!believable(count)) {
        if (!Number.isNaN(count)) ignored += 1;
        continue;
      }
      const plain = count / (factors[tagSetOf[row] ?? 0] ?? 1);
      weight[row] = (weight[row] ?? 0) + worth;
      plays[row] = (plays[row] ?? 0) + worth * plain;
      squares[row] = (squares[row] ?? 0) + worth * plain * plain;
      days[row] = (days[row] ?? 0) + 1;
    }
  }
  return { sums: { weight, plays, squares, days }, ignored };
}

function expectations(
  { prior, tagSetOf, history }: DemandColumns,
  sums: Sums,
  factors: Float64Array,
  settings: ForecastSettings,
): Pick<ForecastColumns, "playsPerDay" | "variance"> {
  const rows = prior.length;
  const playsPerDay = new Float64Array(rows);
  const variance = new Float64Array(rows);
  const priorWeight = Float64Array.from(
    { length: history.length + 1 },
    (_, days) => settings.priorWeightDays * 2 ** (-days / settings.halfLifeDays),
  );
  for (let row = 0; row < rows; row++) {
    const factor = factors[tagSetOf[row] ?? 0] ?? 1;
    const expected = prior[row] ?? 0;
    const counted = sums.weight[row] ?? 0;
    const k = priorWeight[sums.days[row] ?? 0] ?? 0;
    const weight = counted + k;
    if (weight < leastWeight) {
      playsPerDay[row] = factor * expected;
      variance[row] = 2 * factor * factor * expected;
      continue;
    }
    const rate = ((sums.plays[row] ?? 0) + k * expected) / weight;
    const mean = counted < leastWeight ? 0 : (sums.plays[row] ?? 0) / counted;
    const spread = counted < leastWeight ? 0 : Math.max(0, (sums.squares[row] ?? 0) / counted - mean * mean);
    playsPerDay[row] = factor * rate;
    const ofRate = (factor * factor * Math.max(rate, spread)) / weight;
    variance[row] = Math.max(factor * rate, factor * factor * spread) + ofRate;
  }
  return { playsPerDay, variance };
}

/** By tag set. */
function uplifts({ events, tagSets, regionId, firstDay }: DemandColumns, at: number): number[] {
  const sets = tagSets.length === 0 ? [[]] : tagSets;
  return sets.map((tags) => upliftOf(events, { regionId, day: firstDay + at, tags }));
}

function columnsWeek(columns: DemandColumns, target: number, weeks: number): WeekdayFactors {
  const { history, firstDay, prior, tagSetOf } = columns;
  const starts = weekStarts(target, weeks);
  const sums = starts.map((start) => {
    const days = Array.from({ length: 7 }, (_, day) => history[start + day] ?? new Float64Array(0));
    const lifts = days.map((_, day) => uplifts(columns, start + day));
    const week = new Float64Array(7);
    for (let row = 0; row < prior.length; row++) {
      if (!days.every((counts) => believable(counts[row] ?? Number.NaN))) continue;
      days.forEach((counts, day) => {
        week[day] = (week[day] ?? 0) + (counts[row] ?? 0) / (lifts[day]?.[tagSetOf[row] ?? 0] ?? 1);
      });
    }
    return [...week];
  });
  return weekdayFactors(sums, weekdayOf(firstDay + (starts[0] ?? 0)));
}
