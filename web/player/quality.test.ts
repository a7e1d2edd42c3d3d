import assert from "node:assert/strict";
import { test } from "node:test";
import type { Film } from "#play/types.ts";
import { rungFacts } from "./quality.ts";

const film: Film = {
  ladder: { kbps: [300, 900], heights: [360, 540], names: ["360p", "540p"], ids: ["v360-1", "v540-1"] },
  segments: {
    durationMs: [4000, 1000],
    bits: [
      [1_200_000, 3_600_000],
      [300_000, 900_000],
    ],
    vmaf: [
      [60, 80],
      [70, 90],
    ],
  },
};

test("[WE82] each rung is told with its rate and its mean VMAF over the film, the highest first", () => {
  assert.deepEqual(rungFacts(film), [
    { id: "v540-1", height: 540, kbps: 900, vmaf: 82 },
    { id: "v360-1", height: 360, kbps: 300, vmaf: 62 },
  ]);
});

test("[WE82] a film that was not scored with VMAF has none, not a zero", () => {
  const unscored = { ...film, segments: { ...film.segments, vmaf: undefined } };
  assert.deepEqual(
    rungFacts(unscored).map(({ vmaf }) => vmaf),
    [undefined, undefined],
  );
});
