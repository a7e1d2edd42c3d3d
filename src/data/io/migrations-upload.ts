// Uploads and imports.
import type { Migration } from "./migration-list.ts";

export const uploadMigration: Migration = {
  name: "0014-upload",
  statements: [],
};
