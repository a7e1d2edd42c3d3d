// Content keys.
import type { Migration } from "./migration-list.ts";

export const licenceMigration: Migration = {
  name: "0012-licence",
  statements: [
    // No foreign key: keys are there before the title that they encrypt, and stay after it.
    `create table content_key (
       title_id text not null, kid text not null, label text not null, kek_id text not null, nonce text not null,
       sealed text not null, created_at_ms bigint not null, ends_at_ms bigint,
       primary key (title_id, kid))`,
    `create unique index content_key_nonce on content_key (kek_id, nonce)`,
  ],
};

/** What key systems want to be signalled of a key. */
export const signallingMigration: Migration = {
  name: "0018-signalling",
  statements: [`alter table content_key add column signalling jsonb`],
};
