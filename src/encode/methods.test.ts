import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { methods } from "#test/fixtures/encode-methods.ts";
import { constantSlope } from "./allocate.ts";
import { frontier, wishedLadder } from "./ladder.ts";
import { ssim, vmaf } from "./measures.ts";
import {
  choicesComplaint,
  cutsComplaint,
  methodsOf,
  nameComplaint,
  namesOf,
  ours,
  pointsComplaint,
} from "./methods.ts";
import { type OperatingPoint, pointsAt } from "./operating-points.ts";
import { metricName } from "./report-page-words.ts";
import { shotsFrom } from "./shots.ts";

const display = { width: 640, height: 360 };

test("[EN129] the README shows the example as it is", async () => {
  const example = await readFile(new URL("../../test/fixtures/encode-methods.ts", import.meta.url), "utf8");
  const readme = await readFile(new URL("./README.md", import.meta.url), "utf8");
  assert.ok(
    readme.includes(`\`\`\`ts\n${example}\`\`\`\n`),
    "copy test/fixtures/encode-methods.ts into the README",
  );
});

test("[EN126] what is not given is ours, the measure by what is here", () => {
  assert.deepEqual(methodsOf({}, true), { ...ours, measure: vmaf });
  assert.deepEqual(methodsOf({}, false), { ...ours, measure: ssim });
  const { detect, grid } = methods;
  assert.deepEqual(methodsOf({ detect, grid }, true), {
    detect,
    grid,
    allocate: ours.allocate,
    measure: vmaf,
  });
  assert.deepEqual(namesOf({ detect, grid }), { detect: "every-2s", grid: "two-points" });
});

test("[EN128] cuts that are too near, out of order or no frames are told", () => {
  assert.equal(cutsComplaint([], 5), undefined);
  assert.equal(cutsComplaint([8, 16, 92], 100), undefined);
  for (const wrong of [[7], [93], [8, 15], [40, 20], [40, 40], [20.5], [Number.NaN], [0], [200]]) {
    assert.match(cutsComplaint(wrong, 100) ?? "", /is no whole frame/, `${wrong}`);
  }
});

test("[EN128] points that are none, too large, odd or double are told", () => {
  const point = { ...display, crf: 22 };
  assert.equal(pointsComplaint([point, { ...point, crf: 30 }], display), undefined);
  assert.match(pointsComplaint([], display) ?? "", /no point/);
  assert.match(pointsComplaint([point, point], display) ?? "", /twice/);
  for (const wrong of [
    { height: 362 },
    { width: 642 },
    { height: 179 },
    { height: 0 },
    { crf: Number.NaN },
  ]) {
    assert.match(pointsComplaint([{ ...point, ...wrong }], display) ?? "", /no even size within/);
  }
});

test("[EN128] no measure passes for another", () => {
  const measure = methods.measure;
  for (const fine of [vmaf, ssim, measure]) assert.equal(nameComplaint(fine), undefined);
  for (const name of ["vmaf", "ssim"])
    assert.match(nameComplaint({ ...measure, name }) ?? "", /another measure/);
  for (const name of ["", "VMAF", "v maf", "-vmaf"])
    assert.match(nameComplaint({ ...measure, name }) ?? "", /letters/);
  assert.deepEqual(
    ["vmaf", "ssim", "psnr-y"].map((name) => metricName({ ...about, name })),
    [...["VMAF", "SSIM × 100", "psnr-y"]],
  );
});

const about = { model: "", pooling: "mean", displayWidth: 640, displayHeight: 360, subsample: 1 };

/** Two shots of 48 frames, tried at two CRFs. */
function twoShots(): readonly (readonly OperatingPoint[])[] {
  const trials = [22, 34].map((crf) => ({
    point: { ...display, crf },
    shots: [1, 3].map((factor) => ({ bits: (factor * 1e6) / crf, quality: 100 - crf * factor ** 0.5 })),
  }));
  const order = { distortion: vmaf.distortion, crfStep: 0.25, reach: { steps: 2, least: 18, greatest: 42 } };
  return pointsAt(display, trials, shotsFrom([48], 96), order);
}

const wish = { kind: "qualities", targets: [55, 65] } as const;

test("[EN128] a film of points that were not offered, or of other bits than theirs, is told", () => {
  const byHeight = [{ size: display, points: twoShots() }];
  const complaint = (allocate: typeof constantSlope): string | undefined => {
    const films = frontier(byHeight, 96, allocate);
    return choicesComplaint(wishedLadder(films, wish, vmaf.rules, 4), byHeight, 96);
  };
  assert.equal(complaint(constantSlope), undefined);
  assert.equal(complaint(methods.allocate.films), undefined);
  const none = { films: [], choiceAt: () => [], others: [] };
  assert.match(complaint(() => none) ?? "", /no film/);
  const own = (points: Parameters<typeof constantSlope>[0]): ReturnType<typeof constantSlope> => {
    const allocation = constantSlope(points);
    return { ...allocation, choiceAt: (film) => allocation.choiceAt(film).map((point) => ({ ...point })) };
  };
  assert.match(complaint(own) ?? "", /not one of the points/);
  const short = (points: Parameters<typeof constantSlope>[0]): ReturnType<typeof constantSlope> => {
    const allocation = constantSlope(points);
    return { ...allocation, choiceAt: (film) => allocation.choiceAt(film).slice(1) };
  };
  assert.match(complaint(short) ?? "", /not one of the points/);
  const cheap = (points: Parameters<typeof constantSlope>[0]): ReturnType<typeof constantSlope> => {
    const allocation = constantSlope(points);
    return { ...allocation, films: allocation.films.map((film) => ({ ...film, bits: film.bits / 2 })) };
  };
  assert.match(complaint(cheap) ?? "", /has points of/);
  const proud = (points: Parameters<typeof constantSlope>[0]): ReturnType<typeof constantSlope> => {
    const allocation = constantSlope(points);
    return {
      ...allocation,
      films: allocation.films.map((film) => ({ ...film, qualitySum: film.qualitySum + 1 })),
    };
  };
  assert.match(complaint(proud) ?? "", /has points of/);
});

test("[EN126] the ladder is made of the films of the allocator that is given", () => {
  const byHeight = [{ size: display, points: twoShots() }];
  const rungs = wishedLadder(frontier(byHeight, 96, methods.allocate.films), wish, vmaf.rules, 4);
  assert.equal(rungs.length, 2);
  for (const { points } of rungs) assert.equal(points[0]?.crf, points[1]?.crf);
  const sloped = wishedLadder(frontier(byHeight, 96), wish, vmaf.rules, 4);
  assert.ok(sloped.some(({ points }) => points[0]?.crf !== points[1]?.crf));
});

test("[EN129] the example reads ffmpeg's log of PSNR, where equal pictures have no figure", () => {
  const line = (n: number, y: string) =>
    `n:${n} mse_avg:1.00 mse_y:1.00 mse_u:1.00 mse_v:1.00 psnr_avg:40.00 psnr_y:${y} psnr_u:41.00 psnr_v:42.00 \n`;
  assert.deepEqual(
    [...methods.measure.read(line(1, "38.25") + line(2, "inf"))],
    [
      [0, 38.25],
      [1, 100],
    ],
  );
});
