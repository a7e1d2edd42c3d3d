import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { expectedMs, judge, laterAnchor, type Reading } from "./lease-witness.ts";

const anchor: Reading = { atMs: 1_000_000, sentMs: 100, heardMs: 110 };
const after = (passed: number, shown: number, took = 10): Reading => ({
  atMs: anchor.atMs + shown,
  sentMs: anchor.heardMs + passed,
  heardMs: anchor.heardMs + passed + took,
});

test("[DA58] a reading is believed when the clock went as far as ours, give or take a second and a thousandth", () => {
  assert.equal(judge(anchor, after(45_000, 45_000)), "steady");
  assert.equal(judge(anchor, after(45_000, 46_000)), "steady");
  assert.equal(judge(anchor, after(45_000, 46_100)), "ahead");
  assert.equal(judge(anchor, after(45_000, 43_960)), "steady");
  assert.equal(judge(anchor, after(45_000, 43_900)), "behind");
  assert.equal(judge(anchor, after(3_600_000, 3_600_000 + 4_500)), "steady");
  assert.equal(judge(anchor, after(0, 600_000)), "ahead");
  assert.equal(judge(anchor, after(0, -600_000)), "behind");
});

test("[DA58] a wait of any length between asking and hearing never makes a true reading doubtful", () => {
  const wait = fc.nat({ max: 900_000 });
  const true_ = fc.property(wait, wait, wait, wait, (first, ran, second, drift) => {
    const early = { atMs: 5_000_000, sentMs: 0, heardMs: first };
    const truth = first + ran;
    const rate = 1 + (drift / 900_000 - 0.5) * 1e-3;
    const late = { atMs: 5_000_000 + truth * rate, sentMs: truth, heardMs: truth + second };
    assert.equal(judge(early, late), "steady");
  });
  fc.assert(true_, { seed: 58 });
});

test("[DA58] a mended clock goes on where the last true reading says", () => {
  assert.equal(expectedMs(anchor, 110), 1_000_000);
  assert.equal(expectedMs(anchor, 45_110), 1_045_000);
  assert.equal(judge(anchor, { atMs: expectedMs(anchor, 9_999), sentMs: 9_999, heardMs: 9_999 }), "steady");
});

test("[DA58] an old anchor makes way for a sharp reading, never for a blurred one", () => {
  assert.equal(laterAnchor(anchor, after(5_000, 5_000)), anchor);
  const sharp = after(15_000, 15_000);
  assert.equal(laterAnchor(anchor, sharp), sharp);
  assert.equal(laterAnchor(anchor, after(15_000, 15_000, 800)), anchor);
});
