import assert from "node:assert/strict";
import { test } from "node:test";
import type { EncodeReport } from "#wire/encode-report.ts";
import type { OpsLanes } from "#wire/jobs.ts";
import { laneBusy, laneSpans } from "./lanes.ts";
import { hullCsv, shotFacts } from "./shots.ts";

const point = (shot: number, height: number, crf: number, bitrateBps: number) => ({
  ...{ shot, width: 2 * height, height, crf, bits: 2 * bitrateBps, bitrateBps, quality: 100 - crf },
});
const trials = [
  point(0, 180, 30, 100),
  point(0, 360, 30, 400),
  point(1, 360, 30, 1200),
  point(1, 180, 30, 90),
];
const rung = (height: number, crf: number[]) => ({
  ...{ id: `v${height}`, codec: "h264", width: 2 * height, height, bitrateBps: 1, quality: 1, crf },
});

const report: EncodeReport = {
  ...{ version: 1, effort: "draft", trials, hulls: [[], [point(1, 360, 30, 1200)]], fixedLadder: [] },
  source: {
    ...{ file: "f", sha256: "x", width: 640, height: 360, fps: 25, frames: 100, durationSeconds: 4 },
    hasAudio: false,
  },
  metric: { name: "vmaf", model: "", pooling: "mean", displayWidth: 1, displayHeight: 1, subsample: 1 },
  shots: [
    { startFrame: 0, endFrame: 50 },
    { startFrame: 50, endFrame: 100 },
  ],
  ladder: [rung(180, [30, 28]), rung(360, [30, 30])],
  bdRatePercent: { fixedLadder: null, fixedCrfNative: null, perTitleHull: null },
  ...{ encodesRun: 0, encodesReused: 0, encodesExhaustive: 0, wallSeconds: 0, cpuSeconds: 0 },
};

test("[WE120] a shot's bits are those of its finished pieces, else of what was chosen, else unknown", () => {
  const [first, second] = shotFacts(report);
  assert.deepEqual([first?.bits, first?.isMeasured, first?.startMs], [[200, 800], false, 0]);
  assert.deepEqual([second?.bits, second?.startMs], [[undefined, 2400], 2000]);
  assert.deepEqual([first?.dear, second?.dear], [0.5, 1.5], "rate against the film's mean");
  const pieces = report.ladder.map((one) => ({ ...one, shotBits: [7, 9] }));
  const [measured] = shotFacts({ ...report, ladder: pieces });
  assert.deepEqual([measured?.bits, measured?.isMeasured], [[7, 7], true]);
  assert.equal(shotFacts({ ...report, ladder: [] })[0]?.dear, undefined);
});

test("[WE121] the table of hulls has every trial, with what its shot's hull and the rungs made of it", () => {
  const lines = hullCsv(report).split("\r\n");
  assert.equal(lines[0], "shot,point,width,height,crf,bitrate_bps,quality");
  assert.ok(lines.includes("1,rejected,360,180,30,100,70"));
  assert.ok(lines.includes("2,hull,720,360,30,1200,70"));
  assert.ok(lines.includes("2,chosen,720,360,30,1200,70"));
  assert.equal(lines.length, 1 + trials.length + 3 + 1);
});

test("[WE122] lanes: what began before is drawn from the edge, what is under way to the end, and busy time counts once", () => {
  const span = (
    fromMs: number | null,
    untilMs: number | null,
  ): OpsLanes["lanes"][number]["spans"][number] => ({
    ...{ jobId: "j", title: "Film", kind: "trials", fromMs, untilMs, end: untilMs === null ? null : "done" },
  });
  const time = { fromMs: 1000, untilMs: 2000 };
  const lane = { worker: "w", spans: [span(null, 1200), span(1100, 1300), span(1900, null)] };
  assert.deepEqual(
    laneSpans(lane, time).map(({ x, width, end }) => [x, width, end]),
    [
      [0, 200, "done"],
      [100, 200, "done"],
      [900, 100, "open"],
    ],
  );
  assert.ok(Math.abs(laneBusy(lane, time) - 0.4) < 1e-9);
  const many = { worker: "w", spans: Array.from({ length: 5000 }, () => span(1500, 1500)) };
  const bars = laneSpans(many, time);
  assert.ok(bars.length === 500 && bars.every(({ width }) => width > 0));
});
