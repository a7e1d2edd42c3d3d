// From plays that were counted to plays that are expected, per file: what the plan is made of.
import { fileId } from "#model/package.ts";
import type { FileDemand } from "#model/placement.ts";
import type { PlaceSettings } from "./settings.ts";

export interface TitleHistory {
  readonly titleId: string;
  /** Plays per day, oldest first. Undefined is a day that was not counted, which is not a day without plays. */
  readonly dailyPlays: readonly (number | undefined)[];
  readonly renditions: readonly RenditionShare[];
}

export interface RenditionShare {
  readonly id: string;
  readonly sizeBytes: number;
  /** Part of a title's plays that read this rendition, in [0, 1]. */
  readonly share: number;
}

/** Demand of every rendition of every title. */
export function expectedDemand(
  titles: readonly TitleHistory[],
  settings: Pick<PlaceSettings, "halfLifeDays" | "priorPlaysPerDay" | "priorWeightDays">,
): FileDemand[] {
  return titles.flatMap(({ titleId, dailyPlays, renditions }) => {
    const plays = expectedPlays(dailyPlays, settings);
    return renditions.map(({ id, sizeBytes, share }) => ({
      id: fileId(titleId, id),
      titleId,
      sizeBytes,
      playsPerDay: plays * share,
    }));
  });
}

/**
 * A title's expected plays per day: the mean of the counted days, a day's weight halving every `halfLifeDays`, drawn
 * towards the expectation for a title nobody has played, which weighs as much as `priorWeightDays` fresh days.
 *
 * λ = (Σ wₐ·yₐ + k₀·m) ÷ (Σ wₐ + k₀),  wₐ = 2^(−a / halfLife), a = days ago. Source: placement research §6.3.
 */
export function expectedPlays(
  dailyPlays: readonly (number | undefined)[],
  settings: Pick<PlaceSettings, "halfLifeDays" | "priorPlaysPerDay" | "priorWeightDays">,
): number {
  let weight = settings.priorWeightDays;
  let plays = settings.priorWeightDays * settings.priorPlaysPerDay;
  dailyPlays.forEach((count, day) => {
    if (count === undefined || !Number.isFinite(count)) return;
    const ago = dailyPlays.length - 1 - day;
    const worth = 2 ** (-ago / settings.halfLifeDays);
    weight += worth;
    plays += worth * Math.max(0, count);
  });
  return plays / weight;
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
