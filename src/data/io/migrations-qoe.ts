// What the stream job says, and the job itself. Rows are told apart by the log they were made of: each machine has its own.
import type { Migration } from "./migration-list.ts";

const labels = `appliance text not null, network text not null, title text not null, device text not null`;
const figures = `events bigint not null, plays bigint not null, starts bigint not null, startup_ms bigint not null,
  start_failures bigint not null, exits bigint not null, failures bigint not null, play_ms bigint not null,
  stall_ms bigint not null, stalls bigint not null, switches bigint not null, played_bits bigint not null,
  height_ms bigint not null, responses bigint not null, bad_responses bigint not null`;

export const qoeMigration: Migration = {
  name: "0021-qoe",
  statements: [
    `alter table play_session add column network text not null default ''`,
    `alter table play_session add column device text not null default ''`,
    `create table qoe_job (name text primary key, position text not null, state text not null)`,
    `create table qoe_window (
       job text not null, division text not null, size_ms bigint not null, start_ms bigint not null, ${labels}, ${figures},
       startup_buckets text not null,
       primary key (division, size_ms, start_ms, appliance, network, title, device, job))`,
    `create table qoe_watching (
       job text not null, division text not null, size_ms bigint not null, start_ms bigint not null,
       appliance text not null, title text not null, watched_ms bigint not null, at_end bigint not null,
       primary key (division, size_ms, start_ms, appliance, title, job))`,
    `create table qoe_session (
       job text not null, session_id text not null, source text not null, start_ms bigint not null,
       end_ms bigint not null, site text not null, outcome text not null, ${labels}, ${figures},
       primary key (session_id, source, start_ms, job))`,
    `create index qoe_session_start on qoe_session (start_ms)`,
    `create table qoe_correction (
       job text not null, at_ms bigint not null, session_id text not null, source text not null, seq bigint not null,
       session_start_ms bigint not null, ${labels}, ${figures}, startup_buckets text not null,
       primary key (at_ms, session_id, source, seq, job))`,
  ],
};

export const ledgerMigration: Migration = {
  name: "0023-miss-ledger",
  statements: [
    `create table qoe_miss (
       job text not null, start_ms bigint not null, site text not null, late text not null, all_bytes bigint not null,
       offloaded_bytes bigint not null, best_bytes bigint not null, content_bytes bigint not null,
       health_bytes bigint not null, capacity_bytes bigint not null, other_bytes bigint not null,
       unjoined_bytes bigint not null, primary key (start_ms, site, late, job))`,
    // Of what was counted, events that stood for others, or for which others stand.
    ...["qoe_window", "qoe_correction"].map(
      (table) => `alter table ${table} add column estimates bigint not null default 0`,
    ),
  ],
};

export const playingMigration: Migration = {
  name: "0027-qoe-playing",
  // What sessions played, by codec and rule; empty where their players did not say.
  statements: ["codec", "rule"].map(
    (name) => `alter table qoe_session add column ${name} text not null default ''`,
  ),
};

export const jobPartsMigration: Migration = {
  name: "0030-job-parts",
  statements: [
    `create table qoe_job_part (name text not null, id bigint not null, part text not null, primary key (name, id))`,
  ],
};
