// How the database came to look as it does. A migration that has been released is never changed; a new one is added.
import { type Kysely, sql } from "kysely";
import { dataFaults } from "#data/faults.ts";
import { Fault } from "#units/fault.ts";
import type { Database } from "./database-access.ts";
import { migrations } from "./migration-list.ts";
import type { Schema } from "./schema.ts";

const lockRow = "lock";

/**
 * Brings the database up to date, or to `until` (a migration's name), and returns how many migrations were run now, and how many it has.
 *
 * Programs that start together wait for one another at a row of the table itself, which works wherever row locks do.
 */
export async function migrate(
  database: Database,
  nowMs: number,
  until?: string,
): Promise<{ readonly run: number; readonly total: number }> {
  await prepare(database);
  const wanted = migrations.slice(
    0,
    1 + migrations.findLastIndex(({ name }) => until === undefined || name === until),
  );
  return database.transaction(async (db) => {
    await db.selectFrom("migration").select("name").where("name", "=", lockRow).forUpdate().execute();
    const rows = await db.selectFrom("migration").select("name").where("name", "<>", lockRow).execute();
    const done = new Set(rows.map((row) => row.name));
    const unknown = [...done].find((name) => migrations.every((migration) => migration.name !== name));
    if (unknown !== undefined) throw new Fault(dataFaults.databaseNewer, { migration: unknown });
    const missing = wanted.filter((migration) => !done.has(migration.name));
    for (const { name, statements } of missing) {
      for (const statement of statements) await sql.raw(statement).execute(db);
      await db.insertInto("migration").values({ name, applied_at_ms: nowMs }).execute();
    }
    return { run: missing.length, total: migrations.length };
  });
}

/** `if not exists` does not keep two programs from creating at the same moment: the loser tries once more. */
async function prepare(database: Database): Promise<void> {
  try {
    await database.use(createTable);
  } catch (error) {
    const createdTwice = ["23505", "42710", "42P07"];
    if (!(error instanceof Fault) || !createdTwice.includes(`${error.facts.sqlState}`)) throw error;
    await database.use(createTable);
  }
}

/** Which migrations the database has had, in their order; undefined: it is none of ours. */
export async function migrationsOf(database: Database): Promise<readonly string[] | undefined> {
  return database.use(async (db) => {
    const { rows } = await sql<{ there: boolean }>`
      select count(*) > 0 as there from information_schema.tables
      where table_schema = current_schema() and table_name = 'migration'`.execute(db);
    if (rows[0]?.there !== true) return undefined;
    const names = db.selectFrom("migration").select("name").where("name", "<>", lockRow).orderBy("name");
    return (await names.execute()).map((row) => row.name);
  });
}

async function createTable(db: Kysely<Schema>): Promise<void> {
  const table = sql`create table if not exists migration (name text primary key, applied_at_ms bigint not null)`;
  await table.execute(db);
  await db
    .insertInto("migration")
    .values({ name: lockRow, applied_at_ms: 0 })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}
