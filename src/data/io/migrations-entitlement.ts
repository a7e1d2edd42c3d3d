// What an account may do, and programs that come in with a token.
import type { Migration } from "./migration-list.ts";

export const entitlementMigration: Migration = {
  name: "0007-entitlement",
  statements: [
    `alter table account add column standing text not null default 'good'`,
    `alter table account add column screens bigint not null default 4`,
    `alter table account add column max_height bigint not null default 4320`,
    `alter table profile add column main boolean not null default true`,
    `alter table profile add column maturity bigint not null default 18`,
    `alter table profile add column language text not null default 'en'`,
    // Operators could do everything before there were admins.
    `update account set role = 'admin' where role = 'operator'`,
    `create table api_token (
       id text primary key, kind text not null, name text not null, token_hash text not null unique,
       created_at_ms bigint not null, expires_at_ms bigint)`,
  ],
};
