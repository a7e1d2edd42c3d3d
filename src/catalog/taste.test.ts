import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { seededRandom } from "#units/random.ts";
import { sampleTaste } from "./sample-taste.ts";
import { invertInPlace } from "./symmetric-inverse.ts";
import { likeTitle, type TasteModel, tasteFor, trainTaste, type Watched } from "./taste.ts";
import { chooseRegularisation, regularisations } from "./taste-choice.ts";
import { scoreOf, tasteTrial } from "./taste-trial.ts";

const seed = 60;
const limits = { mostTitles: 500, regularisation: 10, neighbours: 500 };

function watchedBy(lists: Readonly<Record<string, readonly string[]>>): readonly Watched[] {
  return Object.entries(lists).flatMap(([profileId, titles]) =>
    titles.map((titleId, atMs) => ({ profileId, titleId, atMs })),
  );
}

function trained(watched: readonly Watched[], more: Partial<typeof limits> = {}): TasteModel {
  const training = trainTaste({ watched, ...limits, ...more });
  assert.ok(training.kind === "trained", JSON.stringify(training));
  return training.model;
}

/** Gauss and Jordan, in doubles, with a pivot. */
function plainInverse(matrix: readonly (readonly number[])[]): number[][] {
  const n = matrix.length;
  const rows = matrix.map((row, i) => [...row, ...Array.from({ length: n }, (_, j) => Number(i === j))]);
  for (let k = 0; k < n; k++) {
    const rest = rows.slice(k).map((row, i) => ({ size: Math.abs(row[k] ?? 0), at: k + i }));
    const best = rest.reduce((a, b) => (b.size > a.size ? b : a)).at;
    const [a, b] = [rows[k] ?? [], rows[best] ?? []];
    [rows[k], rows[best]] = [b, a];
    const pivot = rows[k]?.[k] ?? 1;
    rows[k] = (rows[k] ?? []).map((value) => value / pivot);
    for (let i = 0; i < n; i++) {
      if (i === k) continue;
      const factor = rows[i]?.[k] ?? 0;
      rows[i] = (rows[i] ?? []).map((value, j) => value - factor * (rows[k]?.[j] ?? 0));
    }
  }
  return rows.map((row) => row.slice(n));
}

test("[CA60] the inverse is that of plain elimination, and what has none is told", () => {
  const size = fc.integer({ min: 1, max: 24 });
  const law = fc.property(size, fc.integer({ min: 0, max: 1e6 }), (n, at) => {
    const random = seededRandom(at);
    const x = Array.from({ length: n + 3 }, () => Array.from({ length: n }, () => random.next() - 0.5));
    const gram = Array.from({ length: n }, (_, i) =>
      Array.from({ length: n }, (_, j) =>
        x.reduce((sum, row) => sum + (row[i] ?? 0) * (row[j] ?? 0), i === j ? 0.1 : 0),
      ),
    );
    const fast = Float64Array.from(gram.flat());
    assert.ok(invertInPlace(fast, n));
    for (const [k, value] of plainInverse(gram).flat().entries()) {
      assert.ok(Math.abs((fast[k] ?? Number.NaN) - value) < 1e-8 * Math.max(1, Math.abs(value)));
    }
  });
  fc.assert(law, { seed, numRuns: 60 });
  assert.equal(invertInPlace(Float64Array.from([1, 2, 2, 1]), 2), false);
  assert.equal(invertInPlace(Float64Array.from([0]), 1), false);
});

test("[CA61] the weights are those of the closed form, and no title speaks for itself", () => {
  const lists = {
    a: ["x", "y"],
    b: ["x", "y", "z"],
    c: ["y", "z"],
    d: ["x", "z"],
    e: ["x", "y"],
    once: ["z"],
  };
  const model = trained(watchedBy(lists), { regularisation: 2 });
  const titles = ["x", "y", "z"];
  const rows = Object.values(lists).filter((list) => list.length > 1);
  const gram = titles.map((i) =>
    titles.map((j) => rows.filter((list) => list.includes(i) && list.includes(j)).length + (i === j ? 2 : 0)),
  );
  const inverse = plainInverse(gram);
  for (const [i, from] of titles.entries()) {
    const weights = new Map(model.weights.get(from)?.map(({ titleId, weight }) => [titleId, weight]));
    assert.equal(weights.has(from), false);
    for (const [j, to] of titles.entries()) {
      if (i === j) continue;
      const wanted = -(inverse[i]?.[j] ?? 0) / (inverse[j]?.[j] ?? 1);
      assert.ok(Math.abs((weights.get(to) ?? Number.NaN) - wanted) < 1e-12);
    }
  }
  assert.deepEqual([model.profiles, model.plays], [5, 11]);
});

test("[CA61] the same history in another order makes the same model, and playing twice changes nothing", () => {
  const history = sampleTaste({ profiles: 60, titles: 40, genres: 4, perProfile: 6, seed });
  const once = trained(history);
  const twice = trained([...history, ...history].toReversed());
  for (const [title, weights] of once.weights) {
    const other = new Map(twice.weights.get(title)?.map(({ titleId, weight }) => [titleId, weight]));
    for (const { titleId, weight } of weights) assert.ok(Math.abs(weight - (other.get(titleId) ?? 9)) < 1e-9);
  }
});

test("[CA62] a viewer who came today is told what goes with what was watched, and nothing of that again", () => {
  const fans = Object.fromEntries(
    Array.from({ length: 20 }, (_, n) => [`space-${n}`, ["alien", "solaris", "stalker"]]),
  );
  const others = Object.fromEntries(
    Array.from({ length: 20 }, (_, n) => [`love-${n}`, ["amelie", "casablanca"]]),
  );
  const model = trained(watchedBy({ ...fans, ...others }));
  assert.deepEqual(
    tasteFor(model, ["alien"]).map(({ titleId }) => titleId),
    ["solaris", "stalker"],
  );
  assert.deepEqual(tasteFor(model, ["amelie", "casablanca"]), []);
  assert.deepEqual(tasteFor(model, []), []);
  assert.deepEqual(tasteFor(model, ["never heard of"]), []);
  assert.deepEqual(
    likeTitle(model, "casablanca").map(({ titleId }) => titleId),
    ["amelie"],
  );
});

test("[CA63] only the titles that most watched are modelled, and the strongest weights of each kept", () => {
  const history = sampleTaste({ profiles: 200, titles: 60, genres: 3, perProfile: 8, seed });
  const model = trained(history, { mostTitles: 20, neighbours: 5 });
  assert.equal(model.weights.size, 20);
  const whole = trained(history, { mostTitles: 20 });
  for (const [title, weights] of model.weights) {
    assert.deepEqual(weights, whole.weights.get(title)?.slice(0, 5));
  }
});

test("[CA64] too little history is said, not guessed from", () => {
  assert.deepEqual(trainTaste({ watched: [], ...limits }).kind, "too-little");
  assert.equal(trainTaste({ watched: watchedBy({ a: ["x"], b: ["x"] }), ...limits }).kind, "too-little");
  assert.equal(trainTaste({ watched: watchedBy({ a: ["x", "y"] }), ...limits }).kind, "too-little");
  const trial = { watched: watchedBy({ a: ["x", "y"] }), taste: limits, heldOut: 0.2, hidden: 0.2 };
  assert.equal(tasteTrial({ ...trial, random: seededRandom(1) }).kind, "too-little");
});

test("[CA65] the measures are those of their definitions", () => {
  const hidden = new Set(["b", "d", "gone"]);
  const { recall20, ndcg100 } = scoreOf(["a", "b", "c", "d"], hidden);
  assert.equal(recall20, 2 / 3);
  const best = 1 + 1 / Math.log2(3) + 1 / 2;
  assert.ok(Math.abs(ndcg100 - (1 / Math.log2(3) + 1 / Math.log2(5)) / best) < 1e-12);
  const all = Array.from({ length: 30 }, (_, n) => `t${n}`);
  assert.equal(scoreOf(all, new Set(all)).recall20, 1, "twenty places can hold no more than twenty");
  assert.equal(scoreOf(all, new Set(["t20"])).recall20, 0);
});

test("[CA66] on a history with taste in it taste finds much more than popularity; without any it finds no more", () => {
  const trial = { taste: { ...limits, regularisation: 50 }, heldOut: 0.2, hidden: 0.2 };
  const liked = sampleTaste({ profiles: 1500, titles: 300, genres: 15, perProfile: 15, seed });
  const found = tasteTrial({ ...trial, watched: liked, random: seededRandom(seed) });
  assert.ok(found.kind === "scored");
  assert.ok(found.taste.recall20 > 1.5 * found.popularity.recall20, JSON.stringify(found));
  assert.ok(found.taste.ndcg100 > 1.4 * found.popularity.ndcg100, JSON.stringify(found));
  assert.deepEqual(
    tasteTrial({ ...trial, watched: liked, random: seededRandom(seed) }),
    found,
    "same seed, same trial",
  );
  const dull = sampleTaste({ profiles: 1500, titles: 300, genres: 1, perProfile: 15, seed });
  const chance = tasteTrial({ ...trial, watched: dull, random: seededRandom(seed) });
  assert.ok(chance.kind === "scored");
  assert.ok(chance.taste.recall20 < 1.1 * chance.popularity.recall20, JSON.stringify(chance));
});

test("[CA67] λ is chosen by what finds most in held-out profiles; with too little history it is a middling one", () => {
  const watched = sampleTaste({ profiles: 400, titles: 120, genres: 8, perProfile: 10, seed });
  const taste = { mostTitles: 120, neighbours: 120 };
  const random = () => seededRandom(seed);
  const choice = chooseRegularisation({ watched, taste, random });
  const scores = regularisations.map((regularisation) => {
    const order = {
      watched,
      taste: { ...taste, regularisation },
      heldOut: 0.1,
      hidden: 0.2,
      random: random(),
    };
    const trial = tasteTrial(order);
    return trial.kind === "scored" ? trial.taste.ndcg100 : 0;
  });
  assert.equal(choice.trial?.taste.ndcg100, Math.max(...scores));
  assert.ok(new Set(scores).size > 1, "it makes a difference");
  const few = chooseRegularisation({ watched: watchedBy({ a: ["x", "y"], b: ["x", "y"] }), taste, random });
  assert.deepEqual(few, { regularisation: 25, trial: undefined });
});
