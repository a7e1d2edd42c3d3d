// Versions of the catalogue, and its search.
import type { Migration } from "./migration-list.ts";

export const catalogMigration: Migration = {
  name: "0013-catalog",
  statements: [],
};
