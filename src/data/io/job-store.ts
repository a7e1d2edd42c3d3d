// Encode jobs in SQL: rows that are locked while a step is decided, and one statement that gives the next one out.
import { type Kysely, sql } from "kysely";
import type { AddedJob, Decide, JobChange, JobStore, TakeOrder } from "#data/ports-job.ts";
import type { Job, JobEventKind } from "#model/job.ts";
import { assert } from "#units/assert.ts";
import type { Database } from "./database-access.ts";
import { bookReadings, listReadings, openJobs, runReadings } from "./job-readings.ts";
import { changed, clockMs, rowOf, wholeJob } from "./job-rows.ts";
import { slices } from "./rows.ts";
import type { Schema } from "./schema.ts";

type Db = Kysely<Schema>;

export function jobStore(database: Database): JobStore {
  return {
    open: (run, first) =>
      database.transaction(async (db) => {
        const now = await nowIn(db);
        const made = await db
          .insertInto("encode_run")
          .values({
            ...{ id: run.id, title_id: run.titleId, name: run.name },
            ...{ master_id: run.masterId, created_at_ms: now },
          })
          .onConflict((conflict) => conflict.column("id").doNothing())
          .returning("id")
          .executeTakeFirst();
        if (made === undefined) return "there";
        await add(db, [{ job: first(now), after: [] }]);
        return "opened";
      }),
    take: (order) => database.transaction((db) => take(db, order)),
    change: (jobId, decide) => database.transaction((db) => change(db, jobId, decide)),
    changeRun: (runId, decide) =>
      database.transaction(async (db) => {
        const rows = await db
          .selectFrom("job")
          .selectAll()
          .where("run_id", "=", runId)
          .orderBy("id")
          .forUpdate()
          .execute();
        const now = await nowIn(db);
        for (const row of rows) await apply(db, wholeJob(row), decide(wholeJob(row), now), now);
        return rows.length;
      }),
    sweep: (decide, limit) => database.transaction((db) => sweep(db, decide, limit)),
    ...bookReadings(database),
    ...runReadings(database),
    ...listReadings(database),
    ...keptResults(database),
  };
}

/** The one statement: whoever meets a row that another is just taking goes on to the next. */
async function take(db: Db, order: TakeOrder): Promise<Job | undefined> {
  const { worker, tokenId, tools, needs, leaseMs } = order;
  if (needs.length === 0) return undefined;
  const row = await db
    .updateTable("job")
    .set((old) => ({
      state: "leased" as const,
      attempt: old("attempt", "+", 1),
      generation: old("generation", "+", 1),
      ...{ worker, lease_token_id: tokenId, lease_tools: tools, share: 0 },
      lease_until_ms: sql<number>`${clockMs} + ${sql.lit(Math.round(leaseMs))}`,
      begun_at_ms: clockMs,
    }))
    .where("id", "=", (from) =>
      from
        .selectFrom("job")
        .select("id")
        .where("state", "=", "queued")
        .where("paused", "=", false)
        .where("ready_at_ms", "<=", clockMs)
        .where("needs", "in", needs)
        .where((is) => is.or([is("tools", "is", null), is("tools", "=", tools)]))
        .orderBy("rank_ms")
        .orderBy("id")
        .limit(1)
        .forUpdate()
        .skipLocked(),
    )
    .returningAll()
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const job = wholeJob(row);
  assert(job.begunAtMs !== undefined, "a job that was taken has begun");
  await note(db, job, "taken", worker, job.begunAtMs);
  return job;
}

async function change<T>(db: Db, jobId: string, decide: Decide<T>): Promise<T | undefined> {
  const row = await db.selectFrom("job").selectAll().where("id", "=", jobId).forUpdate().executeTakeFirst();
  if (row === undefined) return undefined;
  const now = await nowIn(db);
  const job = wholeJob(row);
  const step = decide(job, now);
  await apply(db, job, step, now);
  return step.answer;
}

async function sweep(db: Db, decide: Decide<unknown>, limit: number): Promise<number> {
  const rows = await db
    .selectFrom("job")
    .selectAll()
    .where("state", "=", "leased")
    .where("lease_until_ms", "<=", clockMs)
    .orderBy("id")
    .limit(limit)
    .forUpdate()
    .skipLocked()
    .execute();
  if (rows.length === 0) return 0;
  const now = await nowIn(db);
  for (const row of rows) await apply(db, wholeJob(row), decide(wholeJob(row), now), now);
  return rows.length;
}

/** Everything that one step is, in the caller's transaction. */
async function apply(db: Db, before: Job, step: JobChange<unknown>, now: number): Promise<void> {
  const { job, event, dependents, spawn, keep } = step;
  if (job !== undefined) {
    await db.updateTable("job").set(changed(job)).where("id", "=", job.id).execute();
  }
  if (event !== undefined) await note(db, before, event, before.lease?.worker ?? "", now);
  if (keep !== undefined) {
    await db
      .insertInto("job_result")
      .values({ ...keep, made_at_ms: now })
      .onConflict((conflict) => conflict.column("key").doNothing())
      .execute();
  }
  if (dependents !== undefined) await tellDependents(db, before.id, dependents);
  if (spawn !== undefined) await add(db, spawn);
}

async function tellDependents(db: Db, jobId: string, become: (job: Job) => Job): Promise<void> {
  const waiting = await db
    .selectFrom("job")
    .selectAll()
    .where("id", "in", (from) => from.selectFrom("job_need").select("job_id").where("needs_id", "=", jobId))
    .orderBy("id")
    .forUpdate()
    .execute();
  for (const row of waiting) {
    await db
      .updateTable("job")
      .set(changed(become(wholeJob(row))))
      .where("id", "=", row.id)
      .execute();
  }
}

async function add(db: Db, added: readonly AddedJob[]): Promise<void> {
  for (const slice of slices(added)) {
    for (const { job, after } of slice) {
      const made = await db
        .insertInto("job")
        .values(rowOf(job))
        .onConflict((conflict) => conflict.column("id").doNothing())
        .returning("id")
        .executeTakeFirst();
      if (made === undefined) continue;
      for (const needs of slices(after)) {
        const rows = needs.map((needs_id) => ({ job_id: job.id, needs_id }));
        await db.insertInto("job_need").values(rows).execute();
      }
    }
  }
}

async function note(db: Db, job: Job, what: JobEventKind, worker: string, at: number): Promise<void> {
  await db
    .insertInto("job_event")
    .values({ job_id: job.id, at_ms: at, generation: job.generation, what, worker })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

async function nowIn(db: Db): Promise<number> {
  const { rows } = await sql<{ now: number }>`select ${clockMs} as now`.execute(db);
  const now = rows[0]?.now;
  assert(now !== undefined, "a database knows what time it is");
  return Number(now);
}

function keptResults(database: Database): Pick<JobStore, "kept" | "forgetResult" | "forget"> {
  return {
    async kept(key) {
      const row = await database.use((db) =>
        db.selectFrom("job_result").select("manifest").where("key", "=", key).executeTakeFirst(),
      );
      return row?.manifest;
    },
    async forgetResult(key) {
      await database.use((db) => db.deleteFrom("job_result").where("key", "=", key).execute());
    },
    forget: (olderThanMs) => database.transaction((db) => forget(db, olderThanMs)),
  };
}

async function forget(db: Db, olderThanMs: number): Promise<number> {
  const before = (await nowIn(db)) - olderThanMs;
  await db.deleteFrom("job_result").where("made_at_ms", "<", before).execute();
  const over = await db
    .selectFrom("encode_run")
    .select("id")
    .where("created_at_ms", "<", before)
    .where((is) => is.not(is.exists(openJobs(db))))
    .orderBy("id")
    .limit(100)
    .execute();
  for (const { id } of over) {
    const jobs = db.selectFrom("job").select("id").where("run_id", "=", id);
    await db.deleteFrom("job_event").where("job_id", "in", jobs).execute();
    await db.deleteFrom("job_need").where("job_id", "in", jobs).execute();
    await db.deleteFrom("job").where("run_id", "=", id).execute();
    await db.deleteFrom("encode_run").where("id", "=", id).execute();
  }
  return over.length;
}
