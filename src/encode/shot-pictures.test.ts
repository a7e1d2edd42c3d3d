import assert from "node:assert/strict";
import { test } from "node:test";
import type { Reference } from "./argv.ts";
import {
  mostPictures,
  placeOf,
  planShotPictures,
  shotPicturesArgs,
  withThumbnails,
} from "./shot-pictures.ts";
import { shotsFrom } from "./shots.ts";

const display = { width: 640, height: 360 };
const reference: Reference = {
  ...{ path: "/films/a b.mp4", container: "mov", stream: 0 },
  ...{ display, rate: { num: 24, den: 1 } },
};

test("[EN59] golden: one run draws the middle frame of each shot on one sheet", () => {
  const shots = shotsFrom([48, 96], 144);
  const args = shotPicturesArgs(reference, planShotPictures(shots, display), "shots.jpg").join(" ");
  assert.equal(
    args.slice(args.indexOf(" -map ") + 1),
    "-map 0:0 -fps_mode passthrough -vf select='eq(n,24)+eq(n,72)+eq(n,120)'," +
      "scale=160:90:flags=area:out_range=pc,format=yuvj420p,tile=10x1 " +
      "-frames:v 1 -update 1 -q:v 5 -map_metadata -1 -map_chapters -1 -fflags +bitexact -f image2 shots.jpg",
  );
});

test("[EN59] each shot's thumbnail names its place on the sheet, row by row", () => {
  const shots = shotsFrom(
    Array.from({ length: 11 }, (_, n) => 24 * (n + 1)),
    288,
  );
  const named = withThumbnails(shots, planShotPictures(shots, { width: 360, height: 640 }), "shots.jpg");
  assert.equal(named[0]?.thumbnail, "shots.jpg#xywh=0,0,160,284");
  assert.equal(named[9]?.thumbnail, "shots.jpg#xywh=1440,0,160,284");
  assert.equal(named[11]?.thumbnail, "shots.jpg#xywh=160,284,160,284");
  assert.deepEqual(placeOf(named[11]?.thumbnail ?? ""), { x: 160, y: 284, width: 160, height: 284 });
});

test("[EN59] what is no place on a sheet is none", () => {
  for (const wrong of [
    "",
    "shots.jpg",
    "shots.jpg#xywh=1,2,3",
    "x#xywh=1,2,3,4;color:red",
    "x#xywh=-1,0,1,1",
  ])
    assert.equal(placeOf(wrong), undefined, wrong);
});

test("[EN59] of too many shots the longest have pictures, in film order", () => {
  const cuts = Array.from({ length: mostPictures + 99 }, (_, n) => 10 * (n + 1) + (n >= 50 ? 5 : 0));
  const shots = shotsFrom(cuts, 10_000);
  assert.equal(shots.length, mostPictures + 100);
  const { tiles, rows } = planShotPictures(shots, display);
  assert.equal(tiles.length, mostPictures);
  assert.equal(rows, mostPictures / 10);
  assert.ok(tiles.some(({ shot }) => shot === 50) && tiles.some(({ shot }) => shot === shots.length - 1));
  assert.deepEqual(
    tiles.map(({ shot }) => shot),
    tiles.map(({ shot }) => shot).toSorted((a, b) => a - b),
  );
  assert.equal(withThumbnails(shots, planShotPictures(shots, display), "s.jpg").at(-2)?.thumbnail, undefined);
});
