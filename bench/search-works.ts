// A seeded catalogue with the shape of a real one: words that are common and words that are rare, people who appear in many works,
// names in several languages and scripts.
import type { Work } from "#model/work.ts";
import { type Random, seededRandom } from "#units/random.ts";

const starts = "b br c ch d dr f fl g gr h j k kr l m n p pl qu r s sh st t th tr v w z".split(" ");
const middles = "a ai e ea ee i io o oo ou u y".split(" ");
const ends = "ck d l ll m n nd ng nt r rd rk rn s st t th x".split(" ");
const han = [..."天地人山川風雨雪月日星花鳥海空夢影城道時光心火水木金土東西南北王女子"];
const kana = [..."あいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほまみむめも"];
const arabic = [..."ابتثجحخدذرزسشصضطظعغفقكلمنهوي"];
const hebrew = [..."אבגדהוזחטיכלמנסעפצקרשת"];
const accents: Readonly<Record<string, string>> = { a: "á", e: "é", i: "í", o: "ö", u: "ü" };
const genres =
  "Drama Comedy Thriller Horror Romance Action Documentary Animation Crime Fantasy History Music War Western Family".split(
    " ",
  );
const common = "the of and a in love night life man world day last house girl story".split(" ");

export interface Vocabulary {
  readonly words: readonly string[];
  readonly people: readonly string[];
}

export function worksOf(
  count: number,
  seed: number,
): { readonly works: readonly Work[]; readonly vocabulary: Vocabulary } {
  const random = seededRandom(seed);
  const pick = <T>(all: readonly T[]): T => all[Math.floor(random.next() * all.length)] ?? all[0] ?? fail();
  /** Zipf-like: the first are picked far more often. */
  const often = <T>(all: readonly T[]): T =>
    all[Math.floor(all.length * random.next() ** 3)] ?? all[0] ?? fail();
  const word = (): string =>
    Array.from({ length: 1 + Math.floor(random.next() * 2.2) }, () => pick(starts) + pick(middles)).join("") +
    pick(ends);
  const distinct = (size: number): string[] => {
    const all = new Set<string>();
    while (all.size < size) all.add(word());
    return [...all];
  };
  const words = distinct(12_000);
  const [given, family] = [distinct(1500), distinct(6000)];
  const people = Array.from({ length: 15_000 }, () => `${capital(often(given))} ${capital(often(family))}`);
  const works = Array.from({ length: count }, (_, index) =>
    workOf(index, { random, pick, often, words, people }),
  );
  return { works, vocabulary: { words, people } };
}

function fail(): never {
  throw new Error("nothing to pick from");
}

interface Draws {
  readonly random: Random;
  pick<T>(all: readonly T[]): T;
  often<T>(all: readonly T[]): T;
  readonly words: readonly string[];
  readonly people: readonly string[];
}

function workOf(index: number, { random, pick, often, words, people }: Draws): Work {
  const name = nameOf({ random, pick, often, words });
  const letters = (from: readonly string[], size: number): string =>
    Array.from({ length: size }, () => pick(from)).join("");
  const foreign: Record<string, string> = {};
  if (random.next() < 0.5) foreign.de = nameOf({ random, pick, often, words });
  if (random.next() < 0.1) foreign.ja = letters(han, 2 + Math.floor(random.next() * 2)) + letters(kana, 3);
  if (random.next() < 0.05) foreign.ar = `${letters(arabic, 5)} ${letters(arabic, 4)}`;
  if (random.next() < 0.05) foreign.he = `${letters(hebrew, 4)} ${letters(hebrew, 5)}`;
  const cast = Array.from({ length: 8 }, () => ({ name: often(people), job: "cast" as const, role: null }));
  return {
    kind: "film",
    id: `work-${index}`,
    titleId: `title-${index}`,
    language: "en",
    names: { en: name, ...foreign },
    synopses: { en: Array.from({ length: 40 }, () => often(words)).join(" ") },
    year: 1950 + Math.floor(random.next() * 76),
    genres: [pick(genres), pick(genres)].filter((one, at, all) => all.indexOf(one) === at),
    credits: [...cast, { name: often(people), job: "director", role: null }],
    age: pick([0, 6, 12, 16, 18]),
    ratings: [],
    windows: random.next() < 0.2 ? [{ territories: ["DE", "AT"], fromMs: null, untilMs: null }] : [],
    artwork: [],
  };
}

function nameOf({ random, pick, often, words }: Omit<Draws, "people">): string {
  const size = 1 + Math.floor(random.next() * 4);
  const parts = Array.from({ length: size }, () => (random.next() < 0.25 ? pick(common) : often(words)));
  const name = parts
    .map((part) => (random.next() < 0.05 ? accented(part) : part))
    .map(capital)
    .join(" ");
  return random.next() < 0.2 ? `The ${name}` : name;
}

function accented(word: string): string {
  return word.replace(/[aeiou]/, (letter) => accents[letter] ?? letter);
}

function capital(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}
