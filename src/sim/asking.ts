// From plays of titles to bytes of files that are asked for in a day.
import { type Catalogue, renditionsPerTitle } from "./catalogue.ts";
import type { WatchedDay } from "./demand.ts";

const hourMs = 3_600_000;

/** When a title that many wait for may first be watched. */
export type Openings = ReadonlyMap<number, { readonly startsAtMs: number }>;

/**
 * Bytes by file, for each region, as if every hour asked alike: times an hour's share of the day they are the hour's. A
 * title that opens in the middle of the day is asked for in the rest of it.
 */
export function bytesAsked(
  catalogue: Catalogue,
  watched: WatchedDay,
  openings: Openings,
  nowMs: number,
): readonly Float64Array[] {
  return watched.plays.map((plays) => {
    const bytes = new Float64Array(catalogue.files);
    for (let title = 0; title < plays.length; title++) {
      const opens = openings.get(title)?.startsAtMs ?? Number.NEGATIVE_INFINITY;
      const count = opens <= nowMs ? (plays[title] ?? 0) : 0;
      if (count === 0) continue;
      for (let i = 0; i < renditionsPerTitle; i++) {
        const file = title * renditionsPerTitle + i;
        bytes[file] = Math.round(count * (catalogue.shares[i] ?? 1) * (catalogue.sizes[file] ?? 0));
      }
    }
    return bytes;
  });
}

/** The day's plays as they are counted: what opened in the middle of it was played in the rest alone. */
export function countedPlays(watched: WatchedDay, openings: Openings): WatchedDay {
  const midway = [...openings].filter(([, { startsAtMs }]) => startsAtMs > watched.startsAtMs);
  if (midway.length === 0) return watched;
  const plays = watched.plays.map((row, region) => {
    const counted = Uint32Array.from(row);
    for (const [title, { startsAtMs }] of midway) {
      const shares = watched.hourShares[region] ?? [];
      const open = shares.filter((_, hour) => watched.startsAtMs + hour * hourMs >= startsAtMs);
      const part = open.reduce((sum, share) => sum + share, 0);
      counted[title] = Math.round((counted[title] ?? 0) * part);
    }
    return counted;
  });
  return { ...watched, plays };
}
