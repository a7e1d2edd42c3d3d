import assert from "node:assert/strict";
import { test } from "node:test";
import { framesDone } from "#encode/progress-text.ts";
import { paceOver } from "./progress.ts";
import { stageTeller, type Working } from "./stage-teller.ts";

test("[EN118] the newest block of ffmpeg's progress counts, whatever the tail cut off", () => {
  assert.equal(framesDone(""), 0);
  assert.equal(framesDone("e=12\nfps=3\nprogress=continue\nframe=48\nfps=0.0\nprogress=end\n"), 48);
  assert.equal(framesDone("frame=  7\nprogress=continue\nfra"), 7);
  assert.equal(framesDone("frame=7\nprogress=continue\nframe=81"), 81);
});

test("[EN118] a stage is told when it begins, then once a second, with the time to go", () => {
  let time = 0;
  const told: Working[] = [];
  const tell = stageTeller(
    (working) => told.push(working),
    () => time,
  );
  tell("probing");
  tell("shots", 0);
  for (let frame = 1; frame <= 100; frame++) {
    time += 20;
    tell("shots", frame / 100);
  }
  assert.deepEqual(told, [
    { stage: "probing", share: undefined, etaSeconds: undefined },
    { stage: "shots", share: 0, etaSeconds: undefined },
    { stage: "shots", share: 0.5, etaSeconds: 1 },
    { stage: "shots", share: 1, etaSeconds: 0 },
  ]);
});

test("[EN118] half an item counts for half its work, and not as done", () => {
  let time = 0;
  const pace = paceOver(
    [1, 3],
    (work) => work,
    2,
    () => time,
  );
  assert.deepEqual(pace.now(), { done: 2, total: 4, reused: 2, share: 0, etaSeconds: undefined });
  assert.equal(pace.partly(3, 0.3), undefined, "too soon after the last word");
  time = 3000;
  const early = { done: 2, total: 4, reused: 2, share: 0.375, etaSeconds: undefined };
  assert.deepEqual(pace.partly(3, 0.5), early, "its first moments say nothing of its pace");
  time = 6000;
  assert.equal(pace.partly(3, 0.5)?.etaSeconds, 10);
  assert.deepEqual(pace.finished(3), { done: 3, total: 4, reused: 2, share: 0.75, etaSeconds: 2 });
});
