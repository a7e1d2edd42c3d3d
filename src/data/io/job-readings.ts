// What is asked of encode jobs without changing them.
import { type Kysely, sql } from "kysely";
import type { JobStore, JobWish, ListedJob, ListedRun } from "#data/ports-job.ts";
import type { Database } from "./database-access.ts";
import { clockMs, jobOf, wholeJob } from "./job-rows.ts";
import type { Schema } from "./schema.ts";

type Books = Pick<JobStore, "job" | "holds" | "list" | "events">;

export function bookReadings(database: Database): Books {
  return {
    async job(jobId) {
      const row = await database.use((db) =>
        db.selectFrom("job").selectAll().where("id", "=", jobId).executeTakeFirst(),
      );
      return row && wholeJob(row);
    },
    async holds({ jobId, tokenId, generation }) {
      const row = await database.use((db) =>
        db
          .selectFrom("job")
          .select("id")
          .where("id", "=", jobId)
          .where("state", "=", "leased")
          .where("lease_token_id", "=", tokenId)
          .where("generation", "=", generation)
          .where("lease_until_ms", ">", clockMs)
          .executeTakeFirst(),
      );
      return row !== undefined;
    },
    list: (wish) => list(database, wish),
    events: (jobId) =>
      database.use((db) =>
        db
          .selectFrom("job_event")
          .select(["job_id as jobId", "at_ms as atMs", "generation", "what", "worker"])
          .where("job_id", "=", jobId)
          .orderBy("at_ms")
          .orderBy("generation")
          .execute(),
      ),
  };
}

type Lists = Pick<JobStore, "runs" | "eventsSince">;

export function listReadings(database: Database): Lists {
  return {
    runs: (limit) => runs(database, limit),
    eventsSince: (sinceMs, limit) =>
      database.use((db) =>
        db
          .selectFrom("job_event")
          .innerJoin("job", "job.id", "job_event.job_id")
          .innerJoin("encode_run", "encode_run.id", "job.run_id")
          .select(["job_event.job_id as jobId", "job_event.at_ms as atMs", "job_event.generation"])
          .select(["job_event.what", "job_event.worker", "job.kind"])
          .select(["encode_run.title_id as titleId", "encode_run.name"])
          .where("job_event.at_ms", ">=", sinceMs)
          .orderBy("job_event.at_ms", "desc")
          .orderBy("job_event.job_id")
          .orderBy("job_event.what")
          .limit(limit)
          .execute(),
      ),
  };
}

async function runs(database: Database, limit: number): Promise<readonly ListedRun[]> {
  return database.use(async (db) => {
    const found = await db
      .selectFrom("encode_run")
      .select(["id", "title_id as titleId", "name", "master_id as masterId", "created_at_ms as createdAtMs"])
      .orderBy((is) => is.exists(openJobs(db)), "desc")
      .orderBy("created_at_ms", "desc")
      .orderBy("id")
      .limit(limit)
      .execute();
    if (found.length === 0) return [];
    const ids = found.map(({ id }) => id);
    const rows = await db
      .selectFrom("job")
      .select(["run_id", "state"])
      .select((is) => [
        is.fn.countAll<number>().as("count"),
        sql<number>`sum(case when paused then 1 else 0 end)`.as("paused"),
        is.fn.max("priority").as("priority"),
        is.fn.sum<number>("share").as("share"),
      ])
      .where("run_id", "in", ids)
      .groupBy(["run_id", "state"])
      .orderBy("state")
      .execute();
    return found.map((run) => ({
      ...run,
      states: rows
        .filter(({ run_id }) => run_id === run.id)
        .map(({ state, count, paused, priority, share }) => ({
          ...{ state, count: Number(count), paused: Number(paused) },
          ...{ priority: Number(priority), share: Number(share) },
        })),
    }));
  });
}

type Runs = Pick<JobStore, "run" | "results" | "openResults" | "runsOf">;

export function runReadings(database: Database): Runs {
  return {
    async run(runId) {
      const row = await database.use((db) =>
        db.selectFrom("encode_run").selectAll().where("id", "=", runId).executeTakeFirst(),
      );
      if (row === undefined) return undefined;
      const { id, name, title_id: titleId, master_id: masterId, created_at_ms: createdAtMs } = row;
      return { id, titleId, name, masterId, createdAtMs };
    },
    async results(runId) {
      const rows = await database.use((db) =>
        db
          .selectFrom("job")
          .select(["id", "result"])
          .where("run_id", "=", runId)
          .where("state", "=", "done")
          .orderBy("id")
          .execute(),
      );
      return rows.flatMap(({ id, result }) => (result === null ? [] : [{ jobId: id, manifest: result }]));
    },
    async openResults() {
      const rows = await database.use((db) =>
        db
          .selectFrom("job")
          .innerJoin("encode_run", "encode_run.id", "job.run_id")
          .select("job.result")
          .where("job.result", "is not", null)
          .where((is) => is.exists(openJobs(db)))
          .execute(),
      );
      return rows.flatMap(({ result }) => result ?? []);
    },
    async runsOf(titleId) {
      const rows = await database.use((db) =>
        db
          .selectFrom("encode_run")
          .select((is) => ["id", is.exists(openJobs(db)).as("isOpen")])
          .where("title_id", "=", titleId)
          .orderBy("created_at_ms")
          .orderBy("id")
          .execute(),
      );
      return rows.map(({ id, isOpen }) => ({ id, isOpen: Boolean(isOpen) }));
    },
  };
}

const listed = [
  ...(["id", "run_id", "kind", "base", "needs", "tools", "priority", "state", "paused", "waits"] as const),
  ...(["queued_at_ms", "rank_ms", "ready_at_ms", "attempt", "losses", "generation", "worker"] as const),
  ...(["lease_token_id", "lease_tools", "lease_until_ms", "begun_at_ms", "share", "reason"] as const),
  ...(["result", "done_at_ms"] as const),
].map((column) => `job.${column}` as const);

async function list(database: Database, wish: JobWish): Promise<readonly ListedJob[]> {
  const rows = await database.use((db) => {
    let query = db
      .selectFrom("job")
      .innerJoin("encode_run", "encode_run.id", "job.run_id")
      .select([...listed, "encode_run.title_id", "encode_run.name"]);
    if (wish.state !== undefined) query = query.where("job.state", "=", wish.state);
    if (wish.titleId !== undefined) query = query.where("encode_run.title_id", "=", wish.titleId);
    if (wish.worker !== undefined) query = query.where("job.worker", "=", wish.worker);
    return query
      .orderBy(sql`case when job.state = 'leased' then 0 when job.state = 'done' then 2 else 1 end`)
      .orderBy("job.rank_ms")
      .orderBy("job.id")
      .limit(wish.limit)
      .execute();
  });
  return rows.map((row) => ({ ...jobOf(row), titleId: row.title_id, name: row.name }));
}

/** Of the run that the query around it looks at: what is left to do, or may be by a retry. */
export function openJobs(db: Kysely<Schema>) {
  return db
    .selectFrom("job as open_job")
    .select("open_job.id")
    .where("open_job.run_id", "=", sql<string>`encode_run.id`)
    .where("open_job.state", "in", ["waiting", "queued", "leased"]);
}
