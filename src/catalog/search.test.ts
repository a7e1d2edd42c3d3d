import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { film } from "#test/fixtures/small-works.ts";
import { fieldsOf } from "./search-fields.ts";
import { plainCandidates } from "./search-plain.ts";
import { distance, mistakesFor, readQuery } from "./search-query.ts";
import { compareRanked, matchOf, type Ranked } from "./search-rank.ts";
import { folded, keysOf, squeezed, wordsIn } from "./words.ts";

test("[CA20] words are compared without case, accents and marks, in every script", () => {
  const words = (text: string): string => wordsIn(folded(text)).join(" ");
  assert.equal(words("Amélie & the Café’s  ŁÓDŹ"), "amelie and the cafes lodz");
  assert.equal(words("Straße ÆØÅ İstanbul ıhlamur"), "strasse aeoa istanbul ihlamur");
  assert.equal(words("Ёлки Й Ώρα ΣΊΣΥΦΟΣ"), "елки и ωρα σισυφοσ");
  assert.equal(words("أَلِفُ مَدْرَسَةٌ"), words("الف مدرسه"));
  assert.equal(words("שָׁלוֹם"), "שלומ".replace("מ", "ם"));
  assert.equal(words("한국 영화"), "한국 영화");
  assert.equal(words("हिन्दी"), "हिन्दी");
  assert.equal(words("ﬁlm ２００１"), "film 2001");
});

test("[CA21] Chinese, Japanese and Thai are pairs of letters, so that a part of a name is found", () => {
  assert.deepEqual(wordsIn(folded("千と千尋の神隠し")), "千と と千 千尋 尋の の神 神隠 隠し".split(" "));
  assert.deepEqual(wordsIn("亀"), ["亀"]);
  assert.deepEqual(wordsIn("ab天地cd"), ["ab", "天地", "cd"]);
  assert.deepEqual(readQuery("亀")?.words, ["亀"]);
  assert.equal(readQuery("a"), undefined);
  assert.equal(readQuery(" ?!"), undefined);
  assert.equal(readQuery("ab")?.key, "ab");
});

test("[CA20] a name begins as it is written, without spaces between, and without its article", () => {
  assert.deepEqual(keysOf(folded("The Matrix: Reloaded")), ["thematrixreloaded", "matrixreloaded"]);
  assert.deepEqual(keysOf("the"), ["the"]);
  assert.equal(squeezed(folded("Spider-Man 2")), squeezed(folded("Spiderman  2")));
});

test("[CA22] letters that are changed, added, left out or swapped are one mistake each", () => {
  const found = [
    ["matirx", "matrix"],
    ["matix", "matrix"],
    ["mattrix", "matrix"],
    ["metrix", "matrix"],
    ["matrix", "matrix"],
    ["mxtrxx", "matrix"],
  ].map(([a = "", b = ""]) => distance(a, b, 2));
  assert.deepEqual(found, [1, 1, 1, 1, 0, 2]);
  assert.equal(distance("abcdef", "ghijkl", 2), undefined);
  assert.equal(mistakesFor("incpet", "inception", true), 1);
  assert.equal(mistakesFor("incpet", "inception", false), undefined);
  assert.equal(mistakesFor("lov", "live", true), undefined);
});

test("[CA22] the distance is a plain one's: symmetric, zero for equals only, and bounded", () => {
  const word = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 7 });
  fc.assert(
    fc.property(word, word, (a, b) => {
      const found = distance(a, b, 9) ?? assert.fail();
      assert.equal(found, plainDistance(a, b));
      assert.equal(found, distance(b, a, 9));
      assert.equal(found === 0, a === b);
      assert.equal(distance(a, b, 2), found <= 2 ? found : undefined);
    }),
    { seed: 22 },
  );
});

/** The recurrence as it stands in the source, without rows or bounds. */
function plainDistance(a: string, b: string): number {
  if (a === "" || b === "") return a.length + b.length;
  const [x, y] = [a.slice(0, -1), b.slice(0, -1)];
  const same = a.at(-1) === b.at(-1);
  const ways = [plainDistance(x, b) + 1, plainDistance(a, y) + 1, plainDistance(x, y) + (same ? 0 : 1)];
  if (a.length > 1 && b.length > 1 && a.at(-1) === b.at(-2) && a.at(-2) === b.at(-1)) {
    ways.push(plainDistance(a.slice(0, -2), b.slice(0, -2)) + 1);
  }
  return Math.min(...ways);
}

const works = [
  film("matrix", {
    names: { en: "The Matrix" },
    genres: ["Science fiction"],
    credits: [{ name: "Keanu Reeves", job: "cast", role: "Neo" }],
  }),
  film("matrix-2", { names: { en: "The Matrix Reloaded" } }),
  film("inside", { names: { en: "Inside the Matrix" } }),
  film("point", {
    names: { en: "Point Break" },
    credits: [{ name: "Keanu Reeves", job: "cast", role: null }],
  }),
  film("sen", { language: "ja", names: { en: "Spirited Away", ja: "千と千尋の神隠し" } }),
];

function ranking(text: string, meanings = new Map<string, Map<string, number>>(), popular = ""): string[] {
  const query = readQuery(text) ?? assert.fail();
  const found = works.flatMap((work): Ranked[] => {
    const match = matchOf(query, fieldsOf(work), meanings);
    if (match === undefined) return [];
    return [{ workId: work.id, match, popularity: work.id === popular ? 9 : 0, length: match.text.length }];
  });
  return found.toSorted(compareRanked).map(({ workId, match }) => `${workId} ${match.tier} ${match.field}`);
}

test("[CA23] the same name comes first, then names begun, then words, then what was mended", () => {
  assert.deepEqual(ranking("matrix"), [
    "matrix same-name original-name",
    "matrix-2 name-begins original-name",
    "inside words original-name",
  ]);
  assert.deepEqual(ranking("keanu"), ["point words person", "matrix words person"].toSorted());
  assert.deepEqual(ranking("keanu", new Map(), "point")[0], "point words person");
  assert.deepEqual(ranking("science"), ["matrix words genre"]);
  assert.deepEqual(ranking("reeves matr"), ["matrix words original-name"]);
  assert.deepEqual(ranking("reeves zzz"), []);
  const mended = new Map([["matirx", new Map([["matrix", 1]])]]);
  assert.deepEqual(ranking("matirx", mended), [
    "matrix mended original-name",
    "inside mended original-name",
    "matrix-2 mended original-name",
  ]);
});

test("[CA24] a match says which text answered, in which field", () => {
  const query = readQuery("神隠") ?? assert.fail();
  const match = matchOf(query, fieldsOf(works[4] ?? assert.fail()), new Map());
  assert.deepEqual(match, {
    tier: "words",
    field: "original-name",
    text: "千と千尋の神隠し",
    mistakes: 0,
    cost: 0,
  });
});

test("[CA25] without an index a walk finds what begins so, or has words that do", () => {
  const all = works.map((work) => ({ workId: work.id, fields: fieldsOf(work) }));
  const found = (text: string, limit = 9) => plainCandidates(readQuery(text) ?? assert.fail(), all, limit);
  assert.deepEqual(found("matr"), ["matrix", "matrix-2", "inside"]);
  assert.deepEqual(found("matr", 2), ["matrix", "matrix-2"]);
  assert.deepEqual(found("kea bre"), ["point"]);
  assert.deepEqual(found("nobody"), []);
});
