// The stack language: golden queries over small lines, each with its answer.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { put } from "./blocks.ts";
import { budget, type Evaluated, evaluate } from "./evaluate.ts";
import { parse } from "./parse.ts";
import { matches } from "./query.ts";
import { type Grid, spanOf } from "./span.ts";
import type { Series, SeriesSource } from "./store.ts";

const step = 60_000;
const noon = 1_800_000_000_000;
const NO = Number.NaN;

/** Series by their tags as "name site=tokyo", with their points from the first step on. */
function source(given: Readonly<Record<string, readonly number[]>>, stepMs = step): SeriesSource {
  const all = Object.entries(given).map(([text, values]): Series => {
    const [name = "", ...rest] = text.split(" ");
    const tags = rest.map((tag): [string, string] => [tag.split("=")[0] ?? "", tag.split("=")[1] ?? ""]);
    const blocks: Series["blocks"] = new Map();
    values.forEach((value, at) => {
      put(blocks, noon / stepMs + at, value);
    });
    return { tags: new Map([["name", name], ...tags]), blocks };
  });
  return { stepMs, size: all.length, select: (query) => all.filter(({ tags }) => matches(query, tags)) };
}

function asked(query: string, from: SeriesSource, grid: Grid): Evaluated {
  const parsed = parse(query);
  assert.equal(parsed.kind, "parsed", parsed.kind === "refused" ? `${parsed.word}: ${parsed.because}` : "");
  return evaluate(parsed.kind === "parsed" ? parsed.expressions : [], grid, from);
}

/** "label: values", a line each. */
function lines(
  query: string,
  given: Readonly<Record<string, readonly number[]>>,
  shift = 0,
): readonly string[] {
  const count = Math.max(...Object.values(given).map((values) => values.length)) - shift;
  const answer = asked(query, source(given), { firstMs: noon + shift * step, stepMs: step, count });
  assert.equal(answer.kind, "lines", answer.kind === "refused" ? answer.because : "");
  return answer.kind === "lines" ? answer.lines.map(shown) : [];
}

function shown({ label, values }: { readonly label: string; readonly values: Float64Array }): string {
  return `${label}: ${[...values].map((value) => (Number.isNaN(value) ? "-" : Number(value.toFixed(3)))).join(" ")}`;
}

const plays = {
  "play source=tokyo kind=box": [1, 2, NO],
  "play source=osaka kind=box": [10, NO, NO],
  "play source=origin": [100, 100, NO],
  beat: [7, 7, 7],
};

/** Lines of two values a step, without a group: `a` and `b`. */
function joined(word: string, a: readonly number[], b: readonly number[]): string | undefined {
  return lines(`name,a,:eq,:sum,name,b,:eq,:sum,${word}`, { a, b })[0]?.replace(/^.*: /, "");
}

test("[SE10] queries choose by tags, and an absent tag fits nothing but its opposite", () => {
  const sum = (query: string): string => lines(`name,play,:eq,${query},:and`, plays)[0] ?? "";
  assert.equal(sum(":true"), "play: 111 102 -");
  assert.equal(sum("source,tokyo,:eq"), "play: 1 2 -");
  assert.equal(sum("source,(,tokyo,origin,),:in"), "play: 101 102 -");
  assert.equal(sum("source,o,:re"), "play: 110 100 -");
  assert.equal(sum("kind,:has"), "play: 11 2 -");
  assert.equal(sum("kind,box,:eq,:not"), "play: 100 100 -");
  assert.equal(sum("kind,,:has,:not"), "play: 100 100 -");
  assert.equal(sum("source,tokyo,:eq,kind,:has,:not,:or"), "play: 101 102 -");
  assert.deepEqual(lines("name,none,:eq", plays), ["none: - - -"]);
});

test("[SE12] aggregation leaves out what has no data; groups are told apart by tags, and folded", () => {
  const all = (word: string): string => lines(`name,play,:eq,${word}`, plays)[0] ?? "";
  assert.equal(all(":sum"), "play: 111 102 -");
  assert.equal(all(":max"), "play: 100 100 -");
  assert.equal(all(":min"), "play: 1 2 -");
  assert.equal(all(":count"), "play: 3 2 -");
  assert.equal(all(":avg"), "play: 37 51 -");
  const bySource = "name,play,:eq,(,source,),:by";
  assert.deepEqual(lines(bySource, plays), ["origin: 100 100 -", "osaka: 10 - -", "tokyo: 1 2 -"]);
  assert.deepEqual(lines("name,play,:eq,(,kind,),:by", plays), ["box: 11 2 -"]);
  assert.deepEqual(lines(`${bySource},:max`, plays), ["play: 100 100 -"]);
  const both = "name,play,:eq,(,source,kind,),:by,:max,(,kind,),:by";
  assert.deepEqual(lines(both, plays), ["box: 10 2 -"]);
});

test("[SE13] arithmetic and comparison, point by point, with and without data", () => {
  const [a, b] = [
    [1, 0, 1, 1, NO, NO],
    [2, 0, 0, NO, 1, NO],
  ];
  const golden = {
    ":add": "3 0 1 1 1 -",
    ":sub": "-1 0 1 1 -1 -",
    ":mul": "2 0 0 - - -",
    ":div": "0.5 0 - - - -",
    ":gt": "0 0 1 0 0 0",
    ":ge": "0 1 1 0 0 0",
    ":lt": "1 0 0 0 0 0",
    ":le": "1 1 0 0 0 0",
    ":and": "1 0 0 0 0 0",
    ":or": "1 0 1 1 1 0",
  };
  for (const [word, wanted] of Object.entries(golden)) assert.equal(joined(word, a, b), wanted, word);
  assert.deepEqual(lines("name,a,:eq,:neg,:abs,:neg", { a: [1, -2, NO] }), ["a: -1 -2 -"]);
  assert.deepEqual(lines("name,a,:eq,:sum,:not", { a: [1, 0, NO] }), ["a: 0 1 1"]);
  assert.deepEqual(lines("name,a,:eq,2.5,:mul", { a: [4, NO] }), [": 10 -"]);
  assert.deepEqual(lines("42", { a: [1, 1] }), [": 42 42"]);
});

test("[SE14] grouped lines meet by the tags of the side that has fewer", () => {
  const sum = "name,play,:eq,:sum";
  assert.deepEqual(lines(`name,play,:eq,(,source,),:by,${sum},:div`, plays), [
    "origin: 0.901 0.98 -",
    "osaka: 0.09 - -",
    "tokyo: 0.009 0.02 -",
  ]);
  const finer = "name,play,:eq,(,source,kind,),:by,name,play,:eq,(,kind,),:by";
  assert.deepEqual(lines(`${finer},:div`, plays), ["osaka box: 0.909 - -", "tokyo box: 0.091 1 -"]);
  const other = parse("name,a,:eq,(,x,),:by,name,b,:eq,(,y,),:by,:add");
  assert.match(other.kind === "refused" ? other.because : "", /grouped by x, the other by y/);
});

test("[SE15] words move what lies on the stack", () => {
  const left = (words: string): string =>
    lines(words, { a: [0] })
      .map((line) => line.slice(2))
      .join(" ");
  assert.equal(left("1,2,3,:dup"), "1 2 3 3");
  assert.equal(left("1,2,3,:swap"), "1 3 2");
  assert.equal(left("1,2,3,:rot"), "2 3 1");
  assert.equal(left("1,2,3,:over"), "1 2 3 2");
  assert.equal(left("1,2,3,:2over"), "1 2 3 2 3");
  assert.equal(left("1,2,3,0,:pick"), "1 2 3 3");
  assert.equal(left("1,2,3,2,:pick"), "1 2 3 1");
});

test("[SE16] windows and smoothing: the documented examples", () => {
  const a = [0, 1, -1, NO, 0, 1, 1, 1, 1, 0];
  assert.deepEqual(lines("name,a,:eq,3,:rolling-count", { a }), ["a: 0 1 2 2 1 1 2 3 3 2"]);
  const b = [0, 1, -1, NO, NO, 0, 1, 1, 1, 0];
  assert.deepEqual(lines("name,b,:eq,3,2,:rolling-mean", { b }), ["b: - 0.5 0 0 - - 0.5 0.667 1 0.667"]);
  assert.deepEqual(lines("name,c,:eq,2,0.5,0.5,:des", { c: [1, 2, 3, NO, 5] }), ["c: - - 1.5 2.375 2.375"]);
});

test("[SE16] too few plays against what was to be expected (10, 0.1, 0.02) is found when it begins", () => {
  const steady = Array.from({ length: 40 }, (_, minute) => 100 + 5 * Math.sin(minute / 3));
  const a = steady.map((value, minute) => (minute >= 30 ? value * 0.5 : value));
  const [found = ""] = lines("name,a,:eq,:sum,:dup,10,0.1,0.02,:des,0.85,:mul,:lt", { a });
  const flags = found.replace("a: ", "").replace(/^.*: /, "").split(" ");
  assert.equal(flags.indexOf("1"), 30);
  assert.deepEqual(flags.slice(30, 33), ["1", "1", "1"]);
});

test("[SE17] an earlier time, events in a step, and the highest lines", () => {
  const a = [1, 2, 3, 4, 5];
  assert.deepEqual(lines("name,a,:eq,2m,:offset", { a }, 2), ["a: 1 2 3"]);
  assert.deepEqual(lines("name,a,:eq,:dup,1m,:offset,1m,:offset,:sub", { a }, 2), ["a: 2 2 2"]);
  assert.deepEqual(lines("name,a,:eq,:per-step", { a: [2, NO] }), ["a: 120 -"]);
  const top = (by: string): readonly string[] =>
    lines(`name,play,:eq,(,source,),:by,${by},2,:topk`, plays).map((line) => line.split(":")[0] ?? "");
  assert.deepEqual(top("max"), ["origin", "osaka"]);
  assert.deepEqual(top("count"), ["origin", "tokyo"]);
  assert.deepEqual(top("last"), ["origin", "osaka"]);
});

test("[SE18] a distribution's mean, largest and percentiles", () => {
  const d = {
    "d statistic=count route=a": [10, 0],
    "d statistic=totalTime route=a": [5, 0],
    "d statistic=max route=a": [0.9, NO],
    "d statistic=percentile le=0.1 route=a": [0, 0],
    "d statistic=percentile le=0.5 route=a": [8, 0],
    "d statistic=percentile le=1 route=a": [2, 0],
    "d statistic=percentile le=+Inf route=b": [30, 0],
  };
  assert.deepEqual(lines("name,d,:eq,:dist-avg", d), ["d: 0.5 0"]);
  assert.deepEqual(lines("name,d,:eq,:dist-avg,(,route,),:by", d), ["a: 0.5 0"]);
  assert.deepEqual(lines("name,d,:eq,:dist-max", d), ["d: 0.9 -"]);
  const routeA = "name,d,:eq,route,a,:eq,:and,(,50,100,),:percentiles";
  assert.deepEqual(lines(routeA, d), ["50: 0.35 -", "100: 1 -"]);
  const byRoute = "name,d,:eq,(,route,),:by,(,50,),:percentiles";
  assert.deepEqual(lines(byRoute, d), ["a 50: 0.35 -", "b 50: 0 -"]);
});

test("[SE19] several points become one as the aggregation does", () => {
  const from = source({ "a n=1": [1, 5, NO, 4, NO, NO], "a n=2": [2, 2, 2, 2, NO, NO] });
  const grid = { firstMs: noon + step, stepMs: 2 * step, count: 3 };
  const of = (word: string): string => {
    const answer = asked(`name,a,:eq,${word}`, from, grid);
    return answer.kind === "lines" ? answer.lines.map(shown).join() : "";
  };
  assert.deepEqual(
    ["sum", "max", "min", "count", "avg"].map((word) => of(`:${word}`)),
    ["a: 5 4 -", "a: 5 4 -", "a: 1 2 -", "a: 2 2 -", "a: 2.5 2 -"],
  );
});

test("[SE20] a refusal says which word, where, and why", () => {
  const golden = readFileSync("test/golden/series-refusals.txt", "utf8").trim().split("\n");
  assert.ok(golden.length > 25);
  for (const line of golden) {
    const [query = "", wanted = ""] = line.split(" => ");
    const parsed = parse(query);
    const said = parsed.kind === "refused" ? `${parsed.at} ${parsed.word} ${parsed.because}` : "it was read";
    assert.equal(said, wanted, query);
  }
});

test("[SE21] more lines or points than the budget are refused with the number", () => {
  const many = source(Object.fromEntries(Array.from({ length: 1025 }, (_, n) => [`a n=${n}`, [1]])));
  const grid = { firstMs: noon, stepMs: step, count: 1 };
  const because = (query: string, more: Partial<Grid> = {}): string => {
    const answer = asked(query, many, { ...grid, ...more });
    return answer.kind === "refused" ? answer.because : "";
  };
  assert.equal(because("name,a,:eq"), "");
  assert.match(because("name,a,:eq,(,n,),:by"), /at most 1024 lines are allowed, this query comes to 1025/);
  assert.match(because("name,a,:eq", { count: 1440 }), /at most 500000 stored points/);
  assert.match(because("name,a,:eq", { stepMs: 600 * step }), /at most 500000 stored points/);
});

test("[SE21] a part that is named twice is computed once, however often that happens", () => {
  const doubled = `name,a,:eq,:sum${",:dup,:add".repeat(60)}`;
  assert.deepEqual(lines(doubled, { a: [1] }), [`a: ${2 ** 60}`]);
  const grouped = `name,a,:eq,:sum${",:dup,:add".repeat(60)},(,n,),:by`;
  assert.deepEqual(lines(grouped, { "a n=1": [1] }), [`1: ${2 ** 60}`]);
  const twice = parse(`name,a,:eq${",:dup,:and".repeat(20)}`);
  assert.match(twice.kind === "refused" ? twice.because : "", /at most 10000 tests of a series, this one is/);
  const many = source(Object.fromEntries(Array.from({ length: 2000 }, (_, n) => [`a n=${n}`, [1]])));
  const looks = Array.from({ length: 9 }, (_, n) => `n,${"[0-9]{50}".repeat(2)}${n},:re`).join(",");
  const looked = asked(looks, many, { firstMs: noon, stepMs: step, count: 1 });
  assert.match(looked.kind === "refused" ? looked.because : "", /10000000 computed points and looks/);
  const work = `name,a,:eq,:sum${",:dup,1m,:offset,:add".repeat(120)}`;
  const answer = asked(work, source({ a: [1] }), {
    firstMs: noon,
    stepMs: step,
    count: budget.pointsPerLine,
  });
  assert.match(answer.kind === "refused" ? answer.because : "", /10000000 computed points and looks/);
});

test("[SE22] s, e and step say which points; the end is a boundary", () => {
  const nowMs = noon + 90_000;
  const order = { s: "e-5m", e: "now", step: undefined, nowMs, storedMs: step, most: 1440 };
  const of = (more: Partial<Omit<typeof order, "step">> & { readonly step?: string }): unknown => {
    const span = spanOf({ ...order, ...more });
    return span.kind === "span"
      ? [(span.grid.firstMs - noon) / step, span.grid.stepMs / step, span.grid.count]
      : `${span.field}: ${span.because}`;
  };
  assert.deepEqual(of({}), [-3, 1, 5]);
  assert.deepEqual(of({ s: "e-3h", step: "10m" }), [-170, 10, 18]);
  assert.deepEqual(of({ s: "now-10m", e: "s+5m" }), [-8, 1, 5]);
  assert.deepEqual(of({ s: String(noon), e: "now" }), [1, 1, 1]);
  assert.deepEqual(of({ s: "2027-01-15T07:58Z", e: "2027-01-15T08:00:00Z" }), [-1, 1, 2]);
  assert.deepEqual(of({ s: "e-2w" }), [-20_148, 14, 1440]);
  for (const [wrong, why] of [
    [{ s: "e-5x" }, /^s: wanted now, .*found "e-5x"/],
    [{ e: "yesterday" }, /^e: wanted now/],
    [{ s: "e-5m", e: "s+5m" }, /^e: s and e are each told by the other/],
    [{ s: "now" }, /^s: there is no whole step/],
    [{ step: "90s" }, /^step: wanted a multiple of 60s, found "90s"/],
    [{ s: "e-2d", step: "1m" }, /^step: a line has at most 1440 points, this one has 28\d\d/],
    [{ s: "2027-13-01" }, /^s: wanted now/],
  ] as const) {
    assert.match(String(of(wrong)), why);
  }
});
