// Which control plane is the active one.
import type { Migration } from "./migration-list.ts";

export const planeMigration: Migration = {
  name: "0017-plane",
  statements: [
    `create table plane_hold (
       id text primary key, epoch bigint not null, holder text not null, host text not null, pid bigint not null,
       process text not null, secrets text not null, beats bigint not null, since_ms bigint not null,
       beat_ms bigint not null, life_ms bigint not null)`,
    `insert into plane_hold values ('active', 0, '', '', 0, '', '', 0, 0, 0, 0)`,
  ],
};
