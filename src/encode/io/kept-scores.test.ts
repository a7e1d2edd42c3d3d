import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { Metric } from "#model/encoded.ts";
import { keepScores, keptScores } from "./kept-scores.ts";
import { keepValue } from "./vault.ts";

const metric: Metric = {
  ...{ name: "vmaf", model: "vmaf_v0.6.1", pooling: "mean" },
  ...{ displayWidth: 640, displayHeight: 360, subsample: 3 },
};

test("[EN81] scores lie beside how they were made, and what was made otherwise is no answer", async () => {
  const folder = await mkdtemp(join(tmpdir(), "millrace-scores-"));
  try {
    const path = join(folder, "a.json");
    assert.equal(await keptScores(path, metric), undefined);
    await keepScores(path, metric, [[0, 97.5]]);
    const { value } = JSON.parse(await readFile(path, "utf8"));
    assert.deepEqual(value, { metric, scores: [[0, 97.5]] });
    assert.deepEqual(await keptScores(path, metric), [[0, 97.5]]);
    const others: readonly Metric[] = [
      { ...metric, name: "ssim" },
      { ...metric, model: "vmaf_4k_v0.6.1" },
      { ...metric, displayWidth: 320 },
      { ...metric, displayHeight: 180 },
      { ...metric, subsample: 1 },
    ];
    for (const other of others) assert.equal(await keptScores(path, other), undefined, JSON.stringify(other));
    const shuffled = Object.fromEntries(Object.entries(metric).toReversed());
    await keepValue(path, { metric: shuffled, scores: 1 });
    assert.equal(await keptScores(path, metric), 1, "the order of the fields says nothing");
    const foreign: readonly unknown[] = [
      { scores: 1 },
      { metric },
      { metric: "vmaf", scores: 1 },
      { metric: { ...metric, pooling: "harmonic" }, scores: 1 },
      { metric: { ...metric, phone: true }, scores: 1 },
      [[0, 97.5]],
      null,
    ];
    for (const value of foreign) {
      await keepValue(path, value);
      assert.equal(await keptScores(path, metric), undefined, JSON.stringify(value));
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});
