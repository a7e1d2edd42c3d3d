// Devices, profiles, slips that were mailed, invitations.
import type { Migration } from "./migration-list.ts";

export const accountMigration: Migration = {
  name: "0008-account",
  statements: [
    `create table device (
       id text primary key, account_id text not null references account (id), profile_id text not null,
       name text not null, nonce_hash text not null, generation bigint not null, rotated_at_ms bigint not null,
       opened_at_ms bigint not null, ends_at_ms bigint not null)`,
    `create index device_account on device (account_id)`,
    // A cookie's token cannot be made into a device's: only its hash is here. Everyone signs in once more.
    `drop table cookie`,
    `alter table profile add column pin_hash text`,
    `alter table account add column locked boolean not null default false`,
    `create table slip (
       token_hash text primary key, kind text not null, account_id text references account (id),
       email text not null, email_key text not null, facts jsonb not null, ends_at_ms bigint not null)`,
    `create index slip_email on slip (email_key, kind)`,
    `create index slip_account on slip (account_id)`,
    `create table invitation (
       id text primary key, code_hash text not null unique, note text not null, ends_at_ms bigint not null)`,
  ],
};
