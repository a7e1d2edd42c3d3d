// Viewing history, for installations that keep it in this database, and erasures that are still to be carried out.
import type { Migration } from "./migration-list.ts";

export const historyMigration: Migration = {
  name: "0020-history",
  statements: [
    `alter table bookmark add column removed boolean not null default false`,
    `create table history_live (
       profile_id text not null, title_id text not null, generation bigint not null, ord bigint not null,
       started_at_ms bigint not null, last_seen_ms bigint not null, position_ms bigint not null,
       primary key (profile_id, generation, title_id))`,
    `create index history_live_start on history_live (started_at_ms)`,
    `create table history_roll (
       profile_id text not null, roll text not null, version bigint not null, ord bigint not null,
       chunks jsonb not null, primary key (profile_id, roll))`,
    `create table history_chunk (
       profile_id text not null, roll text not null, chunk bigint not null, body bytea not null,
       primary key (profile_id, roll, chunk))`,
    `create table history_erasure (profile_id text primary key, asked_at_ms bigint not null)`,
  ],
};
