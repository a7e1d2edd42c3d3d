// What is watched: every title's popularity in every region, day by day. Ranks follow Zipf's law; a title's popularity
// drifts as an AR(1) process of its logarithm; a new one starts high and falls. Plays are Poisson draws around that.
//
// x' = φ·x + σ·√(1 − φ²)·ε keeps the spread σ for ever. Source: placement research §2.1 (anchor of the churn replay) and §6.3.
import type { Random } from "#units/random.ts";
import { Catalogue, renditionsPerTitle } from "./catalogue.ts";
import { normal, poisson, streamOf } from "./chance.ts";
import { LocalTime, peakHourShare } from "./local-time.ts";
import type { Scenario, ViewerRegion } from "./scenario.ts";

const dayMs = 86_400_000;
/** How many times its later popularity a new title has on its first day, and how many days until a third of that is left. */
const launch = { boost: 12, days: 6 } as const;

/** One day as it was watched. */
export interface WatchedDay {
  readonly day: number;
  readonly startsAtMs: number;
  /** Plays by title, for each region in the scenario's order. */
  readonly plays: readonly Uint32Array[];
  /** For each region, what part falls in each UTC hour. */
  readonly hourShares: readonly (readonly number[])[];
}

interface Region {
  readonly shape: ViewerRegion;
  readonly time: LocalTime;
  readonly random: Random;
  readonly offsets: Random;
  /** Log popularity here, relative to that everywhere. */
  readonly own: number[];
  playsPerDay: number;
}

export class Demand {
  readonly catalogue: Catalogue;
  private readonly scenario: Scenario;
  private readonly regions: readonly Region[];
  private readonly drift: Random;
  private readonly ranks: Random;
  private readonly log: number[] = [];
  private readonly base: number[] = [];
  private readonly premieres = new Map<number, { readonly share: number; readonly day: number }>();
  private readonly titlesAtStart: number;

  /** The catalogue of the first day, as it is before anybody watched. `firstDay`: of the run, or before it. */
  constructor(scenario: Scenario, firstDay: number) {
    const { catalogue, seed, viewers } = scenario;
    this.scenario = scenario;
    this.titlesAtStart = Math.max(1, Math.round(catalogue.files / renditionsPerTitle));
    this.catalogue = new Catalogue(streamOf(seed, "sizes"), catalogue.bytes / this.titlesAtStart);
    this.drift = streamOf(seed, "drift");
    this.ranks = streamOf(seed, "ranks");
    this.regions = viewers.map((shape) => ({
      shape,
      time: new LocalTime(shape.zone),
      random: streamOf(seed, `plays ${shape.id}`),
      offsets: streamOf(seed, `region ${shape.id}`),
      own: [],
      playsPerDay: 0,
    }));
    const ranked = shuffled(this.titlesAtStart, this.ranks);
    for (const rank of ranked) this.admit(rank, Number.NEGATIVE_INFINITY);
    for (const region of this.regions) region.playsPerDay = this.playsFor(region, firstDay);
  }

  /** New titles of a day, each at a rank that chance gives it. */
  publish(day: number): readonly number[] {
    return Array.from({ length: this.scenario.catalogue.newTitlesPerDay }, () =>
      this.admit(this.ranks.integer(0, this.titlesAtStart - 1), day),
    );
  }

  /** A title that many wait for: `share` of all plays of its first day. */
  premiere(day: number, share: number): number {
    const title = this.admit(this.titlesAtStart, day);
    this.premieres.set(title, { share, day });
    return title;
  }

  /** A day passes: popularity drifts, people watch. */
  watch(day: number): WatchedDay {
    const startsAtMs = this.scenario.startsAtMs + day * dayMs;
    const { persistence, spread } = this.scenario.catalogue;
    const push = spread * Math.sqrt(1 - persistence ** 2);
    for (let title = 0; title < this.log.length; title++)
      this.log[title] = persistence * (this.log[title] ?? 0) + push * normal(this.drift);
    return {
      day,
      startsAtMs,
      plays: this.regions.map((region) => this.playsIn(region, day, startsAtMs)),
      hourShares: this.regions.map((region) => region.time.hourShares(startsAtMs)),
    };
  }

  /** Plays that a plain new title has on its first day, by region. */
  launchPlays(): readonly number[] {
    return this.regions.map(({ playsPerDay }) => (playsPerDay * (1 + launch.boost)) / this.titlesAtStart);
  }

  /** How many times the plays of a plain new title a premiere of that share has. */
  timesPlain(share: number): number {
    const plain = this.launchPlays().reduce((sum, one) => sum + one, 0);
    const all = this.regions.reduce((sum, { playsPerDay }) => sum + playsPerDay, 0);
    return plain > 0 ? (share * all) / ((1 - share) * plain) : 1;
  }

  /** The day with a premiere's plays, as if it could be watched all day. */
  withPremiere(watched: WatchedDay, title: number): WatchedDay {
    const share = this.premieres.get(title)?.share ?? 0;
    const plays = this.regions.map((region, at) => {
      const row = new Uint32Array(this.catalogue.titles);
      row.set(watched.plays[at] ?? []);
      const mean = (share * region.playsPerDay * region.time.dayFactor(watched.startsAtMs)) / (1 - share);
      row[title] = poisson(region.random, mean);
      return row;
    });
    return { ...watched, plays };
  }

  private admit(rank: number, day: number): number {
    const { exponent, spread, regionalSpread } = this.scenario.catalogue;
    const title = this.catalogue.publish(day);
    this.base.push((rank + 1) ** -exponent);
    this.log.push(spread * normal(this.drift));
    for (const region of this.regions) region.own.push(regionalSpread * normal(region.offsets));
    return title;
  }

  private weights(region: Region, day: number): Float64Array {
    const weights = new Float64Array(this.catalogue.titles);
    let others = 0;
    for (let title = 0; title < weights.length; title++) {
      if (this.premieres.has(title)) continue;
      const age = day - (this.catalogue.bornOn[title] ?? 0);
      const fresh = age === Number.POSITIVE_INFINITY ? 1 : 1 + launch.boost * Math.exp(-age / launch.days);
      const weight =
        (this.base[title] ?? 0) * Math.exp((this.log[title] ?? 0) + (region.own[title] ?? 0)) * fresh;
      weights[title] = weight;
      others += weight;
    }
    for (const [title, { share, day: born }] of this.premieres) {
      weights[title] = (others * share * Math.exp(-(day - born) / launch.days)) / (1 - share);
    }
    return weights;
  }

  /** So many plays a day that the busiest hour of a usual day asks for the region's peak. */
  private playsFor(region: Region, day: number): number {
    const weights = this.weights(region, day);
    let [bytes, all] = [0, 0];
    for (const [title, weight] of weights.entries()) {
      bytes += weight * this.catalogue.bytesPerPlay(title);
      all += weight;
    }
    const bytesPerDay = (region.shape.peakBps * 3600) / 8 / peakHourShare;
    return bytes > 0 ? (bytesPerDay * all) / bytes : 0;
  }

  private playsIn(region: Region, day: number, startsAtMs: number): Uint32Array {
    const weights = this.weights(region, day);
    const all = weights.reduce((sum, one) => sum + one, 0);
    const scale = all > 0 ? (region.playsPerDay * region.time.dayFactor(startsAtMs)) / all : 0;
    return Uint32Array.from(weights, (weight) => poisson(region.random, weight * scale));
  }
}

/** 0…count−1 in an order of chance. Source: Fisher–Yates. */
function shuffled(count: number, random: Random): number[] {
  const all = Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = random.integer(0, i);
    const swapped = all[i] ?? 0;
    all[i] = all[j] ?? 0;
    all[j] = swapped;
  }
  return all;
}
