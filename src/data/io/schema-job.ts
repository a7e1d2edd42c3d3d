// The tables of encode jobs as the queries see them.
import type { ColumnType } from "kysely";
import type { JobEventKind, JobKind, JobState } from "#model/job.ts";

export interface JobSchema {
  encode_run: { id: string; title_id: string; name: string; master_id: string; created_at_ms: number };
  job: {
    id: string;
    run_id: string;
    kind: JobKind;
    spec: ColumnType<unknown, string, string>;
    base: string;
    needs: string;
    tools: string | null;
    priority: number;
    state: JobState;
    paused: boolean;
    waits: number;
    queued_at_ms: number;
    rank_ms: number;
    ready_at_ms: number;
    attempt: number;
    losses: number;
    generation: number;
    worker: string | null;
    lease_token_id: string | null;
    lease_tools: string | null;
    lease_until_ms: number | null;
    begun_at_ms: number | null;
    share: number;
    reason: string | null;
    result: string | null;
    done_at_ms: number | null;
  };
  job_need: { job_id: string; needs_id: string };
  job_event: { job_id: string; at_ms: number; generation: number; what: JobEventKind; worker: string };
  /** `manifest`: sha256 of the list of files that the result is. */
  job_result: { key: string; manifest: string; made_at_ms: number };
}
