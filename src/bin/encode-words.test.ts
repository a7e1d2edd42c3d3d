import assert from "node:assert/strict";
import { test } from "node:test";
import { metricFor } from "#encode/rungs.ts";
import { wordsFor } from "./encode-words.ts";

const display = { width: 640, height: 360 };

test("[EN112] the metric is said once, by its own name, with the reason when it is not VMAF", () => {
  const said = (hasVmaf: boolean): string | undefined =>
    wordsFor({ kind: "metric", metric: metricFor(hasVmaf, display, 3) });
  assert.equal(said(false), "metric       SSIM × 100 (no libvmaf; npm start fetches it)");
  assert.equal(said(true), "metric       VMAF, model vmaf_v0.6.1, every third frame");
});
