import assert from "node:assert/strict";
import { test } from "node:test";
import { launchPrior } from "./launch.ts";

const settings = { priorPlaysPerDay: 10, launchDays: 6, floorPlaysPerDay: 0.5 };
const kinds = { series: 40 };

test("[PL84] a launch is its kind's plays times region and marketing, fading to the floor", () => {
  const facts = { kind: "series", marketing: 3, regionWeight: 0.5, ageDays: 0 };
  assert.equal(launchPrior(facts, kinds, settings), 60.5);
  const later = launchPrior({ ...facts, ageDays: 6 }, kinds, settings);
  assert.ok(Math.abs(later - (60 / Math.E + 0.5)) < 1e-12);
  assert.ok(Math.abs(launchPrior({ ...facts, ageDays: 400 }, kinds, settings) - 0.5) < 1e-9);
});

test("[PL84] a kind without a row is a plain title, and a title yet to come is as on its first day", () => {
  const plain = { regionWeight: 1, ageDays: 0 };
  assert.equal(launchPrior(plain, kinds, settings), 10.5);
  for (const kind of ["film", "constructor", "__proto__"]) {
    assert.equal(launchPrior({ ...plain, kind }, kinds, settings), 10.5, kind);
  }
  assert.equal(launchPrior({ ...plain, ageDays: -4 }, kinds, settings), 10.5);
});

test("[PL85] weights and priors that cannot be believed count as plain ones", () => {
  const odd = { marketing: Number.NaN, regionWeight: -2, ageDays: Number.NaN, kind: "broken" };
  assert.equal(launchPrior(odd, { broken: Number.POSITIVE_INFINITY }, settings), 10.5);
});
