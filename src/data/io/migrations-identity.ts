// Sign-in by others, and the audit log.
import type { Migration } from "./migration-list.ts";

export const identityMigration: Migration = {
  name: "0009-identity",
  statements: [],
};
