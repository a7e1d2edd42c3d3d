// Content keys.
import type { Migration } from "./migration-list.ts";

export const licenceMigration: Migration = {
  name: "0012-licence",
  statements: [],
};
