// One cache for a quarter of the bytes, filled anew each night by a forecast: what it serves, and what it must fetch.
import { defaultsOf } from "#config/setting.ts";
import type { ForecastSettings } from "#place/demand.ts";
import { type DemandColumns, forecastColumns } from "#place/demand-columns.ts";
import { launchPrior } from "#place/launch.ts";
import { placeSettings } from "#place/settings.ts";
import type { Replay } from "./churn-replay.ts";

/** Plays expected of each file on a day; NaN for one that is not there yet. */
export type Predictor = (replay: Replay, day: number) => Float64Array;

export interface CacheOutcome {
  readonly byteHitPercent: number;
  readonly fillPercentPerDay: number;
}

export const cachePart = 0.25;

/** Millrace's defaults, but the prior is what an operator would enter here: a plain file's plays, and five times that at first. */
const settings: ForecastSettings = {
  ...defaultsOf(placeSettings),
  priorPlaysPerDay: 40,
  floorPlaysPerDay: 10,
};

export const predictors: Readonly<Record<string, Predictor>> = {
  yesterday: (replay, day) => meanOfDays(replay, day, 1),
  "7-day mean": (replay, day) => meanOfDays(replay, day, 7),
  "EWMA 3 d": (replay, day) =>
    forecastOf(replay, day, { ...settings, priorWeightDays: 0, priorPlaysPerDay: 0, floorPlaysPerDay: 0 }),
  Millrace: (replay, day) => forecastOf(replay, day, settings),
  oracle: (replay, day) => Float64Array.from(replay.plays[day] ?? []),
};

/** Plays of a plain day before `day`, from the days counted before it. */
export function forecastOf(replay: Replay, day: number, by: ForecastSettings = settings): Float64Array {
  const prior = Float64Array.from(replay.since, (since) =>
    launchPrior({ regionWeight: 1, ageDays: since < 0 ? 1000 : day - since }, {}, by),
  );
  const columns: DemandColumns = {
    regionId: "all",
    firstDay: 0,
    history: replay.plays,
    prior,
    events: [],
    tagSets: [[]],
    tagSetOf: new Uint16Array(replay.sizes.length),
  };
  const { playsPerDay } = forecastColumns(columns, day, by);
  return playsPerDay.map((plays, file) => ((replay.since[file] ?? 0) > day ? Number.NaN : plays));
}

function meanOfDays(replay: Replay, day: number, days: number): Float64Array {
  return Float64Array.from(replay.sizes, (_, file) => {
    let [sum, counted] = [0, 0];
    for (let at = Math.max(0, day - days); at < day; at++) {
      const plays = replay.plays[at]?.[file] ?? Number.NaN;
      if (Number.isNaN(plays)) continue;
      sum += plays;
      counted += 1;
    }
    if (counted > 0) return sum / counted;
    return (replay.since[file] ?? 0) > day ? Number.NaN : 0;
  });
}

/** One forecast per day from `firstDay` on; the first fill does not count. */
export function replayCache(
  replay: Replay,
  forecasts: readonly Float64Array[],
  firstDay: number,
  heldBonus: number,
): CacheOutcome {
  const capacity = cachePart * bytesThere(replay, 0);
  let held = new Uint8Array(replay.sizes.length);
  let [served, asked, fetched] = [0, 0, 0];
  forecasts.forEach((forecast, at) => {
    const next = greedy(replay, forecast, held, capacity, heldBonus);
    if (at > 0) {
      for (let file = 0; file < next.length; file++) {
        const size = replay.sizes[file] ?? 0;
        const plays = replay.plays[firstDay + at]?.[file] ?? Number.NaN;
        if (next[file] === 1 && held[file] === 0) fetched += size;
        if (Number.isNaN(plays)) continue;
        asked += plays * size;
        if (next[file] === 1) served += plays * size;
      }
    }
    held = next;
  });
  const days = forecasts.length - 1;
  return { byteHitPercent: (100 * served) / asked, fillPercentPerDay: (100 * fetched) / days / capacity };
}

function greedy(
  replay: Replay,
  forecast: Float64Array,
  held: Uint8Array,
  capacity: number,
  heldBonus: number,
): Uint8Array<ArrayBuffer> {
  const score = forecast.map((plays, file) => plays * (held[file] === 1 ? 1 + heldBonus : 1));
  const order = Uint32Array.from(score.keys())
    .filter((file) => !Number.isNaN(score[file]))
    .sort((a, b) => (score[b] ?? 0) - (score[a] ?? 0) || a - b);
  const next = new Uint8Array(replay.sizes.length);
  let left = capacity;
  for (const file of order) {
    const size = replay.sizes[file] ?? 0;
    if (size > left) continue;
    left -= size;
    next[file] = 1;
  }
  return next;
}

export function bytesThere(replay: Replay, day: number): number {
  let sum = 0;
  replay.sizes.forEach((size, file) => {
    if ((replay.since[file] ?? 0) <= day) sum += size;
  });
  return sum;
}
