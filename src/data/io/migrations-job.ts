// Encode jobs.
import type { Migration } from "./migration-list.ts";

/** What workers did lately is asked again and again while the console shows it. */
export const jobEventMigration: Migration = {
  name: "0026-job-event-at",
  statements: ["create index job_event_at on job_event (at_ms)"],
};

export const jobMigration: Migration = {
  name: "0015-job",
  statements: [
    `create table encode_run (
       id text primary key, title_id text not null, name text not null, master_id text not null,
       created_at_ms bigint not null)`,
    `create table job (
       id text primary key, run_id text not null references encode_run (id), kind text not null,
       spec jsonb not null, base text not null, needs text not null, tools text, priority bigint not null,
       state text not null, paused boolean not null, waits bigint not null, queued_at_ms bigint not null,
       rank_ms bigint not null, ready_at_ms bigint not null, attempt bigint not null, losses bigint not null,
       generation bigint not null, worker text, lease_token_id text, lease_tools text, lease_until_ms bigint,
       begun_at_ms bigint, share double precision not null, reason text, result text, done_at_ms bigint)`,
    `create index job_next on job (state, rank_ms)`,
    `create index job_lease on job (state, lease_until_ms)`,
    `create index job_run on job (run_id)`,
    `create table job_need (
       job_id text not null references job (id), needs_id text not null, primary key (job_id, needs_id))`,
    `create index job_needed on job_need (needs_id)`,
    `create table job_event (
       job_id text not null references job (id), at_ms bigint not null, generation bigint not null,
       what text not null, worker text not null, primary key (job_id, at_ms, generation, what, worker))`,
    `create table job_result (key text primary key, manifest text not null, made_at_ms bigint not null)`,
  ],
};
