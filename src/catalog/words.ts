// Texts as search compares them: without case, accents, points and spaces between them that differ from writer to writer.
//
// Both what is indexed and what is asked go through here, so the database's own dictionaries are not asked: they differ from one
// database to the next, and know neither Chinese nor Japanese words. Source: UAX #15 (NFKD), PostgreSQL manual §12.3.

/** Marks that writers leave out. Those that carry a vowel (Devanagari, Thai) stay. */
const leftOut = new RegExp(
  `[${[
    "\\u0300-\\u036f\\u1ab0-\\u1aff\\u1dc0-\\u1dff\\u20d0-\\u20f0", // Latin, Greek and what combines with anything
    "\\u0483-\\u0489", // Cyrillic
    "\\u0591-\\u05c7", // Hebrew points
    "\\u0610-\\u061a\\u0640\\u064b-\\u065f\\u0670\\u06d6-\\u06ed", // Arabic points, and the stretch
    "\\u3099\\u309a", // Japanese voicing
    "'’ʼ`´",
  ].join("")}]`,
  "g",
);

/** Letters that no decomposition opens, and letters that are written one for the other. */
const otherwise: Readonly<Record<string, string>> = {
  ...{ ß: "ss", æ: "ae", œ: "oe", ø: "o", ł: "l", đ: "d", ð: "d", þ: "th", ı: "i", ŋ: "n", ħ: "h" },
  ...{ ى: "ي", ة: "ه", ٱ: "ا", ς: "σ", "&": " and " },
};
const replaced = new RegExp(`[${Object.keys(otherwise).join("")}]`, "g");

/** Scripts that put no space between words. */
const unspaced =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}ー]+/gu;
const wordPattern = /[\p{L}\p{N}\p{M}]+/gu;

/** Longest word that is kept; longer ones are cut. */
const longestWord = 40;

const articles = new Set(
  "the a an le la les un une der die das ein eine el los las il lo gli i uno una o os as um uma de het een den det en ett".split(
    " ",
  ),
);

/** Lower case, without marks. */
export function folded(text: string): string {
  return text
    .normalize("NFKD")
    .toLowerCase()
    .replaceAll(leftOut, "")
    .replaceAll(replaced, (letter) => otherwise[letter] ?? letter)
    .normalize("NFC");
}

/** Words of a folded text. A run of Chinese, Japanese or Thai is its pairs of letters, or its only letter. */
export function wordsIn(text: string): readonly string[] {
  const words: string[] = [];
  for (const [word] of text.matchAll(wordPattern)) {
    let end = 0;
    for (const run of word.matchAll(unspaced)) {
      if (run.index > end) words.push(cut(word.slice(end, run.index)));
      words.push(...pairsIn([...run[0]]));
      end = run.index + run[0].length;
    }
    if (end < word.length) words.push(cut(word.slice(end)));
  }
  return words;
}

/** Whether a word is of a script without spaces: such a pair of letters stands for itself, and is not mended. */
export function isUnspaced(word: string): boolean {
  unspaced.lastIndex = 0;
  return unspaced.test(word);
}

function cut(word: string): string {
  return word.slice(0, longestWord);
}

function pairsIn(letters: readonly string[]): readonly string[] {
  if (letters.length < 2) return letters;
  return letters.slice(0, -1).map((letter, index) => `${letter}${letters[index + 1]}`);
}

/** A folded text without anything between its letters: "spider-man 2" and "Spiderman 2" are one. */
export function squeezed(text: string): string {
  return [...text.matchAll(wordPattern)].map(([word]) => word).join("");
}

/** What a name may be looked up by from its beginning: as it is, and without its article. */
export function keysOf(foldedName: string): readonly string[] {
  const [first = "", ...rest] = [...foldedName.matchAll(wordPattern)].map(([word]) => word);
  const whole = cut(`${first}${rest.join("")}`);
  return articles.has(first) && rest.length > 0 ? [whole, cut(rest.join(""))] : [whole];
}
