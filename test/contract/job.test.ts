// Encode jobs on every database there is.
import assert from "node:assert/strict";
import type { JobStore } from "#data/ports-job.ts";
import type { Job, NewJob } from "#model/job.ts";
import { beaten, cancelled, expired, failed, finished, type JobRules, opened } from "#publish/job-rules.ts";
import { MemoryJobs } from "#test/fixtures/memory-job.ts";
import { seededRandom } from "#units/random.ts";
import { fresh, onEach } from "./stores-builders.ts";

const hour = 3_600_000;
const rules: JobRules = {
  ...{ leaseMs: hour, agingMs: 1000, attempts: 1000, poison: 1000, retryMs: 0, retryMostMs: 0 },
};

function newJob(runId: string, name: string, more: Partial<NewJob> = {}): NewJob {
  return {
    ...{ id: `${runId}.${name}`, runId, kind: "survey", spec: { deep: [1, null, "ż"] }, base: `b ${name}` },
    ...{ needs: "h264", tools: undefined, priority: 4, after: [] },
    ...more,
  };
}

/** A run whose first job is done and has left these behind; nothing else is free in its database for `needs`. */
async function runOf(
  jobs: JobStore,
  orders: (runId: string) => readonly NewJob[],
  now?: number,
): Promise<string> {
  const runId = `r${fresh()}`;
  const needs = `first-${runId}`;
  const run = { id: runId, titleId: `t-${runId}`, name: "Film", masterId: "m" };
  assert.equal(
    await jobs.open(run, (at) => opened(newJob(runId, "0.0", { needs }), now ?? at, 1000)),
    "opened",
  );
  assert.equal(await jobs.open(run, (at) => opened(newJob(runId, "0.0", { needs }), at, 1000)), "there");
  const first = await take(jobs, { needs: [needs] });
  const answer = await jobs.change(first.id, (job, at) => ({
    ...finished(job, holder(first), "result", at),
    spawn: orders(runId).map((order) => ({ job: opened(order, at, 1000), after: order.after })),
    keep: { key: `key ${runId}`, manifest: "result" },
  }));
  assert.equal(answer, "done");
  return runId;
}

async function take(
  jobs: JobStore,
  more: { readonly needs: readonly string[]; readonly tools?: string },
): Promise<Job> {
  const job = await jobs.take({ worker: "w", tokenId: "k", tools: "x", leaseMs: hour, ...more });
  assert.ok(job !== undefined, "there is a free job");
  return job;
}

function holder({ generation }: Job): { readonly generation: number; readonly tokenId: string } {
  return { generation, tokenId: "k" };
}

onEach(
  "[DA85] takers at once each get another job, the lowest rank first, and only what they can do",
  async ({ jobs }) => {
    const needs = `n-${fresh()}`;
    await runOf(jobs, (runId) => [
      ...Array.from({ length: 8 }, (_, n) => newJob(runId, `1.${n}`, { needs, priority: n, tools: "x" })),
      newJob(runId, "2.0", { needs, tools: "other builds" }),
      newJob(runId, "2.1", { needs: `${needs}+vmaf` }),
      newJob(runId, "2.2", { needs, after: ["nothing"] }),
    ]);
    const order = { worker: "w", tokenId: "k", tools: "x", needs: [needs], leaseMs: hour };
    const taken = await Promise.all(Array.from({ length: 12 }, () => jobs.take(order)));
    const ids = taken.flatMap((job) => job?.id.split(".").slice(1).join(".") ?? []);
    assert.equal(ids.length, 8, ids.join(" "));
    assert.equal(new Set(ids).size, 8, "nobody gets what another has");
    const one = taken.find((job) => job?.id.endsWith(".1.7"));
    assert.deepEqual(
      [one?.state, one?.attempt, one?.generation, one?.lease?.worker, one?.lease?.tokenId, one?.spec],
      ["leased", 1, 1, "w", "k", { deep: [1, null, "ż"] }],
    );
    // One statement reads the clock for each.
    assert.ok(Math.abs((one?.lease?.untilMs ?? 0) - (one?.begunAtMs ?? 0) - hour) < 60_000);
    assert.ok((await take(jobs, { needs: [needs], tools: "other builds" })).id.endsWith(".2.0"));
    assert.ok((await take(jobs, { needs: [`${needs}+vmaf`] })).id.endsWith(".2.1"));
    const ranked = await runOf(jobs, (runId) =>
      [0, 9, 4].map((priority) => newJob(runId, `1.${priority}`, { needs, priority })),
    );
    const next = [await take(jobs, { needs: [needs] }), await take(jobs, { needs: [needs] })];
    assert.deepEqual(
      next.map(({ id }) => id),
      [`${ranked}.1.9`, `${ranked}.1.4`],
    );
  },
);

onEach(
  "[DA86] steps on one job come one after the other: of many results at once one is done, with all that follows",
  async ({ jobs }) => {
    const needs = `n-${fresh()}`;
    const runId = await runOf(jobs, (run) => [
      newJob(run, "1.1", { needs }),
      newJob(run, "1.2", { needs }),
      newJob(run, "1.0", { needs: `${needs}-last`, after: [`${run}.1.1`, `${run}.1.2`] }),
    ]);
    const both = [await take(jobs, { needs: [needs] }), await take(jobs, { needs: [needs] })];
    const stateOf = async (name: string): Promise<string | undefined> =>
      (await jobs.job(`${runId}.${name}`))?.state;
    const answers = await Promise.all(
      both.flatMap((job) =>
        ["a", "b", "c"].map((result) =>
          jobs.change(job.id, (now, at) => {
            const step = finished(now, holder(job), result, at);
            if (step.answer !== "done") return step;
            const spawn = [
              { job: opened(newJob(runId, `9.${result}`, { needs: "none" }), at, 1000), after: [] },
            ];
            return { ...step, spawn, keep: { key: `${job.id}`, manifest: result } };
          }),
        ),
      ),
    );
    assert.equal(answers.filter((answer) => answer === "done").length, 2, answers.join(" "));
    assert.equal(await stateOf("1.0"), "queued", "both that it waited for are done");
    for (const job of both) {
      const now = await jobs.job(job.id);
      assert.deepEqual([now?.state, await jobs.kept(job.id)], ["done", now?.result]);
      assert.equal(await stateOf(`9.${now?.result}`), "queued");
      const done = (await jobs.events(job.id)).filter(({ what }) => what === "done");
      assert.equal(done.length, 1);
    }
    const broken = jobs.change(`${runId}.1.0`, (job) => {
      const twice = { key: `${runId}.never`, manifest: "x" };
      const wrong = { ...job, id: `${runId}.new`, base: "\0" };
      return { answer: "no", job: { ...job, share: 0.5 }, keep: twice, spawn: [{ job: wrong, after: [] }] };
    });
    await assert.rejects(broken);
    assert.equal((await jobs.job(`${runId}.1.0`))?.share, 0, "nothing of a step that failed stays");
    assert.equal(await jobs.kept(`${runId}.never`), undefined);
    assert.equal(await jobs.change("nothing", () => ({ answer: 1 })), undefined);
  },
);

onEach(
  "[DA87] the clock is the database's and is read after the lock: who is later sees a later moment",
  async ({ jobs }) => {
    const needs = `n-${fresh()}`;
    const runId = await runOf(jobs, (run) => [newJob(run, "1.1", { needs })]);
    const id = `${runId}.1.1`;
    const seen = await Promise.all(
      Array.from({ length: 40 }, () =>
        jobs.change(id, (job, at) => ({
          answer: { waits: job.waits, at },
          job: { ...job, waits: job.waits + 1 },
        })),
      ),
    );
    const inOrder = seen.toSorted((a, b) => (a?.waits ?? 0) - (b?.waits ?? 0));
    assert.deepEqual(
      inOrder.map((step) => step?.waits),
      Array.from({ length: 40 }, (_, n) => n),
    );
    for (const [n, step] of inOrder.entries()) {
      assert.ok(
        (step?.at ?? 0) >= (inOrder[n - 1]?.at ?? 0),
        "a moment before the one of who had the lock before",
      );
    }
    const short = await jobs.take({ worker: "w", tokenId: "k", tools: "x", needs: [needs], leaseMs: 0 });
    assert.ok(short !== undefined);
    assert.equal(
      await jobs.holds({ jobId: id, tokenId: "k", generation: 1 }),
      false,
      "its lease is over at once",
    );
    const expire = (job: Job, now: number) => expired(job, now, rules);
    assert.ok((await jobs.sweep(expire, 100)) >= 1);
    assert.equal((await jobs.job(id))?.state, "queued");
    const long = await take(jobs, { needs: [needs] });
    assert.equal(long.generation, 2);
    assert.equal(await jobs.holds({ jobId: id, tokenId: "k", generation: 2 }), true);
    assert.equal(await jobs.holds({ jobId: id, tokenId: "k", generation: 1 }), false);
    assert.equal(await jobs.holds({ jobId: id, tokenId: "other", generation: 2 }), false);
  },
);

onEach(
  "[DA88] runs are listed, changed as a whole, and forgotten when nothing of them is left to do",
  async ({ jobs }) => {
    const needs = `n-${fresh()}`;
    const runId = await runOf(jobs, (run) => [newJob(run, "1.1", { needs }), newJob(run, "1.2", { needs })]);
    const titleId = `t-${runId}`;
    await take(jobs, { needs: [needs] });
    const listed = await jobs.list({ titleId, limit: 10 });
    assert.deepEqual(
      listed.map(({ state }) => state),
      ["leased", "queued", "done"],
    );
    assert.deepEqual(
      [listed[0]?.name, listed[0]?.titleId, "spec" in (listed[0] ?? {})],
      ["Film", titleId, false],
    );
    const own = (await jobs.runs(1000)).find(({ id }) => id === runId);
    assert.deepEqual(
      own?.states.map(({ state, count, paused }) => [state, count, paused]),
      [
        ["done", 1, 0],
        ["leased", 1, 0],
        ["queued", 1, 0],
      ],
    );
    const [latest] = (await jobs.eventsSince(0, 1000)).filter((event) => event.titleId === titleId);
    assert.deepEqual([latest?.what, latest?.name, latest?.worker !== ""], ["taken", "Film", true]);
    assert.equal((await jobs.eventsSince(0, 1)).length, 1);
    assert.equal((await jobs.list({ titleId, state: "queued", limit: 10 })).length, 1);
    assert.equal((await jobs.list({ titleId, worker: "w", limit: 10 })).length, 1);
    assert.equal((await jobs.list({ titleId, limit: 2 })).length, 2);
    assert.deepEqual(await jobs.runsOf(titleId), [{ id: runId, isOpen: true }]);
    assert.deepEqual(await jobs.results(runId), [{ jobId: `${runId}.0.0`, manifest: "result" }]);
    assert.ok((await jobs.openResults()).includes("result"));
    await jobs.forget(-hour);
    assert.ok((await jobs.run(runId)) !== undefined, "something is left to do");
    assert.equal(await jobs.changeRun(runId, (job) => cancelled(job)), 3);
    assert.deepEqual(await jobs.runsOf(titleId), [{ id: runId, isOpen: false }]);
    await jobs.forget(hour);
    assert.ok((await jobs.run(runId)) !== undefined, "it is young");
    assert.ok((await jobs.forget(-hour)) >= 1);
    assert.deepEqual([await jobs.run(runId), await jobs.job(`${runId}.1.1`)], [undefined, undefined]);
    assert.equal(await jobs.kept(`key ${runId}`), undefined, "results go with their time");
  },
);

/** The same steps, whatever keeps the jobs. */
async function program(jobs: JobStore, seed: number): Promise<readonly string[]> {
  const chance = seededRandom(seed);
  const needs = `n-${fresh()}`;
  const runId = await runOf(jobs, (run) => {
    const names = ["1.1", "1.2", "1.3"];
    const first = names.map((name, n) => newJob(run, name, { needs, priority: n }));
    return [...first, newJob(run, "1.0", { needs, after: names.map((name) => `${run}.${name}`) })];
  });
  const held: Job[] = [];
  const said: string[] = [];
  for (let count = 0; count < 60; count++) {
    const dice = chance.next();
    if (dice < 0.4) {
      const job = await jobs.take({ worker: "w", tokenId: "k", tools: "x", needs: [needs], leaseMs: hour });
      said.push(`took ${job?.id.slice(runId.length) ?? "nothing"}`);
      if (job !== undefined) held.push(job);
      continue;
    }
    const job = held[chance.integer(0, Math.max(0, held.length - 1))];
    if (job === undefined) continue;
    const failure = { reason: "x", again: chance.next() < 0.2 ? "never" : "later", chance: 0 } as const;
    const result = `result ${chance.integer(0, 1)}`;
    const answer = await jobs.change<unknown>(job.id, (now, at) => {
      if (dice < 0.6) return { ...beaten(now, holder(job), dice, at, rules), answer: "beat" };
      if (dice < 0.75) return finished(now, holder(job), result, at);
      return failed(now, holder(job), failure, at, rules);
    });
    said.push(`${job.id.slice(runId.length)} ${answer}`);
  }
  const books = await jobs.list({ titleId: `t-${runId}`, limit: 100 });
  const facts = books.map(({ id, state, attempt, generation, waits, share, result, reason }) =>
    JSON.stringify([
      id.slice(runId.length),
      state,
      attempt,
      generation,
      waits,
      share,
      result,
      reason?.replaceAll(runId, ""),
    ]),
  );
  return [...said, ...facts.sort()];
}

onEach("[DA89] a database and memory say the same to the same steps", async ({ jobs }) => {
  for (const seed of [1, 2, 3, 4]) {
    assert.deepEqual(await program(jobs, seed), await program(new MemoryJobs(), seed), `seed ${seed}`);
  }
});
