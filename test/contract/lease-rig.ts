// Databases with screens whose time a test can move: real time and what was added to it, for the database and for us.

import { after, type TestContext, test } from "node:test";
import { Kysely, sql } from "kysely";
import { accountStore } from "#data/io/account-store.ts";
import { billingStore } from "#data/io/billing-store.ts";
import { accessTo, type Database } from "#data/io/database-access.ts";
import { type Opened, openEmbedded } from "#data/io/embedded.ts";
import type { GroupRules } from "#data/io/group-commit.ts";
import { type LeaseParts, leaseStore } from "#data/io/lease-store.ts";
import { migrate } from "#data/io/migrations.ts";
import { playbackStore } from "#data/io/playback-store.ts";
import { registerStore } from "#data/io/register-store.ts";
import type { Schema } from "#data/io/schema.ts";
import { openServer } from "#data/io/server.ts";
import type { AccountStore, LeaseStore, PlaybackStore } from "#data/ports.ts";
import type { RegisterStore } from "#data/ports-account.ts";
import type { BillingStore } from "#data/ports-billing.ts";
import type { Entitlement } from "#model/entitlement.ts";
import { memoryStores } from "#test/fixtures/memory-stores.ts";
import type { Milliseconds } from "#units/quantity.ts";
import { milliseconds } from "#units/quantity.ts";
import { freshSchema, migratedFolder, postgresServer } from "./stores-builders.ts";

export interface Rig {
  readonly accounts: AccountStore;
  readonly playback: PlaybackStore;
  /** What an account may do, and whether an admin locked it, changes by these. */
  readonly billing: BillingStore;
  readonly register: RegisterStore;
  /** The same one for the whole file. */
  readonly leases: LeaseStore;
  /** Time goes by, for everybody. */
  advance(ms: number): Promise<void>;
}

export interface SqlRig extends Rig {
  readonly database: Database;
  /** As another program has it: with its own clock and groups. */
  open(parts?: Partial<LeaseParts>): LeaseStore;
  monoMs(): Milliseconds;
  /** The database's wall clock jumps, and nobody else's. */
  jump(ms: number): Promise<void>;
}

export const rules: GroupRules = {
  size: 100,
  waitMs: 0,
  queue: 10_000,
  queuePerKey: 1000,
  lanes: 2,
  toldAtOnce: 8,
  deadlineSeconds: 15,
};

const closers: (() => Promise<void>)[] = [];
after(async () => {
  for (const close of closers.reverse()) await close();
});

export async function sqlRig(opened: Opened): Promise<SqlRig> {
  const db = new Kysely<Schema>({ dialect: opened.dialect });
  closers.push(() => db.destroy().finally(() => opened.release()));
  const database = accessTo({ db, address: opened.address, deadlineSeconds: 15, retries: 50 });
  await migrate(database, 0);
  let added = 0;
  const clock = { monoMs: () => milliseconds(performance.now() + added) };
  const jump = async (ms: number): Promise<void> => {
    const moved = sql`update lease_clock set shift_ms = shift_ms + ${ms}::bigint where id = 1`;
    await database.use((db) => moved.execute(db));
  };
  const open = (parts: Partial<LeaseParts> = {}): LeaseStore =>
    leaseStore(database, { rules, clock, ...parts });
  return {
    database,
    open,
    jump,
    monoMs: clock.monoMs,
    accounts: accountStore(database),
    playback: playbackStore(database),
    billing: billingStore(database),
    register: registerStore(database),
    leases: open(),
    advance: async (ms) => {
      added += ms;
      await jump(ms);
    },
  };
}

async function embeddedRig(): Promise<SqlRig> {
  return sqlRig(await openEmbedded(await migratedFolder(), new AbortController().signal, () => undefined));
}

async function serverRig(): Promise<SqlRig | { readonly missing: string }> {
  const server = await postgresServer();
  if ("missing" in server) return server;
  const url = await freshSchema(server.url);
  return sqlRig(openServer({ url, connections: 20, deadlineSeconds: 15, onNote: () => undefined }));
}

function memoryRig(): Rig {
  const stores = memoryStores();
  let added = 0;
  stores.leaseNowMs = () => performance.now() + added;
  const { accounts, playback, leases, billing, register } = stores;
  const advance = async (ms: number): Promise<void> => {
    added += ms;
  };
  return { accounts, playback, leases, billing, register, advance };
}

let embedded: ReturnType<typeof embeddedRig> | undefined;
let served: ReturnType<typeof serverRig> | undefined;
const sqlRigs = {
  PGlite: () => (embedded ??= embeddedRig()),
  PostgreSQL: () => (served ??= serverRig()),
} as const;

type Skip = (reason: string) => void;

/** One test on both databases. */
export function onBoth(title: string, body: (rig: SqlRig, skip: Skip) => Promise<void>): void {
  for (const [name, rig] of Object.entries(sqlRigs)) {
    test(`${title} (${name})`, async (t: TestContext) => {
      const found = await rig();
      if ("missing" in found) return t.skip(found.missing);
      await body(found, (reason) => t.skip(reason));
    });
  }
}

/** One test on a server alone: what needs a second connection. */
export function onServer(title: string, body: (rig: SqlRig) => Promise<void>): void {
  test(`${title} (PostgreSQL)`, async (t: TestContext) => {
    const found = await sqlRigs.PostgreSQL();
    if ("missing" in found) return t.skip(found.missing);
    await body(found);
  });
}

/** One test on both databases and on the twin in memory. */
export function onAll(title: string, body: (rig: Rig) => Promise<void>): void {
  onBoth(title, body);
  test(`${title} (memory)`, () => body(memoryRig()));
}

/** As the payments of an account say it. */
export async function entitle({ billing }: Rig, accountId: string, entitlement: Entitlement): Promise<void> {
  const decide = () => ({ result: undefined, entitlement });
  await billing.change({ of: { accountId }, nowMs: 0, decide });
}
