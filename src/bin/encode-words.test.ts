import assert from "node:assert/strict";
import { test } from "node:test";
import { metricOf, ssim, vmaf } from "#encode/measures.ts";
import { savedWords, wordsFor } from "./encode-words.ts";

const display = { width: 640, height: 360 };

test("[EN112] the metric is said once, by its own name, with the reason when it is not VMAF", () => {
  const said = (hasVmaf: boolean): string | undefined =>
    wordsFor({ kind: "metric", metric: metricOf(hasVmaf ? vmaf : ssim, display, 3) });
  assert.equal(said(false), "metric       SSIM × 100 (no libvmaf; npm start fetches it)");
  assert.equal(said(true), "metric       VMAF, model vmaf_v0.6.1, every third frame");
});

test("[EN115] what is predicted says so and against what, and how to have baselines encoded", () => {
  const event = {
    kind: "hulls",
    codec: "h264",
    hulls: [[], []],
    plainCrf: 26,
    comparesLater: false,
  } as const;
  const predicted = "than every height at CRF 26, predicted; --baselines encodes ladders to compare with";
  const words = `hulls        h264: 2 hulls, 23.4 % fewer bits at equal quality ${predicted}`;
  assert.equal(wordsFor({ ...event, bitsSavedPercent: 23.41 }), words);
  const asked = wordsFor({ ...event, bitsSavedPercent: 23.41, comparesLater: true });
  assert.equal(asked, words.split(";")[0], "whoever asked for baselines is not told how");
  assert.match(
    savedWords(-2, 35),
    /^2\.0 % more bits at equal quality than every height at CRF 35, predicted$/,
  );
  assert.equal(savedWords(undefined, undefined), "not comparable with every height at one CRF, predicted");
});
