import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { addScores, ratesOf, scoreCuts } from "./shots-match.ts";

const hard = (...cuts: readonly number[]) => ({ cuts, transitions: [] });

test("[EN44] each known cut is matched once, the nearest first, within the tolerance", () => {
  const exact = scoreCuts([10, 21, 40], hard(10, 20, 30), 0);
  assert.deepEqual([exact.matched, exact.found, exact.known], [1, 3, 3]);
  const near = scoreCuts([10, 19, 21, 40], hard(10, 20, 30), 1);
  assert.deepEqual([near.matched, near.offsets], [2, -1]);
  assert.deepEqual(ratesOf(near), { precision: 2 / 4, recall: 2 / 3, f1: 4 / 7 });
  assert.equal(scoreCuts([20, 21], hard(20), 1).matched, 1);
});

test("[EN44] a border at the edge of a transition counts neither way; one inside is wrong and breaks it", () => {
  const known = { cuts: [100], transitions: [{ from: 50, to: 60 }] };
  const score = (cuts: readonly number[]) => scoreCuts(cuts, known, 0);
  assert.deepEqual(score([51, 100]), {
    known: 1,
    found: 1,
    matched: 1,
    offsets: 0,
    transitions: 1,
    whole: 1,
  });
  assert.deepEqual(score([62, 100]).found, 1);
  assert.deepEqual(score([55, 100]), {
    known: 1,
    found: 2,
    matched: 1,
    offsets: 0,
    transitions: 1,
    whole: 0,
  });
});

test("[EN44] nothing found of nothing is perfect, of something it is nothing; joined films add up", () => {
  assert.equal(ratesOf(scoreCuts([], hard(), 0)).f1, 1);
  assert.equal(ratesOf(scoreCuts([], hard(5), 0)).f1, 0);
  assert.equal(ratesOf(scoreCuts([5], hard(), 0)).f1, 0);
  const joined = addScores([scoreCuts([5], hard(5), 0), scoreCuts([], hard(9), 0)]);
  assert.deepEqual(ratesOf(joined), { precision: 1, recall: 1 / 2, f1: 2 / 3 });
});

test("[EN44] law: known cuts score 1 against themselves, and a wider tolerance never matches fewer", () => {
  const cuts = fc.uniqueArray(fc.nat(500), { maxLength: 30 });
  fc.assert(
    fc.property(cuts, cuts, fc.nat(5), (found, known, tolerance) => {
      assert.equal(ratesOf(scoreCuts(known, hard(...known), 0)).f1, 1);
      const narrow = scoreCuts(found, hard(...known), tolerance).matched;
      assert.ok(scoreCuts(found, hard(...known), tolerance + 1).matched >= narrow);
      assert.ok(narrow <= Math.min(found.length, known.length));
    }),
    { seed: 44 },
  );
});
