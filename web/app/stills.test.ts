import assert from "node:assert/strict";
import { test } from "node:test";
import type { Tile } from "#web/player/storyboard.ts";
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
function shelfOf(answers: readonly (readonly Tile[] | Error)[]) {
  const at = { ms: 0, asked: 0 };
  const ask = async (): Promise<readonly Tile[]> => {
    const answer = answers[at.asked++];
    if (answer === undefined || answer instanceof Error) throw answer ?? new Error("asked too often");
    return answer;
  };
  const shelf = tileShelf(ask, () => at.ms);
  return { at, forget: shelf.forget, tiles: () => shelf.tilesOf("bunny", new AbortController().signal) };
}

test("[WE67] a storyboard that could not be had is asked for again, one that was had is not", async () => {
  const had = [tile(1)];
  const { at, tiles } = shelfOf([new Error("gone"), had]);
  assert.deepEqual(await tiles(), []);
  assert.equal(await tiles(), had);
  assert.equal(await tiles(), had);
  assert.equal(at.asked, 2);
});

test("[WE67] tiles are kept as long as no other look ahead is granted, and not for the next person", async () => {
  const answers = [[tile(1)], [tile(2)], [tile(3)]];
  const { at, tiles, forget } = shelfOf(answers);
  assert.equal(await tiles(), answers[0]);
  at.ms = 60_999;
  assert.equal(await tiles(), answers[0]);
  at.ms = 61_000;
  assert.equal(await tiles(), answers[1]);
  forget();
  assert.equal(await tiles(), answers[2]);
  assert.equal(at.asked, 3);
});
