// Encode jobs.
import type { Migration } from "./migration-list.ts";

export const jobMigration: Migration = {
  name: "0015-job",
  statements: [],
};
