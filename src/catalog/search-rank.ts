// How well a work answers what was typed, and which comes first. Whoever found the candidates (the database's index, or a walk over
// everything in memory), this decides.
import type { Field, FieldKind } from "./search-fields.ts";
import type { Meanings, SearchQuery } from "./search-query.ts";

/** Better first. */
export type Tier = "same-name" | "name-begins" | "words" | "mended";

export interface Match {
  readonly tier: Tier;
  readonly field: FieldKind;
  /** The text that was matched, as it is shown. */
  readonly text: string;
  /** Letters that were mended. */
  readonly mistakes: number;
  /** Less is better, within a tier. */
  readonly cost: number;
}

export interface Ranked {
  readonly workId: string;
  readonly match: Match;
  readonly popularity: number;
  /** Letters of the matched text: of two equals the shorter is meant. */
  readonly length: number;
}

const tiers: readonly Tier[] = ["same-name", "name-begins", "words", "mended"];
const fieldCost: Readonly<Record<FieldKind, number>> = {
  name: 0,
  "original-name": 0,
  person: 10,
  genre: 20,
  episode: 30,
};
/** A word's end that is still to be typed, a letter that was mended, a word found in another field than the rest. */
const begunCost = 2;
const mistakeCost = 8;
const scatteredCost = 15;

export function compareRanked(a: Ranked, b: Ranked): number {
  return (
    tiers.indexOf(a.match.tier) - tiers.indexOf(b.match.tier) ||
    a.match.mistakes - b.match.mistakes ||
    a.match.cost - b.match.cost ||
    b.popularity - a.popularity ||
    a.length - b.length ||
    (a.workId < b.workId ? -1 : Number(a.workId > b.workId))
  );
}

/** Undefined: it does not answer. Every word must be found somewhere, with no more mistakes than `meanings` allows. */
export function matchOf(query: SearchQuery, fields: readonly Field[], meanings: Meanings): Match | undefined {
  const named = byName(query, fields);
  if (named !== undefined) return named;
  const found = query.words.map((word, index) =>
    bestField(word, index === query.words.length - 1, fields, meanings),
  );
  const all = found.flatMap((one) => (one === undefined ? [] : [one]));
  const [first] = all;
  if (first === undefined || all.length < found.length) return undefined;
  const main = all.reduce((best, one) => (one.cost < best.cost ? one : best), first);
  const mistakes = all.reduce((sum, one) => sum + one.mistakes, 0);
  const together = query.words.every(
    (word, index) => inField(word, index === query.words.length - 1, main.field, meanings) !== undefined,
  );
  const cost = all.reduce((sum, one) => sum + one.cost, 0) / all.length + (together ? 0 : scatteredCost);
  const { kind, text } = main.field;
  return { tier: mistakes === 0 ? "words" : "mended", field: kind, text, mistakes, cost };
}

function byName(query: SearchQuery, fields: readonly Field[]): Match | undefined {
  let begun: Match | undefined;
  for (const { kind, text, keys } of fields) {
    for (const [index, key] of keys.entries()) {
      if (!key.startsWith(query.key)) continue;
      // The second key is the name without its article.
      const match = { field: kind, text, mistakes: 0, cost: index };
      if (key === query.key) return { ...match, tier: "same-name" };
      begun ??= { ...match, tier: "name-begins" };
    }
  }
  return begun;
}

interface Found {
  readonly field: Field;
  readonly mistakes: number;
  readonly cost: number;
}

function bestField(
  word: string,
  isLast: boolean,
  fields: readonly Field[],
  meanings: Meanings,
): Found | undefined {
  let best: Found | undefined;
  for (const field of fields) {
    const found = inField(word, isLast, field, meanings);
    if (found !== undefined && (best === undefined || found.cost < best.cost)) best = found;
  }
  return best;
}

function inField(word: string, isLast: boolean, field: Field, meanings: Meanings): Found | undefined {
  const base = fieldCost[field.kind];
  if (field.words.includes(word)) return { field, mistakes: 0, cost: base };
  if (isLast && field.words.some((one) => one.startsWith(word))) {
    return { field, mistakes: 0, cost: base + begunCost };
  }
  const others = meanings.get(word);
  if (others === undefined) return undefined;
  let least: number | undefined;
  for (const one of field.words) {
    const mistakes = others.get(one);
    if (mistakes !== undefined && mistakes < (least ?? Number.POSITIVE_INFINITY)) least = mistakes;
  }
  return least === undefined ? undefined : { field, mistakes: least, cost: base + least * mistakeCost };
}
