// A job as a row and back.
import { type RawBuilder, type Selectable, sql } from "kysely";
import type { Job } from "#model/job.ts";
import type { JobSchema } from "./schema-job.ts";

/** The database's clock, now and not when the transaction began. */
export const clockMs: RawBuilder<number> = sql<number>`cast(extract(epoch from clock_timestamp()) * 1000 as bigint)`;

type Row = Selectable<JobSchema["job"]>;

export function jobOf<R extends Omit<Row, "spec">>(row: R): Omit<Job, "spec"> {
  const { worker, lease_token_id: tokenId, lease_tools: tools, lease_until_ms: untilMs } = row;
  const lease =
    worker === null || tokenId === null || tools === null || untilMs === null
      ? undefined
      : { worker, tokenId, tools, untilMs };
  return {
    ...{ id: row.id, runId: row.run_id, kind: row.kind, base: row.base, needs: row.needs },
    ...{ tools: row.tools ?? undefined, priority: row.priority, state: row.state, paused: row.paused },
    ...{ waits: row.waits, queuedAtMs: row.queued_at_ms, rankMs: row.rank_ms, readyAtMs: row.ready_at_ms },
    ...{ attempt: row.attempt, losses: row.losses, generation: row.generation, lease, share: row.share },
    begunAtMs: row.begun_at_ms ?? undefined,
    reason: row.reason ?? undefined,
    result: row.result ?? undefined,
    doneAtMs: row.done_at_ms ?? undefined,
  };
}

export function wholeJob(row: Row): Job {
  return { ...jobOf(row), spec: row.spec };
}

/** What may change in a row. */
export function changed(
  job: Omit<Job, "spec">,
): Omit<Row, "spec" | "id" | "run_id" | "kind" | "base" | "needs"> {
  const { lease } = job;
  return {
    ...{ tools: job.tools ?? null, priority: job.priority, state: job.state, paused: job.paused },
    ...{ waits: job.waits, queued_at_ms: job.queuedAtMs, rank_ms: job.rankMs, ready_at_ms: job.readyAtMs },
    ...{ attempt: job.attempt, losses: job.losses, generation: job.generation, share: job.share },
    ...{ worker: lease?.worker ?? null, lease_token_id: lease?.tokenId ?? null },
    ...{ lease_tools: lease?.tools ?? null, lease_until_ms: lease?.untilMs ?? null },
    ...{ begun_at_ms: job.begunAtMs ?? null, reason: job.reason ?? null },
    ...{ result: job.result ?? null, done_at_ms: job.doneAtMs ?? null },
  };
}

export function rowOf(job: Job): Omit<Row, "spec"> & { spec: string } {
  const { id, runId: run_id, kind, base, needs } = job;
  return { ...changed(job), id, run_id, kind, base, needs, spec: JSON.stringify(job.spec) };
}
