import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { seededRandom } from "#units/random.ts";
import type { EncodeReport } from "#wire/encode-report.ts";
import { curlOf, quoted } from "./curl.ts";
import { chosenPoints, metricName, metricSentence, rangeWords, rateTicks } from "./hull.ts";

const trial = (shot: number, height: number, crf: number): EncodeReport["trials"][number] => ({
  shot,
  width: height * 2,
  height,
  crf,
  bits: 1000,
  bitrateBps: 1000,
  quality: 80,
});
const rung = (height: number, crf: readonly number[]): EncodeReport["ladder"][number] => ({
  id: `v${height}-1`,
  codec: "h264",
  width: height * 2,
  height,
  bitrateBps: 1000,
  quality: 80,
  vmaf: 80,
  crf: [...crf],
});
const metric = {
  name: "vmaf",
  model: "vmaf_v0.6.1",
  pooling: "mean",
  displayWidth: 640,
  displayHeight: 360,
  subsample: 2,
} as const;
const report: EncodeReport = {
  version: 1,
  source: {
    file: "film.mp4",
    sha256: "",
    width: 640,
    height: 360,
    fps: 24,
    frames: 96,
    durationSeconds: 4,
    hasAudio: true,
  },
  metric,
  effort: "draft",
  shots: [
    { startFrame: 0, endFrame: 48 },
    { startFrame: 48, endFrame: 96 },
  ],
  trials: [trial(0, 180, 24), trial(0, 360, 24), trial(0, 360, 30), trial(1, 180, 30), trial(1, 360, 24)],
  hulls: [[], []],
  ladder: [rung(180, [24, 30]), rung(360, [30, 36])],
  fixedLadder: [],
  bdRatePercent: { fixedLadder: -12.34, fixedCrfNative: null, perTitleHull: 0 },
  encodesRun: 5,
  encodesReused: 0,
  encodesExhaustive: 10,
  wallSeconds: 1,
  cpuSeconds: 2,
};

test("[WE11] every rung rings the point it chose for a shot, tried or interpolated", () => {
  const chosen = { ...trial(0, 360, 23), bitrateBps: 1234 };
  const written = { ...rung(360, [23]), points: [chosen, trial(1, 360, 23)] };
  assert.deepEqual(chosenPoints({ ...report, ladder: [written] }, 0), [chosen]);
});

test("[WE11] without written points, ringed are the trials at the rung's height and CRF", () => {
  assert.deepEqual(chosenPoints(report, 0), [trial(0, 180, 24), trial(0, 360, 30)]);
});

test("[WE11] a rung without such a trial has no ring", () => {
  assert.deepEqual(chosenPoints(report, 1), [trial(1, 180, 30)]);
  assert.deepEqual(chosenPoints(report, 7), []);
});

test("[WE12] the metric is called by its own name", () => {
  assert.equal(metricName(metric), "VMAF");
  assert.equal(metricSentence(metric), "VMAF, model vmaf_v0.6.1, mean of one frame in 2, seen at 640×360");
  const ssim = { ...metric, name: "ssim", model: "", subsample: 1 } as const;
  assert.ok(!`${metricName(ssim)} ${metricSentence(ssim)}`.includes("VMAF"));
  assert.equal(metricSentence(ssim), "SSIM, mean of every frame, seen at 640×360");
});

test("[WE5] a range of values is one number where all agree", () => {
  assert.equal(rangeWords([24, 24]), "24");
  assert.equal(rangeWords([30, 21, 24]), "21–30");
  assert.equal(rangeWords([]), "–");
});

test("[WE10] a word is one word for a real shell, whatever is in it", () => {
  const random = seededRandom(10);
  const signs = [..."'\"$`\\ \naé;!*~#"];
  const words = Array.from({ length: 40 }, () =>
    Array.from({ length: random.integer(0, 9) }, () => signs[random.integer(0, signs.length - 1)]).join(""),
  );
  const command = `printf '%s|' ${words.map(quoted).join(" ")}`;
  assert.equal(
    execFileSync("sh", ["-c", command], { encoding: "utf8" }),
    words.map((word) => `${word}|`).join(""),
  );
});

test("[WE10] the command names the panel's address and leaves the password out", () => {
  assert.equal(
    curlOf("http://localhost:8080", "/v1/ops/titles/a'b/encode", "op@example.org"),
    [
      `# once: curl -sS -c millrace.cookies --json '{"email":"op@example.org","password":"…"}' 'http://localhost:8080/v1/sign-in'`,
      `curl -sS -b millrace.cookies 'http://localhost:8080/v1/ops/titles/a'\\''b/encode'`,
      "",
    ].join("\n"),
  );
});

test("[WE18] ticks of a rate axis keep apart: half-decades where they fit, else decades", () => {
  assert.deepEqual(rateTicks([2e4, 2e6], 600), [3e4, 1e5, 3e5, 1e6]);
  assert.deepEqual(rateTicks([2e4, 2e6], 160), [1e5, 1e6]);
});
