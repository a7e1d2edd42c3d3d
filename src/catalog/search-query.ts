// What was typed, as search understands it.
import { folded, isUnspaced, squeezed, wordsIn } from "./words.ts";

export interface SearchQuery {
  /** Folded, without anything between its letters: a name that begins with it comes first. */
  readonly key: string;
  /** In order, each once; the last one may be half typed. */
  readonly words: readonly string[];
}

/** A word and what else it may have been meant to be, with how many letters were mended. */
export type Meanings = ReadonlyMap<string, ReadonlyMap<string, number>>;

/** More words than these narrow nothing down. */
const mostWords = 8;
/** A name's first letters decide; the rest of a long text does not. */
const keyLength = 40;

/** Undefined: too short to search for. One letter is enough where a letter is a word. */
export function readQuery(text: string): SearchQuery | undefined {
  const plain = folded(text);
  const key = squeezed(plain).slice(0, keyLength);
  const words = [...new Set(wordsIn(plain))].slice(0, mostWords);
  const enough = [...key].length >= 2 || words.some(isUnspaced);
  return enough && words.length > 0 ? { key, words } : undefined;
}

/** Letters that may be wrong in a word. Short words have too many neighbours. */
export function mistakesIn(word: string): number {
  if (isUnspaced(word) || /^\p{N}/u.test(word)) return 0;
  const letters = [...word].length;
  if (letters < 4) return 0;
  return letters < 7 ? 1 : 2;
}

/**
 * Letters to change, add, leave out, or swap with their neighbour; undefined: more than `most`.
 *
 * Source: optimal string alignment, L. Boytsov, "Indexing methods for approximate dictionary searching" (2011), §2.2.
 */
export function distance(a: string, b: string, most: number): number | undefined {
  if (Math.abs(a.length - b.length) > most) return undefined;
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    let least = i;
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (same ? 0 : 1));
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (isSwapped) cost = Math.min(cost, (before[j - 2] ?? 0) + 1);
      row.push(cost);
      least = Math.min(least, cost);
    }
    if (least > most) return undefined;
    before = last;
    last = row;
  }
  const found = last[b.length] ?? 0;
  return found <= most ? found : undefined;
}

/** How many letters of a typed word are wrong if `meant` was meant; a word that is being typed may be its beginning. */
export function mistakesFor(typed: string, meant: string, isLast: boolean): number | undefined {
  const most = mistakesIn(typed);
  const whole = distance(typed, meant, most);
  if (!isLast || meant.length <= typed.length) return whole;
  const begun = distance(typed, meant.slice(0, typed.length), most);
  if (begun === undefined) return whole;
  return whole === undefined ? begun : Math.min(whole, begun);
}
