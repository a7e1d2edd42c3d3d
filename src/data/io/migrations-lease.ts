// Screens.
import type { Migration } from "./migration-list.ts";

export const leaseMigration: Migration = {
  name: "0011-lease",
  statements: [
    `alter table account add column paused_until_ms bigint not null default 0`,
    // No foreign key: a grant holds the account's row, and the check would cost a tenth of it. What an account that
    // was deleted leaves behind goes at the next start.
    `create table lease (
       account_id text not null, session_id text not null, device_id text not null, profile_id text not null,
       title_id text not null, generation bigint not null, granted_at_ms bigint not null,
       expires_at_ms bigint not null, ttl_ms bigint not null, grace_ms bigint not null,
       primary key (account_id, session_id))`,
    `create table lease_clock (
       id bigint primary key, shift_ms bigint not null, vouched_ms bigint not null, paused_until_ms bigint not null)`,
    `insert into lease_clock (id, shift_ms, vouched_ms, paused_until_ms) values (1, 0, 0, 0)`,
  ],
};

/** A start of a play touches no index for it: only sessions with long paths are in this one. */
export const longPathsMigration: Migration = {
  name: "0022-long-paths",
  statements: [
    `alter table play_session add column paths_end_ms bigint not null default 0`,
    `create index play_session_long_paths on play_session (paths_end_ms) where paths_end_ms > 0`,
  ],
};
