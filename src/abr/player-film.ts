// The film as a rule reads it, from the rungs that a player has and what the page knows of their sizes.
import { filmOf, type TitleSizes } from "#play/ladder.ts";
import type { Film } from "#play/types.ts";

/** A rung as its player knows it. */
export interface PlayerRung {
  /** What the player finds it again by. */
  readonly key: string;
  /** Names and addresses under which the sizes may know it. */
  readonly names: readonly string[];
  readonly height: number;
  /** What the manifest says. */
  readonly kbps: number;
}

/** Where segments lie, as far as a manifest tells. */
export interface Timeline {
  readonly segmentMs: number;
  /** Undefined: live. */
  readonly totalMs: number | undefined;
}

export interface PlayerFilm {
  readonly film: Film;
  /** Sizes are rate times length for at least one rung. */
  readonly guessed: boolean;
}

type Rendition = TitleSizes["renditions"][number];

/** Until a first segment said how long it is. */
const usualSegmentMs = 4000;
/** Segments of a table without an end; and the most that any table of equal segments has. */
const longestTable = 2000;
/** Two rates further apart than this factor are not of one rendition. */
const sameRate = 2;

/**
 * Rungs that the sizes do not know get rate times length. One such rung takes the quality scores from all of them: a rule
 * could not compare it.
 */
export function playerFilm(
  rungs: readonly PlayerRung[],
  sizes: TitleSizes | undefined,
  timeline: Timeline | undefined,
): PlayerFilm {
  const known = rungs.map((rung) => sizes && renditionOf(rung, sizes.renditions));
  const guessed = known.some((one) => one === undefined);
  const title: TitleSizes = {
    metric: { name: guessed ? "ssim" : (sizes?.metric.name ?? "ssim") },
    durationsMs: sizes?.durationsMs ?? equalSegments(timeline),
    renditions: rungs.map(({ key, height, kbps }, index) => ({
      ...(known[index] ?? { height, bitrateBps: kbps * 1000, bytes: [], quality: [] }),
      id: key,
    })),
  };
  return { film: filmOf(title, new Set(rungs.map(({ key }) => key))), guessed };
}

/** By name, by a part of an address, or by the picture's height and the nearest rate. */
export function renditionOf(rung: PlayerRung, all: readonly Rendition[]): Rendition | undefined {
  const parts = new Set(rung.names.flatMap((name) => [name, ...partsOf(name)]));
  const apart = ({ bitrateBps }: Rendition): number => Math.abs(Math.log(bitrateBps / 1000 / rung.kbps));
  const alike = all.filter((one) => one.height === rung.height && apart(one) <= Math.log(sameRate));
  return all.find(({ id }) => parts.has(id)) ?? alike.toSorted((a, b) => apart(a) - apart(b))[0];
}

/** "…/v180-1/index.m3u8?x" has the parts "v180-1", "index.m3u8" and "index". */
function partsOf(address: string): readonly string[] {
  const parts = (address.split(/[?#]/)[0] ?? "").split("/");
  return parts.flatMap((part) => [part, part.replace(/\.\w+$/, "")]);
}

function equalSegments(timeline: Timeline | undefined): readonly number[] {
  const { segmentMs, totalMs } = timeline ?? { segmentMs: usualSegmentMs, totalMs: undefined };
  const length = Math.min(
    longestTable,
    Math.max(1, Math.ceil((totalMs ?? Number.POSITIVE_INFINITY) / segmentMs)),
  );
  return Array.from({ length }, () => segmentMs);
}
