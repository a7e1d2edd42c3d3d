// A history with taste in it, for tests and trials: titles belong to genres, profiles like a few of them, and within a
// genre some titles are watched much more than others.
import { type Random, seededRandom } from "#units/random.ts";
import type { Watched } from "./taste.ts";

export interface SampleTaste {
  readonly profiles: number;
  readonly titles: number;
  readonly genres: number;
  /** Titles that a profile watched in the mean. */
  readonly perProfile: number;
  readonly seed: number;
}

/** Share of a profile's watching that follows its genres; the rest is anything. */
const faithful = 0.8;
const likedGenres = 2;

export function sampleTaste(order: SampleTaste): readonly Watched[] {
  const random = seededRandom(order.seed);
  const watched: Watched[] = [];
  for (let profile = 0; profile < order.profiles; profile++) {
    const liked = Array.from({ length: likedGenres }, () => random.integer(0, order.genres - 1));
    const count = 1 + Math.floor(-Math.log(1 - random.next()) * order.perProfile);
    for (let nth = 0; nth < count; nth++) {
      const genre = random.next() < faithful ? pick(liked, random) : random.integer(0, order.genres - 1);
      const titleId = `title-${titleIn(genre, order, random)}`;
      watched.push({ profileId: `profile-${profile}`, titleId, atMs: nth });
    }
  }
  return watched;
}

/** Skewed: the square of an even draw falls on the first titles of a genre much more often. */
function titleIn(genre: number, { titles, genres }: SampleTaste, random: Random): number {
  const inGenre = Math.floor(titles / genres);
  return genre + genres * Math.floor(random.next() ** 3 * inGenre);
}

function pick(list: readonly number[], random: Random): number {
  return list[random.integer(0, list.length - 1)] ?? 0;
}
