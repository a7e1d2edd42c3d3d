// Opens the database, whichever it is, brings it up to date and hands out the stores.
import { Kysely, sql } from "kysely";
import { defaultsOf, type Values } from "#config/setting.ts";
import type { Stores } from "#data/ports.ts";
import { dataSettings } from "#data/settings.ts";
import { systemClock } from "#io/clock.ts";
import { accountStore } from "./account-store.ts";
import { catalogStore } from "./catalog-store.ts";
import { accessTo, type Database } from "./database-access.ts";
import { denialStore } from "./denial-store.ts";
import { drainStore } from "./drain-store.ts";
import { openEmbedded } from "./embedded.ts";
import { experimentStore } from "./experiment-store.ts";
import type { GroupRules } from "./group-commit.ts";
import { keyStore } from "./key-store.ts";
import { leaseStore } from "./lease-store.ts";
import { migrate } from "./migrations.ts";
import { planStore } from "./plan-store.ts";
import { playbackStore } from "./playback-store.ts";
import type { Schema } from "./schema.ts";
import { openServer } from "./server.ts";
import { tokenStore } from "./token-store.ts";

type DatabaseSettings = Pick<
  Values<typeof dataSettings>,
  | "databaseConnections"
  | "databaseDeadlineSeconds"
  | "databaseRetries"
  | "plansKept"
  | "leaseGroupMs"
  | "leaseGroupSize"
  | "leaseQueue"
  | "leaseQueuePerAccount"
>;

export interface StoresOrder {
  /** Undefined or empty: the embedded database in `folder`. */
  readonly databaseUrl: string | undefined;
  readonly folder: string;
  /** Ends opening early; open stores are ended by `close`. */
  readonly signal: AbortSignal;
  readonly onNote: (text: string) => void;
  /** The defaults when absent. */
  readonly settings?: DatabaseSettings;
}

/**
 * The stores, with every migration run.
 *
 * @throws Fault data-folder-*, database-*; the signal's reason when aborted
 */
export async function openStores(order: StoresOrder): Promise<Stores> {
  const settings = order.settings ?? defaultsOf(dataSettings);
  order.signal.throwIfAborted();
  const opened = order.databaseUrl
    ? openServer({
        url: order.databaseUrl,
        connections: settings.databaseConnections,
        deadlineSeconds: settings.databaseDeadlineSeconds,
        onNote: order.onNote,
      })
    : await openEmbedded(order.folder, order.signal, order.onNote);
  const db = new Kysely<Schema>({ dialect: opened.dialect });
  const database = accessTo({
    db,
    address: opened.address,
    deadlineSeconds: settings.databaseDeadlineSeconds,
    retries: settings.databaseRetries,
  });
  const close = onceOnly(() => db.destroy().finally(() => opened.release()));
  try {
    const about = await prepare(database, order);
    return stores({ database, settings, about, close });
  } catch (error) {
    await close();
    throw error;
  }
}

async function prepare(database: Database, order: StoresOrder): Promise<Stores["about"]> {
  const engine = await engineOf(database);
  order.signal.throwIfAborted();
  const { run, total } = await migrate(database, systemClock.wallMs());
  order.signal.throwIfAborted();
  const now = run === 0 ? "none to run" : `${run} run now`;
  order.onNote(`${engine.engine} ${engine.version}: ${total} migrations, ${now}`);
  return { ...engine, migrations: total };
}

async function engineOf(database: Database): Promise<{ readonly engine: string; readonly version: string }> {
  const { rows } = await database.use((db) => sql<{ version: string }>`select version()`.execute(db));
  const text = rows[0]?.version ?? "";
  const version = /\d+(\.\d+)+/.exec(text)?.[0] ?? "unknown";
  if (text.startsWith("Cockroach")) return { engine: "CockroachDB", version };
  return { engine: text.includes("PGlite") ? "PGlite" : "PostgreSQL", version };
}

function stores(parts: {
  readonly database: Database;
  readonly settings: DatabaseSettings;
  readonly about: Stores["about"];
  readonly close: () => Promise<void>;
}): Stores {
  const { database, settings, about, close } = parts;
  return {
    accounts: accountStore(database),
    tokens: tokenStore(database),
    catalog: catalogStore(database),
    plans: planStore(database, settings.plansKept),
    playback: playbackStore(database),
    leases: leaseStore(database, { rules: groupRules(settings, about.engine === "PGlite") }),
    drains: drainStore(database),
    denials: denialStore(database),
    experiments: experimentStore(database),
    keys: keyStore(database),
    about,
    ping: async () => {
      await database.use((db) => sql`select 1`.execute(db));
    },
    close,
  };
}

/** The embedded database has one connection; a server works on one group while another waits for its disk. */
function groupRules(settings: DatabaseSettings, embedded: boolean): GroupRules {
  return {
    size: settings.leaseGroupSize,
    waitMs: settings.leaseGroupMs,
    queue: settings.leaseQueue,
    queuePerKey: settings.leaseQueuePerAccount,
    lanes: embedded ? 1 : 2,
    deadlineSeconds: settings.databaseDeadlineSeconds,
  };
}

function onceOnly(work: () => Promise<void>): () => Promise<void> {
  let begun: Promise<void> | undefined;
  return () => {
    begun ??= work();
    return begun;
  };
}
