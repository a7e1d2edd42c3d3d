import assert from "node:assert/strict";
import { test } from "node:test";
import type { Codec } from "#model/encoded.ts";
import type { Reference } from "./argv.ts";
import { pieceArgs, piecesArgs, trialArgs } from "./argv-video.ts";
import { codecNames, codecs, crfFor } from "./codecs.ts";
import { fixedLadder } from "./fixed-ladders.ts";
import { hevcLevelFor, levelFor } from "./level.ts";
import { pieceOrders } from "./rungs.ts";
import { planSegments } from "./segment-plan.ts";
import { shotsFrom } from "./shots.ts";
import { gridNames, gridWork, heightsFit, largestWithin, trialGrid } from "./trial-grid.ts";

const display = { width: 960, height: 540 };
const rate = { num: 25, den: 1 };
const reference: Reference = { path: "/film.mp4", container: "mov", stream: 0, display, rate };

test("[EN60] every codec's grid lies where x264's would look the same", () => {
  for (const codec of codecNames) {
    const [low, high] = codecs[codec].crfAt;
    assert.deepEqual([crfFor(codec, 18), crfFor(codec, 42)], [low, high]);
    const mine = trialGrid(display, { codec, effort: "standard" });
    const theirs = trialGrid(display, { codec: "h264", effort: "standard" });
    assert.deepEqual(
      mine.points.map(({ crf }) => crf),
      theirs.points.map(({ crf }) => crfFor(codec, crf)),
    );
    assert.ok(Number.isInteger(1 / codecs[codec].crfStep), "trials lie on steps");
  }
});

test("[EN60] a codec that cannot be small leaves the smallest heights out, never all of them", () => {
  const small = { width: 160, height: 90 };
  const grid = trialGrid(small, { codec: "av1", effort: "standard" });
  for (const size of grid.sizes) assert.ok(Math.min(size.width, size.height) >= codecs.av1.leastSide);
  assert.ok(grid.sizes.length >= 1);
  assert.equal(heightsFit([48], { width: 1280, height: 720 }, codecs.av1.leastSide), false);
  assert.equal(heightsFit([48], { width: 1280, height: 720 }), true);
});

test("[EN61] pieces follow shots where keyframes can be forced, and keyframes where not", () => {
  const shots = shotsFrom([60, 150, 151 + 80], 500);
  const plan = planSegments(shots, 4, rate, 500);
  const ordersOf = (codec: Codec) => {
    const rung = { codec, ...display, crf: shots.map((shot) => 20 + shot.id) };
    return pieceOrders({ rung, preset: "x", peak: 0 }, shots, plan, rate);
  };
  assert.deepEqual(
    ordersOf("h264").map(({ startFrame }) => startFrame),
    shots.map(({ startFrame }) => startFrame),
  );
  const av1 = ordersOf("av1");
  assert.deepEqual(
    av1.map(({ startFrame }) => startFrame),
    plan.keyframes,
  );
  assert.ok(plan.keyframes.length > shots.length, "the film has a boundary inside a shot");
  for (const order of av1) {
    assert.deepEqual(order.keyframes, [order.startFrame]);
    const shot = shots.find(({ startFrame, endFrame }) => {
      return order.startFrame >= startFrame && order.startFrame + order.frames <= endFrame;
    });
    assert.equal(order.crf, 20 + (shot?.id ?? Number.NaN));
    assert.ok(!pieceArgs(reference, order, "p.mp4").includes("-force_key_frames"));
  }
});

test("[EN61] golden: what each encoder is told", () => {
  const line = (codec: Codec): string => {
    const args = trialArgs(reference, { codec, preset: "P", crf: 33, ...display }, [0, 100], "t.mp4");
    return args.slice(args.indexOf("-c:v"), args.indexOf("-movflags")).join(" ");
  };
  const keys = " -force_key_frames 0.000000,3.990000";
  assert.equal(
    line("vp9"),
    `-c:v libvpx-vp9 -deadline good -cpu-used P -threads 1 -row-mt 0 -b:v 0 -crf 33 -g 9999${keys}`,
  );
  assert.equal(
    line("hevc"),
    "-c:v libx265 -preset P -profile:v main -crf 33 -x265-params info=0:repeat-headers=0:open-gop=0:scenecut=0:" +
      "keyint=9999:min-keyint=1:bframes=3:ref=2:pools=none:frame-threads=1:log-level=none:level-idc=30:high-tier=0" +
      keys,
  );
  assert.equal(
    codecs.av1.args({ crf: 40, preset: "10", rate, peak: 0, ...display }).join(" "),
    "-c:v libsvtav1 -preset 10 -crf 40 -g 9999 -svtav1-params lp=1",
  );
});

test("[EN62] a smaller picture is tried at CRFs no lower, and larger grids have more points", () => {
  for (const name of gridNames) {
    const grid = trialGrid(display, { codec: "h264", effort: "standard", grid: name });
    assert.equal(grid.points.length, Number(name));
    const least = grid.sizes.map(({ height }) =>
      Math.min(...grid.points.filter((point) => point.height === height).map(({ crf }) => crf)),
    );
    assert.deepEqual(
      least,
      [...least].sort((a, b) => a - b),
    );
  }
  const order = { codec: "h264", effort: "standard" } as const;
  const work = gridNames.map((name) => gridWork(name, display, order).pixels);
  assert.deepEqual(
    work,
    [...work].sort((a, b) => a - b),
  );
});

test("[EN63] a budget buys the largest grid that fits, and heights that were asked for are counted", () => {
  const costs = { "8": 10, "9": 12, "12": 15, "16": 22, "28": 40 };
  const within = (seconds: number): string => largestWithin(seconds, (name) => costs[name]);
  assert.deepEqual([1, 10, 14.9, 15, 39.9, 40, 1e9].map(within), ["8", "8", "9", "12", "16", "28", "28"]);
  const order = { codec: "h264", effort: "standard" } as const;
  const eight = gridWork("28", display, { ...order, heights: [540, 480, 432, 360, 324, 270, 240, 180] });
  assert.equal(eight.points, 56);
});

test("[EN68] golden: pieces made together have an input and an output each", () => {
  const piece = { codec: "h264", preset: "fast", peak: 0, timescale: 25_000, ...display } as const;
  const orders = [
    { ...piece, crf: 20, startFrame: 0, frames: 10, keyframes: [0] },
    { ...piece, crf: 30, startFrame: 10, frames: 5, keyframes: [10] },
  ];
  const together = piecesArgs(
    reference,
    orders.map((order, n) => ({ order, output: `${n}.mp4` })),
  );
  const inputs = together.filter((arg) => arg === "-i").length;
  assert.equal(inputs, 2);
  assert.deepEqual(
    together.filter((_, n) => together[n - 1] === "-map"),
    ["0:0", "1:0"],
  );
  assert.equal(together.indexOf("-ss"), together.lastIndexOf("-ss"));
  for (const [n, order] of orders.entries()) {
    const alone = pieceArgs(reference, order, `${n}.mp4`);
    const coding = alone.slice(alone.indexOf("-frames:v"));
    assert.ok(together.join(" ").includes(coding.join(" ")));
  }
});

test("[EN70] the level holds size, rate and peak", () => {
  const film = { num: 24, den: 1 };
  assert.equal(levelFor({ width: 640, height: 360 }, film, 1e6), "3.0");
  assert.equal(levelFor({ width: 640, height: 360 }, film, 13e6), "3.1");
  assert.equal(levelFor({ width: 1920, height: 1080 }, film, 1e6), "4.0");
  assert.equal(levelFor({ width: 1920, height: 1080 }, film, 40e6), "4.1");
  assert.equal(hevcLevelFor({ width: 960, height: 540 }, film, 1e6), "30");
  assert.equal(hevcLevelFor({ width: 1920, height: 1080 }, film, 1e6), "40");
  assert.equal(hevcLevelFor({ width: 1920, height: 1080 }, film, 15e6), "41");
});

test("[EN20] fixed ladders never enlarge and rise in size and rate", () => {
  const heights = fixedLadder("netflix-2015", display, rate).map(({ height }) => height);
  assert.deepEqual(heights, [240, 288, 384, 384, 480, 480]);
  const peertube = fixedLadder("peertube", display, rate);
  assert.deepEqual(
    peertube.map(({ height }) => height),
    [144, 240, 360, 480, 540],
  );
  assert.equal(peertube.at(-1)?.target, 960 * 540 * 0.12 * 25);
  for (const [n, rung] of peertube.entries()) assert.ok(rung.target > (peertube[n - 1]?.target ?? 0));
});
