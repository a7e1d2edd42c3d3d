// The trained model of taste.
import type { Migration } from "./migration-list.ts";

export const tasteMigration: Migration = {
  name: "0016-taste",
  statements: [],
};
