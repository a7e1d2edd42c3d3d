// Opens the database, whichever it is: embedded in a folder, or a server's.
import { Kysely, sql } from "kysely";
import { defaultsOf, type Values } from "#config/setting.ts";
import { dataSettings } from "#data/settings.ts";
import { accessTo, type Database } from "./database-access.ts";
import { openEmbedded } from "./embedded.ts";
import type { Schema } from "./schema.ts";
import { openServer } from "./server.ts";

export type DatabaseSettings = Pick<
  Values<typeof dataSettings>,
  | "databaseConnections"
  | "databaseDeadlineSeconds"
  | "databaseRetries"
  | "plansKept"
  | "catalogVersionsKept"
  | "leaseGroupMs"
  | "leaseGroupSize"
  | "leaseQueue"
  | "leaseQueuePerAccount"
  | "historyUrl"
  | "historyDeadlineMs"
  | "historyPlayMs"
  | "historyRequests"
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

export interface OpenDatabase {
  readonly database: Database;
  /** Host, port and name, or the folder: never with a password. */
  readonly address: string;
  /** How often work was undone by the database, for the sake of other work, and tried again. */
  retries(): number;
  close(): Promise<void>;
}

/** @throws Fault data-folder-*, database-*; the signal's reason when aborted */
export async function openDatabase(order: StoresOrder): Promise<OpenDatabase> {
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
  const { dialect, address } = opened;
  const db = new Kysely<Schema>({ dialect });
  const { databaseDeadlineSeconds: deadlineSeconds, databaseRetries: retries } = settings;
  let undone = 0;
  const onUndone = (): void => {
    undone += 1;
  };
  const database = accessTo({ db, address, deadlineSeconds, retries, onUndone });
  return {
    database,
    address,
    retries: () => undone,
    close: onceOnly(() => db.destroy().finally(() => opened.release())),
  };
}

/** "PGlite 18.6", "PostgreSQL 15.18". */
export async function engineOf(
  database: Database,
): Promise<{ readonly engine: string; readonly version: string }> {
  const { rows } = await database.use((db) => sql<{ version: string }>`select version()`.execute(db));
  const text = rows[0]?.version ?? "";
  const version = /\d+(\.\d+)+/.exec(text)?.[0] ?? "unknown";
  if (text.startsWith("Cockroach")) return { engine: "CockroachDB", version };
  return { engine: text.includes("PGlite") ? "PGlite" : "PostgreSQL", version };
}

function onceOnly(work: () => Promise<void>): () => Promise<void> {
  let begun: Promise<void> | undefined;
  return () => {
    begun ??= work();
    return begun;
  };
}
