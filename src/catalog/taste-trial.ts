// How good is a ranking? Profiles that no model has seen show some of what they watched, and what they watched besides is
// looked for among what is recommended.
//
//   recall@k = found in the first k / min(k, hidden)       NDCG@k = Σ found 1/log₂(rank + 1) / the same, all found first
//
// Source: Liang et al., "Variational Autoencoders for Collaborative Filtering", WWW 2018 (protocol and both measures).
import type { Random } from "#units/random.ts";
import { mostWatched, type TasteOrder, tasteFor, trainTaste, type Watched } from "./taste.ts";

export interface TrialOrder {
  readonly watched: readonly Watched[];
  readonly taste: Omit<TasteOrder, "watched">;
  /** Part of the profiles that is held out: 0…1. */
  readonly heldOut: number;
  /** Part of a held-out profile's titles that is hidden: 0…1. */
  readonly hidden: number;
  readonly random: Random;
}

export interface Score {
  readonly recall20: number;
  readonly recall50: number;
  readonly ndcg100: number;
}

export type Trial =
  | {
      readonly kind: "scored";
      readonly profiles: number;
      readonly titles: number;
      readonly plays: number;
      /** Profiles that were asked. */
      readonly asked: number;
      readonly taste: Score;
      readonly popularity: Score;
    }
  | { readonly kind: "too-little"; readonly because: string };

/** Fewer titles cannot be divided into shown and hidden ones that mean something. */
const leastWatched = 5;
const deepest = 100;

export function tasteTrial(order: TrialOrder): Trial {
  const { random } = order;
  const profiles = Map.groupBy(order.watched, ({ profileId }) => profileId);
  const { asked, able } = heldOutProfiles(order.watched, order.heldOut, random);
  if (asked.size === 0) {
    return { kind: "too-little", because: `${able} profiles watched ${leastWatched} titles or more` };
  }
  const watched = order.watched.filter(({ profileId }) => !asked.has(profileId));
  const training = trainTaste({ ...order.taste, watched });
  if (training.kind === "too-little") return training;
  const popular = mostWatched(watched, Number.POSITIVE_INFINITY);
  const byTaste: Score[] = [];
  const byPopularity: Score[] = [];
  for (const id of [...asked].sort()) {
    const own = shuffled(titlesOf(profiles.get(id) ?? []).toSorted(), random);
    const cut = Math.max(1, Math.round(own.length * order.hidden));
    const [hidden, shown] = [new Set(own.slice(0, cut)), own.slice(cut)];
    const seen = new Set(shown);
    const rest = popular.filter((title) => !seen.has(title));
    const liked = tasteFor(training.model, shown).map(({ titleId }) => titleId);
    byTaste.push(scoreOf(continued(liked, rest), hidden));
    byPopularity.push(scoreOf(rest.slice(0, deepest), hidden));
  }
  return {
    kind: "scored",
    ...{ profiles: profiles.size, titles: popular.length, plays: order.watched.length, asked: asked.size },
    taste: mean(byTaste),
    popularity: mean(byPopularity),
  };
}

/** Whom a trial asks, by the first of its chance: whoever chooses something beforehand must not look at them. */
export function heldOutProfiles(
  watched: readonly Watched[],
  share: number,
  random: Random,
): { readonly asked: ReadonlySet<string>; readonly able: number } {
  const profiles = [...Map.groupBy(watched, ({ profileId }) => profileId)];
  const able = profiles.filter(([, own]) => titlesOf(own).length >= leastWatched).map(([id]) => id);
  const asked = shuffled(able.toSorted(), random).slice(0, Math.floor(able.length * share));
  return { asked: new Set(asked), able: able.length };
}

function titlesOf(own: readonly Watched[]): readonly string[] {
  return [...new Set(own.map(({ titleId }) => titleId))];
}

/** As the home page does it: where taste knows no more, popularity goes on. */
function continued(liked: readonly string[], popular: readonly string[]): readonly string[] {
  return [...new Set([...liked.slice(0, deepest), ...popular.slice(0, 2 * deepest)])].slice(0, deepest);
}

export function scoreOf(ranked: readonly string[], hidden: ReadonlySet<string>): Score {
  const foundIn = (most: number): number => ranked.slice(0, most).filter((title) => hidden.has(title)).length;
  const gain = (rank: number): number => 1 / Math.log2(rank + 2);
  const gained = ranked
    .slice(0, deepest)
    .reduce((sum, title, rank) => sum + (hidden.has(title) ? gain(rank) : 0), 0);
  const best = Array.from({ length: Math.min(hidden.size, deepest) }, (_, rank) => gain(rank));
  return {
    recall20: foundIn(20) / Math.min(20, hidden.size),
    recall50: foundIn(50) / Math.min(50, hidden.size),
    ndcg100: gained / best.reduce((sum, one) => sum + one, 0),
  };
}

function mean(scores: readonly Score[]): Score {
  const of = (pick: (score: Score) => number): number =>
    scores.reduce((sum, score) => sum + pick(score), 0) / scores.length;
  return {
    recall20: of(({ recall20 }) => recall20),
    recall50: of(({ recall50 }) => recall50),
    ndcg100: of(({ ndcg100 }) => ndcg100),
  };
}

/** Fisher and Yates. */
function shuffled<T>(list: readonly T[], random: Random): readonly T[] {
  const mixed = [...list];
  for (let last = mixed.length - 1; last > 0; last--) {
    const other = random.integer(0, last);
    const [a, b] = [mixed[last], mixed[other]];
    if (a !== undefined && b !== undefined) [mixed[last], mixed[other]] = [b, a];
  }
  return mixed;
}
