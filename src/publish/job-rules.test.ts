import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Job, NewJob } from "#model/job.ts";
import { rankOf, retryDelay } from "./job-order.ts";
import {
  beaten,
  cancelled,
  expired,
  failed,
  finished,
  handedBack,
  isFree,
  type JobRules,
  opened,
  paused,
  prioritised,
  retried,
  taken,
} from "./job-rules.ts";
import { followers, needsMet, needsOf, resultKey } from "./run-jobs.ts";

const rules: JobRules = {
  ...{ leaseMs: 30_000, agingMs: 60_000, attempts: 3, poison: 3, retryMs: 1000, retryMostMs: 60_000 },
};
const order: NewJob = {
  ...{ id: "r.1.1", runId: "r", kind: "trials", spec: {}, base: "b", needs: "h264", tools: "t" },
  ...{ priority: 4, after: [] },
};
const by = { worker: "w", tokenId: "k", tools: "t" };
const me = { generation: 1, tokenId: "k" };
const start = 1_000_000;

function leased(more: Partial<Job> = {}): Job {
  return { ...taken(opened(order, start, rules.agingMs), by, start, rules.leaseMs), ...more };
}

const later = (job: Job | undefined): Job => {
  assert.ok(job !== undefined);
  return job;
};

test("[PB30] a job waits, is queued, leased and done; then nothing happens to it any more", () => {
  const waiting = opened({ ...order, after: ["a", "b"] }, start, rules.agingMs);
  assert.equal(waiting.state, "waiting");
  const done = finished(leased(), me, "sha", start + 1);
  const one = later(done.dependents?.(waiting));
  assert.deepEqual([one.state, one.waits], ["waiting", 1]);
  assert.equal(later(done.dependents?.(one)).state, "queued");
  const over = later(done.job);
  assert.deepEqual([over.state, over.result, over.lease], ["done", "sha", undefined]);
  assert.equal(cancelled(over).answer, "over");
  assert.equal(retried(over, start).answer, "not-dead");
  assert.equal(expired(over, start + 1e9, rules).answer, "kept");
  assert.equal(failed(over, me, { reason: "x", again: "later", chance: 0 }, start, rules).answer, "lost");
});

test("[PB31] an older generation, another token and a lease that is over change nothing", () => {
  const job = leased();
  const strangers = [
    { who: { ...me, generation: 0 }, at: start + 1 },
    { who: { ...me, generation: 2 }, at: start + 1 },
    { who: { ...me, tokenId: "other" }, at: start + 1 },
    { who: me, at: start + rules.leaseMs },
  ];
  for (const { who, at } of strangers) {
    const steps = [
      beaten(job, who, 0.5, at, rules),
      finished(job, who, "sha", at),
      failed(job, who, { reason: "x", again: "never", chance: 0 }, at, rules),
      handedBack(job, who, at),
    ];
    for (const step of steps) assert.equal(step.job, undefined, JSON.stringify({ who, at, step }));
  }
  assert.equal(finished(job, me, "sha", start + rules.leaseMs - 1).answer, "done");
});

test("[PB32] a beat renews the lease from now, and a share never shrinks", () => {
  const beat = beaten(leased({ share: 0.5 }), me, 0.2, start + 10_000, rules);
  assert.deepEqual(beat.answer, { kind: "kept", untilMs: start + 40_000 });
  assert.deepEqual([beat.job?.share, beat.job?.lease?.untilMs], [0.5, start + 40_000]);
});

test("[PB33][PB34] lost leases go back to the queue, until too many in a row were lost", () => {
  const plenty = { ...rules, attempts: 100 };
  let job = leased();
  for (const count of [1, 2]) {
    const step = expired(job, start + rules.leaseMs, plenty);
    assert.equal(step.answer, "queued");
    job = later(step.job);
    assert.deepEqual([job.state, job.losses, job.attempt], ["queued", count, count]);
    assert.match(job.reason ?? "", /worker w was not heard of again/);
    job = taken(job, by, start, rules.leaseMs);
  }
  const spoken = failed(
    job,
    { ...me, generation: 3 },
    { reason: "x", again: "later", chance: 0 },
    start,
    plenty,
  );
  assert.equal(spoken.job?.losses, 0, "it said a word: it does not kill");
  const third = expired(job, start + rules.leaseMs, plenty);
  assert.equal(third.answer, "dead");
  assert.match(third.job?.reason ?? "", /3 workers in a row/);
});

test("[PB35][PB36] a failure is tried later, the last one is dead and holds what waits for it, until a retry", () => {
  const why = { reason: "the disk is full", again: "later", chance: 0 } as const;
  const first = failed(leased(), me, why, start, rules);
  assert.deepEqual([first.answer, first.job?.readyAtMs], ["queued", start + 1000]);
  assert.equal(isFree(later(first.job), start + 999), false);
  assert.equal(isFree(later(first.job), start + 1000), true);
  assert.equal(failed(leased(), me, { ...why, again: "never" }, start, rules).answer, "dead");
  const last = failed(leased({ attempt: 3 }), me, why, start, rules);
  assert.deepEqual([last.answer, last.job?.reason], ["dead", "the disk is full"]);
  const waiting = opened({ ...order, after: ["r.1.1"] }, start, rules.agingMs);
  const held = later(last.dependents?.(waiting));
  assert.equal(held.state, "held");
  assert.match(held.reason ?? "", /trials r\.1\.1 is dead: the disk is full/);
  const again = retried(later(last.job), start + 5);
  assert.deepEqual([again.job?.state, again.job?.attempt, again.job?.readyAtMs], ["queued", 0, start + 5]);
  assert.deepEqual([again.dependents?.(held).state, again.dependents?.(held).reason], ["waiting", undefined]);
});

test("[PB35] the wait doubles up to its limit, and chance takes up to half of it", () => {
  const chance = fc.double({ min: 0, max: 0.999, noNaN: true });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 200 }), chance, (attempt, share) => {
      const whole = Math.min(60_000, 1000 * 2 ** Math.min(attempt - 1, 40));
      const delay = retryDelay(attempt, 1000, 60_000, share);
      assert.ok(delay <= whole && delay >= Math.floor(whole / 2), `${attempt}: ${delay} of ${whole}`);
      assert.ok(retryDelay(attempt + 1, 1000, 60_000, share) >= delay);
    }),
    { seed: 35 },
  );
});

test("[PB37] a late result is the same or refused", () => {
  const done = later(finished(leased({ generation: 2 }), { ...me, generation: 2 }, "sha", start).job);
  assert.deepEqual(finished(done, me, "sha", start), { answer: "same", event: "same-late" });
  assert.deepEqual(finished(done, me, "other", start), { answer: "lost", event: "refused-late" });
  const again = finished(done, { ...me, generation: 2 }, "sha", start);
  assert.deepEqual(again, { answer: "same" }, "its answer was lost on the way, and it says it once more");
  const queued = later(expired(leased(), start + rules.leaseMs, rules).job);
  assert.equal(finished(queued, me, "sha", start + rules.leaseMs).answer, "lost");
});

test("[PB38] what is handed back is free at once and no try was used", () => {
  const { job } = handedBack(leased(), me, start + 7);
  assert.deepEqual([job?.state, job?.attempt, job?.readyAtMs, job?.generation], ["queued", 0, start + 7, 1]);
});

test("[PB39] cancelled and paused jobs are given to nobody; a cancelled one is lost to its holder", () => {
  const gone = later(cancelled(leased()).job);
  assert.equal(gone.state, "cancelled");
  assert.deepEqual(beaten(gone, me, 0, start + 1, rules).answer, { kind: "lost" });
  assert.equal(finished(gone, me, "sha", start + 1).answer, "lost");
  const queued = opened(order, start, rules.agingMs);
  const asleep = later(paused(queued, "pause").job);
  assert.equal(isFree(asleep, start), false);
  assert.equal(isFree(later(paused(asleep, "resume").job), start), true);
  const going = later(paused(leased(), "pause").job);
  assert.equal(finished(going, me, "sha", start + 1).answer, "done");
});

test("[PB40] priority goes first, age catches up, and nothing waits behind what came nine steps later", () => {
  const draw = fc.record({ at: fc.integer({ min: 0, max: 1e9 }), priority: fc.integer({ min: 0, max: 9 }) });
  fc.assert(
    fc.property(draw, draw, fc.integer({ min: 1, max: 1e7 }), (a, b, aging) => {
      const [first, second] = [rankOf(a.at, a.priority, aging), rankOf(b.at, b.priority, aging)];
      if (a.at === b.at && a.priority > b.priority) assert.ok(first < second);
      if (a.priority === b.priority && a.at < b.at) assert.ok(first < second);
      if (b.at - a.at > 9 * aging) assert.ok(first < second, "nobody waits without end");
    }),
    { seed: 40 },
  );
  const { job } = prioritised(opened(order, start, rules.agingMs), 12, rules.agingMs);
  assert.deepEqual([job?.priority, job?.rankMs], [9, start - 9 * 60_000]);
});

test("[PB41][PB42] what follows is named and hashed by what it comes from; the key knows the builds", () => {
  const digest = (text: string): string => `#${text}`;
  const parent = { runId: "r", base: "p", priority: 2 };
  const wish = { step: 1, needs: "h264", tools: "t", digest };
  const last = { kind: "choose", spec: { s: 1 } } as const;
  const made = followers(parent, { ...wish, kind: "trials", specs: [{ a: 1 }, { a: 2 }], last });
  assert.deepEqual(
    made.map(({ id, kind, after }) => ({ id, kind, after })),
    [
      { id: "r.1.1", kind: "trials", after: [] },
      { id: "r.1.2", kind: "trials", after: [] },
      { id: "r.1.0", kind: "choose", after: ["r.1.1", "r.1.2"] },
    ],
  );
  assert.deepEqual(followers(parent, { ...wish, kind: "trials", specs: [{ a: 1 }, { a: 2 }], last }), made);
  assert.equal(new Set(made.map(({ base }) => base)).size, 3);
  const elsewhere = followers(
    { ...parent, runId: "q" },
    { ...wish, kind: "trials", specs: [{ a: 1 }], last },
  );
  assert.equal(elsewhere[0]?.base, made[0]?.base, "equal work of another run has the same key");
  assert.ok(
    made.every(({ tools }) => tools === "t"),
    "a run goes on with the builds it began with",
  );
  assert.notEqual(resultKey({ base: "b" }, "t", digest), resultKey({ base: "b" }, "u", digest));
  const publish = followers(parent, { ...wish, kind: "publish", specs: [{}], last: undefined });
  assert.deepEqual([publish.length, publish[0]?.needs], [1, "control"]);
});

test("[PB43] a worker meets every need that is among its abilities, and no other", () => {
  const abilities = ["h264", "hevc", "vp9", "av1", "vmaf"];
  const some = fc.subarray(abilities, { minLength: 1 });
  fc.assert(
    fc.property(some, some, (can, wanted) => {
      const meets = wanted.every((ability) => can.includes(ability));
      assert.equal(needsMet(can).includes(needsOf(wanted)), meets);
      assert.equal(needsMet(can).includes("control"), false);
    }),
    { seed: 43 },
  );
});
