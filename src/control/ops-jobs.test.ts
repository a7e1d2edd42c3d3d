import assert from "node:assert/strict";
import { test } from "node:test";
import type { ListedEvent, ListedJob, ListedRun } from "#data/ports-job.ts";
import type { JobEventKind } from "#model/job.ts";
import { lanesOf, opsEncodesOf, opsJobsOf } from "./ops-jobs.ts";

const job: ListedJob = {
  ...{ id: "r.1", runId: "r", titleId: "t", name: "Film", kind: "trials", base: "b", needs: "h264" },
  ...{ tools: undefined, priority: 4, state: "leased", paused: false, waits: 0, queuedAtMs: 1, rankMs: 1 },
  ...{ readyAtMs: 1, attempt: 1, losses: 0, generation: 3, begunAtMs: 1000, share: 0.5, reason: undefined },
  ...{ lease: { worker: "w", tokenId: "k", tools: "x", untilMs: 61_000 }, result: undefined },
  doneAtMs: undefined,
};

test("[CO440] a job says when its worker was heard last, and when it is given up", () => {
  const { atMs, jobs } = opsJobsOf([job, { ...job, lease: undefined }], 11_000, 60_000);
  assert.equal(atMs, 11_000);
  assert.deepEqual(
    jobs.map(({ heardAtMs, leaseUntilMs, etaSeconds }) => [heardAtMs, leaseUntilMs, etaSeconds]),
    [
      [1000, 61_000, 10],
      [null, null, 10],
    ],
  );
});

const event = (atMs: number, generation: number, what: JobEventKind, worker = "w"): ListedEvent => ({
  ...{ jobId: "r.1", atMs, generation, what, worker, kind: "trials", titleId: "t", name: "Film" },
});

test("[CO441] leases are spans of their workers: ended, under way, begun before, and none for what nobody worked on", () => {
  const events = [
    event(90, 2, "taken", "v"),
    event(80, 1, "lost"),
    event(70, 1, "taken"),
    event(60, 0, "failed", "v"),
    event(95, 5, "cancelled", ""),
    event(96, 2, "same-late", "v"),
  ];
  const found = lanesOf({ events, leased: [job], fromMs: 50, untilMs: 100, most: 6 });
  assert.equal(found.cut, true);
  assert.deepEqual(
    found.lanes.map(({ worker, spans }) => [worker, ...spans.map((s) => [s.fromMs, s.untilMs, s.end])]),
    [
      ["v", [null, 60, "failed"], [90, null, null]],
      ["w", [70, 80, "lost"], [null, null, null]],
    ],
  );
});

test("[CO442] a run is what the worst of its jobs is", () => {
  const one = { count: 2, paused: 0, priority: 4, share: 1 };
  const run = { id: "r", titleId: "t", name: "Film", masterId: "m", createdAtMs: 1 };
  const state = (...states: ListedRun["states"]) => opsEncodesOf([{ ...run, states }], 9).encodes[0];
  assert.equal(state({ ...one, state: "dead" }, { ...one, state: "leased" })?.state, "dead");
  assert.equal(state({ ...one, state: "queued", paused: 1 })?.state, "paused");
  assert.equal(state({ ...one, state: "done" }, { ...one, state: "leased" })?.state, "running");
  assert.equal(state({ ...one, state: "waiting" })?.state, "queued");
  assert.equal(state({ ...one, state: "done" }, { ...one, state: "cancelled" })?.state, "cancelled");
  const done = state({ ...one, state: "done", share: 2, paused: 2 });
  assert.deepEqual([done?.state, done?.share, done?.jobs.done, done?.paused], ["done", 1, 2, false]);
});
