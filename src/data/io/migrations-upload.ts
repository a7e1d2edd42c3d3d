// Uploads and imports.
import type { Migration } from "./migration-list.ts";

export const uploadMigration: Migration = {
  name: "0014-upload",
  statements: [
    `create table arrival (
       id text primary key, kind text not null, account_id text not null references account (id),
       file_name text not null, title_name text not null, bytes bigint not null, sha256 text, url text,
       validator text, state text not null, refusal_code text, refusal text, master_id text,
       created_at_ms bigint not null, touched_at_ms bigint not null)`,
    `create index arrival_account on arrival (account_id, state)`,
    `create index arrival_state on arrival (state, touched_at_ms)`,
    `create table master (
       id text primary key, sha256 text not null unique, bytes bigint not null,
       account_id text not null, file_name text not null, title_name text not null,
       facts jsonb not null, created_at_ms bigint not null)`,
    `create index master_account on master (account_id)`,
    `create table publication (
       master_id text primary key references master (id), title_name text not null,
       account_id text not null, asked_at_ms bigint not null)`,
  ],
};

/** Orders say whether the title is encrypted. */
export const encryptOrderMigration: Migration = {
  name: "0019-encrypt-order",
  statements: [`alter table publication add column encrypt boolean not null default false`],
};
