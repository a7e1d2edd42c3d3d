import assert from "node:assert/strict";
import { test } from "node:test";
import { bufferFor } from "./buffer-goal.ts";
import { filmOf, nearestRung, segmentAt, startOfSegment } from "./ladder.ts";

const rendition = (id: string, height: number, bitrateBps: number) => ({
  id,
  height,
  bitrateBps,
  bytes: [1000, 2000],
  quality: [50, 60],
});

const title = {
  metric: { name: "vmaf" as const },
  durationsMs: [4000, 2000],
  renditions: [
    rendition("v720-1", 720, 3e6),
    rendition("v360-2", 360, 9e5),
    rendition("v360-1", 360, 5e5),
    rendition("v240-1", 240, 5e5),
  ],
};

test("[PY4] a ladder rises strictly: a rendition that costs the same as the one below is left out", () => {
  const film = filmOf(title, new Set(["v720-1", "v360-2", "v360-1", "v240-1"]));
  assert.deepEqual(film.ladder.ids, ["v240-1", "v360-2", "v720-1"]);
  assert.deepEqual(film.ladder.kbps, [500, 900, 3000]);
  assert.deepEqual(film.segments.bits[1], [16000, 16000, 16000]);
});

test("[PY13] rungs that share a height are told apart by their rate", () => {
  const film = filmOf(title, new Set(["v720-1", "v360-2", "v360-1"]));
  assert.deepEqual(film.ladder.names, ["360p at 0.50 Mbit/s", "360p at 0.90 Mbit/s", "720p"]);
  assert.equal(nearestRung(film.ladder, 1000), 1);
});

test("[PY10] quality on another scale than VMAF is not compared with 1 VMAF", () => {
  const film = filmOf({ ...title, metric: { name: "ssim" } }, new Set(["v720-1"]));
  assert.equal(film.segments.vmaf, undefined);
});

test("[PY12] a player holds at most 60 s, half the film, and never less than two segments", () => {
  const film = (count: number): readonly number[] => Array.from({ length: count }, () => 4000);
  assert.equal(bufferFor(film(1000)), 60_000);
  assert.equal(bufferFor(film(10)), 20_000);
  assert.equal(bufferFor(film(2)), 8000);
});

test("[PY25] a position finds its segment, the last one from its start on", () => {
  assert.equal(segmentAt([4000, 2000], 3999), 0);
  assert.equal(segmentAt([4000, 2000], 4000), 1);
  assert.equal(segmentAt([4000, 2000], 9000), 1);
  assert.equal(startOfSegment([4000, 2000], 1), 4000);
});
