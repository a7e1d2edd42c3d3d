import assert from "node:assert/strict";
import { test } from "node:test";
import type { SignedTiles } from "./stills.ts";
import { stillsOf, tileShelf } from "./stills.ts";

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

/** A shelf by a clock of its own; what is asked answers in the order given, an Error by failing. */
function shelfOf(answers: readonly (SignedTiles | Error)[]) {
  const at = { ms: 0, asked: 0 };
  const ask = async (): Promise<SignedTiles> => {
    const answer = answers[at.asked++];
    if (answer === undefined || answer instanceof Error) throw answer ?? new Error("asked too often");
    return answer;
  };
  const shelf = tileShelf(ask, () => at.ms);
  return { at, forget: shelf.forget, tiles: () => shelf.tilesOf("bunny", new AbortController().signal) };
}

test("[WE67] a storyboard that could not be had is asked for again, one that was had is not", async () => {
  const had = { tiles: [tile(1)], untilMs: 900_000 };
  const { at, tiles } = shelfOf([new Error("gone"), had]);
  assert.deepEqual(await tiles(), []);
  assert.deepEqual(await tiles(), had.tiles);
  assert.deepEqual(await tiles(), had.tiles);
  assert.equal(at.asked, 2);
});

test("[WE67] tiles are kept five minutes, never to the end of their signature, nor for the next person", async () => {
  const long = { tiles: [tile(1)], untilMs: 10_000_000 };
  const short = { tiles: [tile(2)], untilMs: 400_000 };
  const last = { tiles: [tile(3)], untilMs: 10_000_000 };
  const { at, tiles, forget } = shelfOf([long, short, last, long]);
  await tiles();
  at.ms = 299_999;
  assert.deepEqual(await tiles(), long.tiles);
  at.ms = 300_000;
  assert.deepEqual(await tiles(), short.tiles);
  at.ms = 369_999;
  assert.deepEqual(await tiles(), short.tiles);
  at.ms = 370_000;
  assert.deepEqual(await tiles(), last.tiles);
  assert.equal(at.asked, 3);
  forget();
  assert.deepEqual(await tiles(), long.tiles);
});
