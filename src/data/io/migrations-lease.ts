// Screens.
import type { Migration } from "./migration-list.ts";

export const leaseMigration: Migration = {
  name: "0011-lease",
  statements: [],
};
