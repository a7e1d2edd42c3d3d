// Every migration in its order. One that has been released is never changed; a new one is added.
import { accountMigration } from "./migrations-account.ts";
import { billingMigration } from "./migrations-billing.ts";
import { catalogMigration } from "./migrations-catalog.ts";
import { drillMigration } from "./migrations-drill.ts";
import { entitlementMigration } from "./migrations-entitlement.ts";
import { firstMigrations } from "./migrations-first.ts";
import { historyMigration } from "./migrations-history.ts";
import { identityMigration } from "./migrations-identity.ts";
import { jobEventMigration, jobMigration } from "./migrations-job.ts";
import { leaseMigration, longPathsMigration } from "./migrations-lease.ts";
import { licenceMigration, signallingMigration } from "./migrations-licence.ts";
import { planeMigration } from "./migrations-plane.ts";
import { jobPartsMigration, ledgerMigration, playingMigration, qoeMigration } from "./migrations-qoe.ts";
import { tasteMigration } from "./migrations-taste.ts";
import { encryptOrderMigration, uploadMigration } from "./migrations-upload.ts";

export interface Migration {
  readonly name: string;
  readonly statements: readonly string[];
}

export const migrations: readonly Migration[] = [
  ...firstMigrations,
  entitlementMigration,
  accountMigration,
  identityMigration,
  billingMigration,
  leaseMigration,
  licenceMigration,
  catalogMigration,
  uploadMigration,
  jobMigration,
  tasteMigration,
  planeMigration,
  signallingMigration,
  encryptOrderMigration,
  historyMigration,
  qoeMigration,
  longPathsMigration,
  ledgerMigration,
  jobEventMigration,
  playingMigration,
  jobPartsMigration,
  drillMigration,
];
