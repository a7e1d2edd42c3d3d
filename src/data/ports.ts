// What the rest of Millrace needs from the data tier. One contract suite runs against every adapter of each port.
// Promises: accounts, devices, titles, plans and play sessions are strictly serialisable and on disk when a call
// returns; bookmarks are idempotent and commutative (the highest ord wins); the event log never acknowledges a record
// before it is on disk.
import type { Denial } from "#model/denial.ts";
import type { Entitlement } from "#model/entitlement.ts";
import type { HeldScreen, Lease } from "#model/lease.ts";
import type { TitlePackage } from "#model/package.ts";
import type { PlacementPlan } from "#model/placement.ts";
import type { Bookmark, PlayRecord, PlaySession, SessionSummary } from "#model/playback.ts";
import type { Fault } from "#units/fault.ts";
import type { AuditEntry } from "./audit-chain.ts";
import type {
  DeviceStore,
  InvitationStore,
  ProfileStore,
  RegisterStore,
  SlipStore,
} from "./ports-account.ts";
import type { BackupFacts } from "./ports-backup.ts";
import type { BillingStore, KeyStore } from "./ports-billing.ts";
import type { PictureStore, SearchStore, WorkStore } from "./ports-catalog.ts";
import type { ErasureStore, HistoryStore } from "./ports-history.ts";
import type { AuditStore, IdentityStore } from "./ports-identity.ts";
import type { JobStore } from "./ports-job.ts";
import type { ContentKeyStore } from "./ports-licence.ts";
import type { QoeStore } from "./ports-qoe.ts";
import type { TasteStore } from "./ports-taste.ts";
import type { UploadStore } from "./ports-upload.ts";

export type { Bookmark, LoggedBeacon, PlayRecord, PlaySession, SessionSummary } from "#model/playback.ts";

/** An admin is an operator who also manages accounts, roles, tokens and money. */
export type Role = "viewer" | "operator" | "admin";

export interface Account {
  readonly id: string;
  readonly email: string;
  /** PHC string: $argon2id$v=19$m=…,t=…,p=…$salt$hash */
  readonly passwordHash: string;
  readonly role: Role;
  /** The profile in use: the one chosen on this device, or the account's main one. */
  readonly profileId: string;
  readonly profileName: string;
  /** Years: what may be shown to this profile. 18: everything. */
  readonly maturity: number;
  /** BCP 47. */
  readonly language: string;
  readonly entitlement: Entitlement;
}

/** An account as it comes in by a browser that signed in. */
export interface Viewer extends Account {
  /** Of the sign-in: the same until this browser signs out. Its profile is the one that it chose. */
  readonly deviceId: string;
}

export type NewAccount = Pick<Account, "email" | "passwordHash" | "role" | "profileName"> & {
  /** Absent: `unsold`. */
  readonly entitlement?: Entitlement;
};

export interface AccountStore {
  /** Refuses an email that is taken (compared without case). Creates one profile with it. */
  create(order: NewAccount): Promise<Account | "email-taken">;
  byEmail(email: string): Promise<Account | undefined>;
  byId(id: string, signal?: AbortSignal): Promise<Account | undefined>;
  /** With `from`, only if it is the present one still: else nothing changes. */
  setPassword(accountId: string, passwordHash: string, from?: string): Promise<void>;
}

/** A program that comes in with a token instead of a person's cookie. */
export interface ApiToken {
  readonly id: string;
  readonly kind: "worker" | "appliance";
  /** As an operator named it. */
  readonly name: string;
  readonly createdAtMs: number;
  /** undefined: until it is revoked. */
  readonly expiresAtMs: number | undefined;
  /** An appliance's token opens for this appliance alone. */
  readonly applianceId?: string;
  /** To the hour; absent: never. */
  readonly lastUsedAtMs?: number;
}

export interface TokenStore {
  /** Only the sha256 of the token is kept. With `told`, the audit row is written in the same transaction. */
  add(token: ApiToken, tokenHash: string, told?: AuditEntry): Promise<void>;
  /** The token's own facts, unless it expired or was revoked. */
  byHash(tokenHash: string, nowMs: number): Promise<ApiToken | undefined>;
  all(): Promise<readonly ApiToken[]>;
  /** At once and for ever. False: there was none, and nothing is told. */
  revoke(id: string, told?: AuditEntry): Promise<boolean>;
  used(id: string, nowMs: number): Promise<void>;
}

export type Acquired =
  | {
      readonly kind: "granted";
      readonly lease: Lease;
      readonly session: PlaySession;
      readonly bookmark: Bookmark | undefined;
      /** True: the bookmark is not known just now, though there may be one. */
      readonly bookmarkStale?: boolean;
      /** Sessions that gave their screens up for it. */
      readonly replaced: readonly string[];
    }
  | { readonly kind: "limit"; readonly screens: number; readonly held: readonly HeldScreen[] }
  | { readonly kind: "standing"; readonly standing: "none" | "suspended" }
  /** A database that was just promoted may have lost leases: it grants none for a while. */
  | { readonly kind: "paused"; readonly leftMs: number };

export type Renewed =
  | { readonly kind: "renewed"; readonly lease: Lease }
  /** For ever. */
  | { readonly kind: "lost" }
  /** And lost for ever with it: the account is not in good standing any more, or an admin locked it. */
  | { readonly kind: "standing"; readonly standing: "none" | "suspended" };

/**
 * Screens: the leases of each account, under its row lock, by the database's clock alone.
 *
 * Never more than `screens` leases of an account live at once, where a lease lives until its end and the grace after it.
 * Source: research, control-telemetry §4.
 */
export interface LeaseStore {
  /**
   * Opens the play session and takes a lease for it, in one transaction. The same session again gets the same lease. One that
   * was committed although its order was aborted is given back.
   *
   * @throws Fault account-unknown, session-taken, session-over, screens-busy; the signal's reason when aborted
   */
  acquire(order: AcquireOrder): Promise<Acquired>;
  /** Who may not be granted a lease is not renewed one either. Takes no account's lock. */
  renew(order: RenewOrder): Promise<Renewed>;
  /** Idempotent. */
  release(key: LeaseKey): Promise<void>;
  /** A lease that lives, or is in its grace. */
  live(of: Omit<LeaseKey, "generation">, graceMs: number, signal?: AbortSignal): Promise<Lease | undefined>;
  list(accountId: string, graceMs: number, signal?: AbortSignal): Promise<readonly HeldScreen[]>;
  /** Someone else's screen of this account is taken away: its next renewal is lost. False: there was none. */
  evict(accountId: string, sessionId: string): Promise<boolean>;
  /** After a failover: nothing is granted for so long, and nothing that was lost is swept. */
  pause(accountIds: readonly string[] | "all", forMs: number): Promise<void>;
  /**
   * During a pause a renewal whose lease the database lost takes it back. Whoever calls has checked the signed token
   * that all of the order was read from. undefined: no pause, ended before the failover, or no screen is free.
   */
  reclaim(order: ReclaimOrder): Promise<Lease | undefined>;
}

export interface LeaseKey {
  readonly accountId: string;
  readonly sessionId: string;
  readonly generation: number;
}

/** How long a lease lives, and how long after its end what hangs on it (licence, signed paths) may still work. */
interface LeaseTerm {
  readonly ttlMs: number;
  readonly graceMs: number;
  /** An order that waits is dropped, and one under way ends when nobody of its group waits; its asker is told at once. */
  readonly signal?: AbortSignal;
}

export interface AcquireOrder extends LeaseTerm {
  readonly session: Omit<PlaySession, "generation">;
  readonly deviceId: string;
  /** What the same device holds gives way to a new session, if that is granted. Absent: it counts like any other. */
  readonly ownGivesWay?: boolean;
  /** Told once the grant is committed which sessions gave way to it; also when nobody waits for the answer any more. */
  readonly onReplaced?: (sessionIds: readonly string[]) => void;
}

export interface RenewOrder extends LeaseTerm, LeaseKey {}

export interface ReclaimOrder extends LeaseTerm {
  readonly session: PlaySession;
  readonly deviceId: string;
}

export interface StoredTitle {
  readonly id: string;
  readonly name: string;
  readonly package: TitlePackage;
  /** The encode report as JSON (wire/encode-report.ts). */
  readonly report: unknown;
  readonly publishedAtMs: number;
}

export interface CatalogStore {
  /** Same id and same package again changes nothing; same id with another package replaces it as a whole. */
  publish(title: StoredTitle): Promise<void>;
  /** Another package in the place of this one, and nothing else of the title. False: it has another by now, or is none. */
  revise(id: string, before: TitlePackage, after: TitlePackage): Promise<boolean>;
  title(id: string): Promise<StoredTitle | undefined>;
  /** Newest first. */
  titles(): Promise<readonly StoredTitle[]>;
}

export interface PopularityRow {
  /** "title/rendition". */
  readonly fileId: string;
  readonly playsPerDay: number;
}

export interface PlanStore {
  /** Gives the plan the next epoch (1, 2, …). */
  save(plan: PlacementPlan, nowMs: number): Promise<{ readonly epoch: number }>;
  latest(): Promise<
    { readonly epoch: number; readonly createdAtMs: number; readonly plan: PlacementPlan } | undefined
  >;
  /** What each kept plan moved, oldest first. */
  moved(): Promise<
    readonly { readonly epoch: number; readonly createdAtMs: number; readonly churnBytes: number }[]
  >;
  popularity(): Promise<readonly PopularityRow[]>;
  setPopularity(rows: readonly PopularityRow[]): Promise<void>;
}

/** A session whose signed paths outlive its lease by far. */
export interface LongPaths {
  readonly sessionId: string;
  readonly accountId: string;
  readonly generation: number;
  readonly pathsEndMs: number;
}

export interface SessionWish {
  readonly id?: string;
  readonly titleId?: string;
  readonly network?: string;
  readonly device?: string;
  /** As of the summary. */
  readonly applianceId?: string;
  readonly state?: string;
}

export interface PlaybackStore {
  /** Takes the account's next generation and records the session, in one transaction. */
  open(order: Omit<PlaySession, "generation">): Promise<PlaySession>;
  session(id: string, signal?: AbortSignal): Promise<PlaySession | undefined>;
  /** Those of them that were opened here, in any order. */
  sessions(ids: readonly string[]): Promise<readonly PlaySession[]>;
  /** Before paths that last until then are handed out for a session; an earlier end changes nothing. */
  keepLongPaths(sessionId: string, pathsEndMs: number): Promise<void>;
  /** Those whose paths end after `nowMs`. */
  longPaths(nowMs: number): Promise<readonly LongPaths[]>;
  /** Sessions by latest start first, with what is known of them; all of the wish must hold. */
  recent(
    limit: number,
    wish?: SessionWish,
  ): Promise<
    readonly (PlaySession & { readonly email: string; readonly summary: SessionSummary | undefined })[]
  >;
  summaries(sessionIds: readonly string[]): Promise<readonly SessionSummary[]>;
  /** Sessions started since `sinceMs` whose id begins with `mark` (letters, digits, "." and "-"), by id. */
  marked(
    mark: string,
    sinceMs: number,
  ): Promise<readonly (PlaySession & { readonly summary: SessionSummary | undefined })[]>;
  /**
   * Summaries (newer lastSeq wins), bookmarks and plays (higher ord wins) and the consumer's new offset, all or nothing. A
   * history that lies elsewhere has its part before the offset is raised: a death in between repeats it, harmlessly.
   */
  apply(order: {
    readonly group: string;
    readonly offset: number;
    readonly summaries: readonly SessionSummary[];
    readonly bookmarks: readonly Bookmark[];
    readonly plays?: readonly PlayRecord[];
  }): Promise<void>;
  /** The next record the group has not applied; 0 before the first. */
  offset(group: string): Promise<number>;
  /** The same by region of the start; "" where it was not known. */
  playsByRegion(
    sinceMs: number,
  ): Promise<readonly { readonly titleId: string; readonly region: string; readonly plays: number }[]>;
  /**
   * How often each title was played since `sinceMs`: sessions that showed a picture, by the stream job's records, and those of
   * which it has said nothing yet.
   */
  playCounts(sinceMs: number): Promise<readonly { readonly titleId: string; readonly plays: number }[]>;
}

/** Appliances that an operator took out of new plays. */
export interface DrainStore {
  all(): Promise<readonly string[]>;
  add(applianceId: string): Promise<void>;
  remove(applianceId: string): Promise<void>;
}

/** Sessions and titles that an operator denied. */
export interface DenialStore {
  all(): Promise<readonly Denial[]>;
  /** One of the same kind and id is replaced. */
  add(denial: Denial): Promise<void>;
  remove(what: Pick<Denial, "kind" | "id">): Promise<void>;
}

export interface StoredExperiment {
  readonly id: string;
  readonly createdAtMs: number;
  /** As JSON (wire/experiment.ts, wire/drills.ts). */
  readonly value: unknown;
}

/** Experiments on sessions, or drills on appliances: kept for their reports. */
export interface ExperimentStore {
  /** A value of the same id is replaced. */
  save(experiment: StoredExperiment): Promise<void>;
  newest(limit: number): Promise<readonly StoredExperiment[]>;
}

export interface Stores {
  readonly accounts: AccountStore;
  readonly devices: DeviceStore;
  readonly profiles: ProfileStore;
  readonly slips: SlipStore;
  readonly invitations: InvitationStore;
  readonly register: RegisterStore;
  readonly tokens: TokenStore;
  readonly identities: IdentityStore;
  readonly audit: AuditStore;
  readonly catalog: CatalogStore;
  readonly works: WorkStore;
  readonly pictures: PictureStore;
  readonly search: SearchStore;
  readonly plans: PlanStore;
  readonly playback: PlaybackStore;
  readonly history: HistoryStore;
  readonly erasures: ErasureStore;
  readonly leases: LeaseStore;
  readonly drains: DrainStore;
  readonly denials: DenialStore;
  readonly experiments: ExperimentStore;
  readonly drills: ExperimentStore;
  readonly taste: TasteStore;
  readonly billing: BillingStore;
  readonly keys: KeyStore;
  readonly contentKeys: ContentKeyStore;
  readonly uploads: UploadStore;
  readonly jobs: JobStore;
  readonly qoe: QoeStore;
  /** "PGlite 18.6" or "PostgreSQL 15.18", with the number of migrations, for the start line. */
  readonly about: { readonly engine: string; readonly version: string; readonly migrations: number };
  /** How often the database undid work for the sake of other work, and it was tried again. */
  retries(): number;
  /** Copies all of it, as it is at one moment, into a file that must not be there. */
  backUp(order: { readonly file: string; readonly nowMs: number }): Promise<BackupFacts>;
  /** Fails when the database does not answer within the deadline. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

export interface LogRecord {
  readonly offset: number;
  readonly value: Uint8Array;
}

export interface EventLog {
  /** Resolves with the first record's offset once all of them are on disk. Rejects when the log is full or broken. */
  append(values: readonly Uint8Array[]): Promise<number>;
  /** Records from `offset` on, at most `limit`; empty at the end. Only durable ones. */
  read(offset: number, limit: number): Promise<readonly LogRecord[]>;
  /** Offset the next record will get. */
  end(): number;
  /** How much of the room for records is taken by those that were not read yet and those that wait for the disk: 0…1. */
  fill(): number;
  /** Offset of the oldest record that is still there; `end()` when there is none. */
  first(): number;
  /** Why records are not taken at present; undefined while they are. */
  trouble(): Fault | undefined;
  /** What it holds on disk. */
  bytes(): number;
  /** Told after each flush to the disk how long it took, in seconds. One listener; the last one counts. */
  onSync(tell: (seconds: number) => void): void;
  /**
   * Everything below `offset` was read by all, and makes way when there is no room. Whole segments that lie entirely below `kept`
   * (absent: `offset`) go when they are old enough.
   */
  truncateBefore(offset: number, kept?: number): Promise<void>;
  close(): Promise<void>;
}
