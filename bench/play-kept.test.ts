import assert from "node:assert/strict";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { keptIn } from "./play-kept.ts";
import type { Showing } from "./play-showing.ts";

const folder = await mkdtemp(join(tmpdir(), "millrace-play-"));
after(() => rm(folder, { recursive: true, force: true }));

const one: Showing = {
  ...{ trace: "stairs", run: 1, player: "dash.js" },
  page: {
    end: "ended",
    firstFrameMs: 1,
    playhead: [],
    appended: [],
    decisions: 0,
    frames: { dropped: 5, total: 100 },
  },
  server: { served: [], changes: 3 },
};

test("[PY177] a stopped run finds what it finished; another run, and the run after a complete one, do not", async () => {
  const first = keptIn(folder, ["film", "rule"]);
  assert.equal(await first.find(one), undefined);
  await first.keep(one);
  const again = keptIn(folder, ["film", "rule"]);
  assert.deepEqual(await again.find(one), one);
  assert.equal(await again.find({ ...one, run: 2 }), undefined);
  assert.equal(await keptIn(folder, ["film", "another rule"]).find(one), undefined);
  const where = await again.complete();
  assert.ok((await stat(where)).isDirectory());
  assert.equal(await keptIn(folder, ["film", "rule"]).find(one), undefined);
});
