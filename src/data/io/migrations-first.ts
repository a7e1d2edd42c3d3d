// The first tables: accounts, catalogue, plans, playback, and what operators order.
import type { Migration } from "./migration-list.ts";

export const firstMigrations: readonly Migration[] = [
  {
    name: "0001-accounts",
    statements: [
      `create table account (
         id text primary key, email text not null, email_key text not null unique,
         password_hash text not null, role text not null, generation bigint not null default 0)`,
      `create table profile (
         id text primary key, account_id text not null references account (id), name text not null)`,
      `create index profile_account on profile (account_id)`,
      `create table cookie (
         token_hash text primary key, account_id text not null references account (id),
         opened_at_ms bigint not null, expires_at_ms bigint not null)`,
      `create index cookie_account on cookie (account_id)`,
    ],
  },
  {
    name: "0002-catalogue-and-plans",
    statements: [
      `create table title (
         id text primary key, name text not null, package jsonb not null, report jsonb not null,
         published_at_ms bigint not null)`,
      `create table counter (name text primary key, value bigint not null)`,
      `create table placement_plan (epoch bigint primary key, created_at_ms bigint not null, plan jsonb not null)`,
      `create table popularity (file_id text primary key, plays_per_day double precision not null)`,
    ],
  },
  {
    name: "0003-playback",
    statements: [
      `create table play_session (
         id text primary key, account_id text not null references account (id), profile_id text not null,
         title_id text not null, generation bigint not null, viewpoint text not null,
         started_at_ms bigint not null, unique (account_id, generation))`,
      `create index play_session_start on play_session (started_at_ms, title_id)`,
      `create table session_summary (session_id text primary key, last_seq bigint not null, summary jsonb not null)`,
      `create table bookmark (
         profile_id text not null, title_id text not null, ord bigint not null, position_ms bigint not null,
         duration_ms bigint not null, finished boolean not null, primary key (profile_id, title_id))`,
      `create table consumer (name text primary key, next_offset bigint not null)`,
    ],
  },
  {
    name: "0004-drains",
    statements: [`create table drain (appliance_id text primary key)`],
  },
  {
    name: "0005-experiments",
    statements: [
      `create table experiment (id text primary key, created_at_ms bigint not null, value jsonb not null)`,
    ],
  },
  {
    name: "0006-denials",
    statements: [
      `create table denial (kind text not null, id text not null, until_ms bigint not null, primary key (kind, id))`,
    ],
  },
];
