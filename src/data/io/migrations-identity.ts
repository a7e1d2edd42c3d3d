// Sign-in by others, and the audit log.
import type { Migration } from "./migration-list.ts";

export const identityMigration: Migration = {
  name: "0009-identity",
  statements: [
    `create table identity (
       issuer text not null, subject text not null, account_id text not null references account (id) on delete cascade,
       linked_at_ms bigint not null, primary key (issuer, subject))`,
    `create index identity_of_account on identity (account_id)`,
    `alter table api_token add column appliance_id text`,
    `alter table api_token add column last_used_at_ms bigint`,
    `create table audit_row (
       seq bigint primary key, prior text not null, hash text not null, at_ms bigint not null, actor text not null,
       action text not null, object text not null, outcome text not null, address text not null,
       request_id text not null)`,
    `create table audit_head (
       name text primary key, seq bigint not null, hash text not null, first_seq bigint not null,
       first_prior text not null)`,
  ],
};
