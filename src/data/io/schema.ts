// The tables as the queries see them. Moments are milliseconds since 1970.
import type { ColumnType, Generated } from "kysely";
import type { ApiToken, Role } from "#data/ports.ts";
import type { Denial } from "#model/denial.ts";
import type { Standing } from "#model/entitlement.ts";
import type { TitlePackage } from "#model/package.ts";
import type { PlacementPlan } from "#model/placement.ts";
import type { SessionSummary } from "#model/playback.ts";
import type { AccountSchema } from "./schema-account.ts";
import type { BillingSchema } from "./schema-billing.ts";
import type { CatalogSchema } from "./schema-catalog.ts";
import type { HistorySchema } from "./schema-history.ts";
import type { IdentitySchema } from "./schema-identity.ts";
import type { JobSchema } from "./schema-job.ts";
import type { LeaseSchema } from "./schema-lease.ts";
import type { LicenceSchema } from "./schema-licence.ts";
import type { PlaneSchema } from "./schema-plane.ts";
import type { QoeSchema } from "./schema-qoe.ts";
import type { TasteTables } from "./schema-taste.ts";
import type { UploadSchema } from "./schema-upload.ts";

/** A JSON column: read as a value, written as text. */
type Json<T> = ColumnType<T, string, string>;

/** The tables; those of a larger subject stand in a file of their own (`schema-….ts`) and are joined here. */
export interface Schema
  extends TasteTables,
    LeaseSchema,
    AccountSchema,
    IdentitySchema,
    BillingSchema,
    CatalogSchema,
    UploadSchema,
    JobSchema,
    LicenceSchema,
    PlaneSchema,
    HistorySchema,
    QoeSchema {
  migration: { name: string; applied_at_ms: number };
  account: {
    id: string;
    email: string;
    /** The email without case, unique. */
    email_key: string;
    password_hash: string;
    role: Role;
    /** Generation of the latest play session. */
    generation: Generated<number>;
    standing: Generated<Standing>;
    screens: Generated<number>;
    max_height: Generated<number>;
    /** By the lease clock: no screens are granted before. */
    paused_until_ms: Generated<number>;
    locked: Generated<boolean>;
  };
  profile: {
    id: string;
    account_id: string;
    name: string;
    /** The one that every account has from its beginning. */
    main: Generated<boolean>;
    maturity: Generated<number>;
    language: Generated<string>;
    pin_hash: string | null;
  };
  api_token: {
    id: string;
    kind: ApiToken["kind"];
    name: string;
    token_hash: string;
    created_at_ms: number;
    expires_at_ms: number | null;
    appliance_id: string | null;
    last_used_at_ms: number | null;
  };
  title: {
    id: string;
    name: string;
    package: Json<TitlePackage>;
    report: Json<unknown>;
    published_at_ms: number;
  };
  /** Counters that rise under a row lock: the epoch of the latest plan. */
  counter: { name: string; value: number };
  placement_plan: { epoch: number; created_at_ms: number; plan: Json<PlacementPlan> };
  popularity: { file_id: string; plays_per_day: number };
  play_session: {
    id: string;
    account_id: string;
    profile_id: string;
    title_id: string;
    generation: number;
    viewpoint: string;
    started_at_ms: number;
    region: Generated<string>;
    network: Generated<string>;
    device: Generated<string>;
    /** When the last long path that was handed out for it ends; 0: none was. */
    paths_end_ms: Generated<number>;
  };
  session_summary: { session_id: string; last_seq: number; summary: Json<SessionSummary> };
  drain: { appliance_id: string };
  denial: { kind: Denial["kind"]; id: string; until_ms: number };
  drill: { id: string; created_at_ms: number; value: Json<unknown> };
  experiment: { id: string; created_at_ms: number; value: Json<unknown> };
  consumer: { name: string; next_offset: number };
}
