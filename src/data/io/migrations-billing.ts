// Plans, subscriptions, the ledger, and answers kept by idempotency key.
import type { Migration } from "./migration-list.ts";

export const billingMigration: Migration = {
  name: "0010-billing",
  statements: [],
};
