import assert from "node:assert/strict";
import { test } from "node:test";
import type { Sidecar } from "#wire/sidecar.ts";
import { type Figures, judge, markdown, middle, shownSeconds } from "./play-figures.ts";
import type { SeenByPage, Showing } from "./play-showing.ts";

/** Three segments of 2 s, 4 s and 2 s in two rungs. */
const sidecar: Sidecar = {
  ...{ version: 1, titleId: "film", metric: { name: "vmaf", model: "m" }, durationsMs: [2000, 4000, 2000] },
  renditions: [
    { id: "lo", width: 320, height: 180, bitrateBps: 200_000, bytes: [50, 90, 40], quality: [60, 50, 70] },
    { id: "hi", width: 640, height: 360, bitrateBps: 800_000, bytes: [200, 350, 150], quality: [90, 80, 95] },
  ],
};

const appended = (wallMs: number, startS: number, bytes: number) => ({ wallMs, startS, bytes });

type Still = readonly (readonly [atS: number, ms: number])[];

/** A playhead that starts after a second and is looked at every 200 ms; `still` are film times at which it waits, with `readyS` ready. */
function playhead(still: Still = [], readyS = 0): SeenByPage["playhead"] {
  const samples = [{ wallMs: 0, filmS: 0, readyS: 0 }];
  let wallMs = 1000;
  for (let tick = 0; tick <= 40; tick++) {
    const filmS = tick / 5;
    samples.push({ wallMs, filmS, readyS: 4 });
    for (const [atS, ms] of still) {
      if (atS !== filmS) continue;
      for (let waited = 200; waited <= ms; waited += 200)
        samples.push({ wallMs: wallMs + waited, filmS, readyS });
      wallMs += ms;
    }
    wallMs += 200;
  }
  return samples;
}

function showing(page: Partial<SeenByPage>, paths: readonly string[] = []): Showing {
  const seen: SeenByPage = {
    ...{
      end: "ended",
      firstFrameMs: 900,
      decisions: 0,
      frames: { dropped: 5, total: 100 },
      playhead: playhead(),
    },
    appended: [appended(500, 0, 50), appended(600, 2, 350), appended(700, 6, 150)],
    ...page,
  };
  const server = { served: paths.map((path, index) => ({ atMs: index, path })), changes: 1 };
  return { page: seen, server, trace: "one", run: 0, player: "ours" };
}

function figures(one: Showing, untilS = 8): Figures {
  const judged = judge(one, sidecar, untilS);
  assert.ok(judged.kind === "figures", JSON.stringify(judged));
  return judged.figures;
}

const near = (found: number | undefined, wanted: number): void =>
  assert.ok(found !== undefined && Math.abs(found - wanted) < 1e-6, `${found} is not ${wanted}`);

test("[PY173] quality and rate are means over the seconds shown", () => {
  const { vmaf, kbps, switches } = figures(showing({}));
  near(vmaf, (60 * 2 + 80 * 4 + 95 * 2) / 8);
  near(kbps, (200 * 2 + 800 * 6) / 8);
  assert.equal(switches, 1);
  near(figures(showing({}), 4).vmaf, (60 * 2 + 80 * 2) / 4);
});

test("[PY173] a segment fetched again counts from when it was appended again", () => {
  const early = [appended(500, 0, 50), appended(600, 2, 90), appended(1500, 2, 350), appended(2000, 6, 150)];
  near(figures(showing({ appended: early })).vmaf, (60 * 2 + 80 * 4 + 95 * 2) / 8);
  // In the middle of the segment, when 4 s of the film were seen.
  const amid = [appended(500, 0, 50), appended(600, 2, 90), appended(5001, 2, 350), appended(2000, 6, 150)];
  const shown = shownSeconds(showing({ appended: amid }).page, sidecar, 8);
  assert.ok(shown.kind === "shown");
  assert.deepEqual(
    shown.parts.map(({ segment, rung, seconds }) => [segment, rung, Math.round(seconds * 10) / 10]),
    [
      [0, 0, 2],
      [1, 0, 2],
      [1, 1, 2],
      [2, 1, 2],
    ],
  );
});

test("[PY173] a film scored otherwise has no VMAF", () => {
  const judged = judge(showing({}), { ...sidecar, metric: { name: "ssim", model: "m" } }, 8);
  assert.ok(judged.kind === "figures");
  assert.equal(judged.figures.vmaf, undefined);
});

test("[PY174] waiting for the start is no stall; standing still later is one per time", () => {
  const smooth = figures(showing({}));
  assert.deepEqual([smooth.stalls, smooth.stallMs, smooth.rebufferRatio], [0, 0, 0]);
  const twice = figures(
    showing({
      playhead: playhead([
        [2, 1000],
        [5, 600],
      ]),
    }),
  );
  assert.equal(twice.stalls, 2);
  near(twice.stallMs, 1600);
  near(twice.rebufferRatio, 1600 / (1000 + 8000 + 1600));
});

test("[PY174] a film that stands still with film ready waits for the machine: no stall, and told apart", () => {
  const { stalls, stallMs, slowMs, rebufferRatio } = figures(showing({ playhead: playhead([[2, 1000]], 4) }));
  assert.deepEqual([stalls, stallMs, rebufferRatio], [0, 0, 0]);
  near(slowMs, 1000);
});

test("[PY175] a segment of the picture asked for twice counts, in whatever rung; sound and playlists do not", () => {
  const once = [
    "dash/manifest.mpd",
    "package/lo/init.mp4",
    "package/lo/1.m4s",
    "package/hi/2.m4s",
    "package/a/1.m4s",
  ];
  assert.equal(figures(showing({}, once)).again, 0);
  assert.equal(figures(showing({}, [...once, "package/hi/1.m4s", "package/hi/2.m4s"])).again, 2);
});

test("[PY176] what did not end, showed nothing or something strange is a failure with its reason", () => {
  const because = (page: Partial<SeenByPage>): string => {
    const judged = judge(showing(page), sidecar, 8);
    assert.ok(judged.kind === "failed");
    return judged.because;
  };
  assert.match(because({ end: "hls.js: bufferAddCodecError" }), /bufferAddCodecError/);
  assert.match(because({ firstFrameMs: null }), /no frame/);
  assert.match(because({ appended: [appended(500, 0, 51)] }), /51 bytes at 0\.00 s are no segment/);
  assert.match(because({ appended: [appended(500, 0, 50)] }), /segment 2 was shown and never appended/);
  assert.match(because({ playhead: [] }), /nothing was shown/);
});

test("[PY176] a middle is figure by figure, and adds up what was asked for again", () => {
  const [one, two, three] = [0, 1, 2].map((again) => ({ ...figures(showing({})), again, kbps: 100 * again }));
  assert.ok(one && two && three);
  const { again, kbps } = middle([three, one, two]);
  assert.deepEqual([again, kbps], [3, 100]);
});

test("[PY176] rows become a table of a document, with every column and none of its marks broken", () => {
  assert.equal(
    markdown([{ a: 1 }, { a: "x|y", b: 2 }]),
    ["| a | b |", "| --- | --- |", "| 1 |  |", "| x\\|y | 2 |"].join("\n"),
  );
});
