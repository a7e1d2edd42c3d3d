// Drills: an appliance lost on purpose for a while.
import type { Migration } from "./migration-list.ts";

export const drillMigration: Migration = {
  name: "0031-drills",
  statements: [
    `create table drill (id text primary key, created_at_ms bigint not null, value jsonb not null)`,
  ],
};
