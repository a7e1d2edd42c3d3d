// Control's side of popularity: counts of plays come in day by day and region by region; what is expected goes out, as
// place/ forecasts it. The plan knows only this, never what will be watched.
import { type DemandColumns, forecastColumns } from "#place/demand-columns.ts";
import { launchPrior } from "#place/launch.ts";
import type { PlaceSettings } from "#place/settings.ts";
import type { Catalogue } from "./catalogue.ts";
import type { WatchedDay } from "./demand.ts";

const dayMs = 86_400_000;
/** Counted days that are kept: four whole weeks, for the weekdays. */
const keptDays = 28;

export class Forecaster {
  private readonly catalogue: Catalogue;
  private readonly settings: PlaceSettings;
  private readonly regionIds: readonly string[];
  /** Plays that a plain new title is expected to have on its first day, by region. */
  private readonly launchPlays: readonly number[];
  private readonly days: WatchedDay[] = [];
  /** Titles that more is expected of than of a plain one, and how many times as much. */
  private readonly marketing = new Map<number, number>();

  constructor(order: {
    readonly catalogue: Catalogue;
    readonly settings: PlaceSettings;
    readonly regionIds: readonly string[];
    readonly launchPlays: readonly number[];
  }) {
    this.catalogue = order.catalogue;
    this.settings = order.settings;
    this.regionIds = order.regionIds;
    this.launchPlays = order.launchPlays;
  }

  count(day: WatchedDay): void {
    this.days.push(day);
    if (this.days.length > keptDays) this.days.shift();
  }

  expectMore(title: number, times: number): void {
    this.marketing.set(title, times);
  }

  /** Plays by title on a day of the run, for each region. */
  forecast(day: number, startsAtMs: number): readonly Float64Array[] {
    const target = Math.floor(startsAtMs / dayMs);
    return this.regionIds.map((regionId, region) => {
      const columns: DemandColumns = {
        regionId,
        firstDay: target - this.days.length,
        history: this.days.map((one) => this.columnOf(one, region)),
        prior: this.priors(region, day),
        events: [],
        tagSets: [],
        tagSetOf: new Uint16Array(this.catalogue.titles),
      };
      return forecastColumns(columns, target, this.settings).playsPerDay;
    });
  }

  /** What was not yet published was not counted. */
  private columnOf({ day, plays }: WatchedDay, region: number): Float64Array {
    const counted = plays[region] ?? new Uint32Array();
    const column = new Float64Array(this.catalogue.titles).fill(Number.NaN);
    for (let title = 0; title < counted.length; title++)
      if ((this.catalogue.bornOn[title] ?? 0) <= day) column[title] = counted[title] ?? 0;
    return column;
  }

  private priors(region: number, day: number): Float64Array {
    const kinds = { plain: this.launchPlays[region] ?? 0 };
    return Float64Array.from(this.catalogue.bornOn, (born, title) => {
      const marketing = this.marketing.get(title) ?? 1;
      const ageDays = Math.min(1e6, day - born);
      return launchPrior({ kind: "plain", marketing, regionWeight: 1, ageDays }, kinds, this.settings);
    });
  }
}
