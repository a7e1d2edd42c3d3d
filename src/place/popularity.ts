// From plays that were counted to plays that are expected: one row of days at a time, and how a title's plays divide over
// its renditions. Popularity is bytes sent ÷ bytes stored, so half a film watched is half a play.
import type { PlaceSettings } from "./settings.ts";

/** Plays per day, oldest first. Undefined is a day that was not counted, which is not a day without plays. */
export type CountedDays = readonly (number | undefined)[];

/** What counted days say of a plain day, the latest saying most. */
export interface Evidence {
  /** Sum of the days' weights: 1 for yesterday, half for `halfLifeDays` before it. */
  readonly weight: number;
  /** Weighted sums of plays and of their squares. */
  readonly plays: number;
  readonly squares: number;
  /** Days counted, whatever their weight. */
  readonly days: number;
}

export interface Expectation {
  readonly playsPerDay: number;
  readonly variance: number;
}

export type ExpectationSettings = Pick<PlaceSettings, "halfLifeDays" | "priorWeightDays">;

const largestCount = 1e12;
const largestShare = 10;
/** Below, what was counted is so long ago that it says nothing. */
const leastWeight = 1e-9;

/** Whether a day's count can be believed: not negative, not above 10^12, a number. */
export function believable(count: number): boolean {
  return count >= 0 && count <= largestCount;
}

/** A share is believed up to 10 readings per play: index and audio have 1, and a viewer may seek. */
export function believableShare(share: number): boolean {
  return share >= 0 && share <= largestShare;
}

/** Popularity of what a file sent in a day. Not a number when it stores nothing. */
export function playsOfBytes(sentBytes: number, storedBytes: number): number {
  return storedBytes > 0 ? sentBytes / storedBytes : Number.NaN;
}

/**
 * The days of a row before `target`, each divided by what its weekday and its events made of a plain day.
 *
 * wₐ = 2^(−a ÷ halfLife), a = 0 for the day before the target. Counts that cannot be believed are left out.
 */
export function evidenceOf(
  row: CountedDays,
  target: number,
  halfLifeDays: number,
  factorOn: (day: number) => number,
): Evidence {
  let [weight, plays, squares, days] = [0, 0, 0, 0];
  for (let day = 0; day < Math.min(target, row.length); day++) {
    const count = row[day];
    if (count === undefined || !believable(count)) continue;
    const worth = 2 ** (-(target - 1 - day) / halfLifeDays);
    const plain = count / factorOn(day);
    weight += worth;
    plays += worth * plain;
    squares += worth * plain * plain;
    days += 1;
  }
  return { weight, plays, squares, days };
}

/**
 * Plays to expect on a day that is `factor` times a plain one.
 *
 * λ = (Σ wₐ·yₐ + k·m) ÷ (Σ wₐ + k),  k = k₀·2^(−n ÷ halfLife) after n counted days: the prior ages like a count, so a
 * steady rate becomes the forecast itself. (With a k that stays, 17 % of the prior would stay for ever at a half-life of
 * three days.) Source: placement research §6.3, and the discounted gamma–Poisson filter.
 *
 * The variance is that of the count (chance, or what the counted days varied, whichever is more) and of λ itself.
 */
export function expectation(
  evidence: Evidence,
  prior: number,
  factor: number,
  settings: ExpectationSettings,
): Expectation {
  const k = settings.priorWeightDays * 2 ** (-evidence.days / settings.halfLifeDays);
  const weight = evidence.weight + k;
  if (weight < leastWeight) return { playsPerDay: factor * prior, variance: 2 * factor * factor * prior };
  const plays = (evidence.plays + k * prior) / weight;
  const spread = spreadOf(evidence);
  const ofCount = Math.max(factor * plays, factor * factor * spread);
  const ofRate = (factor * factor * Math.max(plays, spread)) / weight;
  return { playsPerDay: factor * plays, variance: ofCount + ofRate };
}

function spreadOf({ weight, plays, squares }: Evidence): number {
  if (weight < leastWeight) return 0;
  const mean = plays / weight;
  return Math.max(0, squares / weight - mean * mean);
}

/**
 * A rendition's part of its title's plays: as counted over the days on which both were, drawn towards the assumed part,
 * which weighs as much as `priorPlays` plays of the title. While parts of the videos are assumed to sum to 1 and every
 * play is counted for one of them, the drawn parts sum to 1 too.
 */
export function measuredShare(order: {
  readonly file: CountedDays;
  readonly title: CountedDays;
  readonly target: number;
  readonly assumed: number;
  readonly priorPlays: number;
  readonly halfLifeDays: number;
}): number {
  let read = order.priorPlays * order.assumed;
  let played = order.priorPlays;
  for (let day = 0; day < Math.min(order.target, order.file.length); day++) {
    const [own, all] = [order.file[day], order.title[day]];
    if (own === undefined || all === undefined || !believable(own) || !believable(all)) continue;
    const worth = 2 ** (-(order.target - 1 - day) / order.halfLifeDays);
    read += worth * own;
    played += worth * all;
  }
  return played > 0 ? Math.min(largestShare, read / played) : order.assumed;
}

/**
 * What part of a title's plays reads each rendition, while nobody has measured it: index and audio always; of the
 * videos the highest most, each next lower one half as much. The ratio is our assumption; measured shares replace it.
 */
export function priorShares(
  renditions: readonly {
    readonly id: string;
    readonly kind: "video" | "audio" | "index";
    readonly height: number;
    readonly bitrate: number;
  }[],
): ReadonlyMap<string, number> {
  const videos = renditions
    .filter((rendition) => rendition.kind === "video")
    .toSorted((a, b) => b.height - a.height || b.bitrate - a.bitrate || (a.id < b.id ? -1 : 1));
  const parts = videos.reduce((sum, _, i) => sum + 2 ** -i, 0);
  const videoShares = videos.map((video, i): [string, number] => [video.id, 2 ** -i / parts]);
  const others = renditions.filter((rendition) => rendition.kind !== "video");
  return new Map([...videoShares, ...others.map((rendition): [string, number] => [rendition.id, 1])]);
}
