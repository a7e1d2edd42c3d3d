// From a backup to a database: into an empty one, of either engine, and up to this version's schema.
import { type Kysely, sql } from "kysely";
import { dataFaults } from "#data/faults.ts";
import type { BackupFacts } from "#data/ports-backup.ts";
import { systemClock } from "#io/clock.ts";
import { Fault } from "#units/fault.ts";
import type { BackupHead } from "#wire/backup.ts";
import { checkBackup, rowsOf } from "./backup.ts";
import { bornFull, columnsOf, tablesInOrder } from "./backup-tables.ts";
import type { Database } from "./database-access.ts";
import { migrations } from "./migration-list.ts";
import { migrate, migrationsOf, stepsOn } from "./migrations.ts";
import { engineOf, openDatabase, type StoresOrder } from "./open-database.ts";
import type { Schema } from "./schema.ts";

/**
 * The backup is checked whole before anything is written, and its rows come in one transaction. One that an earlier
 * version made gets the tables of its time first, and the migrations since then afterwards.
 *
 * @throws Fault backup-damaged, database-newer, restore-not-empty; what openStores throws
 */
export async function restoreBackup(
  order: StoresOrder & { readonly file: string },
): Promise<BackupFacts & { readonly migrationsRun: number }> {
  const backup = await checkBackup(order.file);
  const until = newestKnown(backup);
  order.signal.throwIfAborted();
  const opened = await openDatabase(order);
  try {
    const { database, address } = opened;
    await demandEmpty(database, address, backup.migrations);
    const steps = stepsOn((await engineOf(database)).engine);
    await migrate(database, systemClock.wallMs(), { until, steps });
    const loaded = await database.snapshot((db) => load(db, order));
    const { run } = await migrate(database, systemClock.wallMs(), { steps });
    return { file: order.file, ...loaded, migrationsRun: run };
  } finally {
    await opened.close();
  }
}

/** Its last migration. A backup of a newer Millrace has one that this version does not know. */
function newestKnown({ migrations: had }: BackupHead): string {
  const unknown = had.find((name, at) => migrations[at]?.name !== name);
  if (unknown !== undefined) throw new Fault(dataFaults.databaseNewer, { migration: unknown });
  return had.at(-1) ?? "";
}

/** What a restore that was killed left behind is tables of the backup's time with no rows but a migration's: it may go on there. */
async function demandEmpty(database: Database, address: string, wanted: readonly string[]): Promise<void> {
  const had = (await migrationsOf(database)) ?? [];
  if (had.length > 0 && had.join() !== wanted.join()) {
    throw new Fault(dataFaults.restoreNotEmpty, { address, found: `it has ${had.length} migrations` });
  }
  await database.use(async (db) => {
    for (const table of await tablesInOrder(db)) {
      // Whoever changed what is in these has an account, which is found in another.
      if (bornFull.has(table)) continue;
      const { rows } = await sql`select 1 from ${sql.table(table)} limit 1`.execute(db);
      if (rows.length > 0)
        throw new Fault(dataFaults.restoreNotEmpty, { address, found: `${table} has rows` });
    }
  });
}

async function load(
  db: Kysely<Schema>,
  { file, signal, onNote }: StoresOrder & { readonly file: string },
): Promise<{ readonly tables: number; readonly rows: number }> {
  const loaded = new Map<string, number>();
  for (const table of await tablesInOrder(db)) {
    if (bornFull.has(table)) await sql`delete from ${sql.table(table)}`.execute(db);
  }
  for await (const { table, rows } of rowsOf(file)) {
    signal.throwIfAborted();
    const names = await columnsOf(db, table);
    const columns = sql.join(names.map((name) => sql.ref(name)));
    const kept = await sql`
      insert into ${sql.table(table)} (${columns})
      select ${columns} from jsonb_populate_recordset(null::${sql.table(table)}, ${rows}::text::jsonb)`.execute(
      db,
    );
    if (!loaded.has(table)) onNote(`restoring ${table}`);
    loaded.set(table, (loaded.get(table) ?? 0) + Number(kept.numAffectedRows ?? 0));
  }
  return { tables: loaded.size, rows: [...loaded.values()].reduce((sum, count) => sum + count, 0) };
}
