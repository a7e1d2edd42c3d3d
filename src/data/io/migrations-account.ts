// Devices, profiles, password resets.
import type { Migration } from "./migration-list.ts";

export const accountMigration: Migration = {
  name: "0008-account",
  statements: [],
};
