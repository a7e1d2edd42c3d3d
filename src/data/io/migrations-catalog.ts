// Versions of the catalogue, and its search.
import type { Migration } from "./migration-list.ts";

export const catalogMigration: Migration = {
  name: "0013-catalog",
  statements: [
    `create table work_pointer (name text primary key, version bigint not null)`,
    `insert into work_pointer (name, version) values ('newest', 0), ('indexed', 0)`,
    `create table work_version (
       version bigint primary key, created_at_ms bigint not null, works bigint not null, note text not null,
       pages jsonb not null)`,
    `create table work_page (hash text primary key, works jsonb not null, written_at_ms bigint not null)`,
    `create table picture (
       sha256 text primary key, type text not null, bytes bytea not null, created_at_ms bigint not null)`,
    `create table search_work (work_id text primary key, age bigint not null, doc tsvector not null)`,
    `create index search_work_doc on search_work using gin (doc)`,
    `create table search_key (
       key bytea not null, work_id text not null, age bigint not null, primary key (key, work_id))`,
    `create index search_key_work on search_key (work_id)`,
    `create table search_word (word text primary key)`,
  ],
};
