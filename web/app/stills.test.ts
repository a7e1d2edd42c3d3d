import assert from "node:assert/strict";
import { test } from "node:test";
import { stillsOf } from "./stills.ts";

const tile = (fromMs: number) => ({
  ...{ fromMs, toMs: fromMs + 1 },
  url: "",
  x: 0,
  y: 0,
  width: 1,
  height: 1,
});

test("[WE67] a preview is twelve pictures at most, from the first to the last, each once", () => {
  for (const count of [0, 1, 12, 13, 40, 1800]) {
    const tiles = Array.from({ length: count }, (_, n) => tile(n));
    const stills = stillsOf(tiles);
    assert.equal(stills.length, Math.min(12, count));
    assert.equal(new Set(stills).size, stills.length);
    assert.deepEqual([stills[0], stills.at(-1)], [tiles[0], tiles.at(-1)]);
  }
});
