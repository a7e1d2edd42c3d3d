// The trained model of taste, and a way to what a profile watched.
import type { Migration } from "./migration-list.ts";

export const tasteMigration: Migration = {
  name: "0016-taste",
  statements: [
    `alter table play_session add column region text not null default ''`,
    `create index play_session_profile_title on play_session (profile_id, title_id)`,
    `create table taste_model (
       name text primary key, version bigint not null, made_at_ms bigint not null, facts jsonb not null)`,
    `create table taste_weight (
       version bigint not null, title_id text not null, weights jsonb not null, primary key (version, title_id))`,
  ],
};
