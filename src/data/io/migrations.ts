// How the database came to look as it does. A migration that has been released is never changed; a new one is added.
import { type Kysely, sql } from "kysely";
import { dataFaults } from "#data/faults.ts";
import { Fault } from "#units/fault.ts";
import type { Database } from "./database-access.ts";
import { type Migration, migrations } from "./migration-list.ts";
import type { Schema } from "./schema.ts";

const lockRow = "lock";

/** What of the migrations is one transaction: all that are missing, or, for CockroachDB, each statement. */
export type MigrationSteps = "at once" | "one by one";

/** `engine`: of engineOf. */
export function stepsOn(engine: string): MigrationSteps {
  return engine === "CockroachDB" ? "one by one" : "at once";
}

/**
 * Brings the database up to date, or to `until` (a migration's name), and returns how many migrations were run now, and how many it has.
 *
 * At once: programs that start together wait for one another at a row of the table itself, which works wherever row locks do.
 * One by one: CockroachDB promises only changes of a schema that are alone in their transaction to be whole (its documentation, Online
 * schema changes). Then any program may do any statement, and one that is done already is stepped over.
 */
export async function migrate(
  database: Database,
  nowMs: number,
  { until, steps = "at once" }: { readonly until?: string; readonly steps?: MigrationSteps } = {},
): Promise<{ readonly run: number; readonly total: number }> {
  await prepare(database);
  const wanted = migrations.slice(
    0,
    1 + migrations.findLastIndex(({ name }) => until === undefined || name === until),
  );
  if (steps === "one by one") {
    const missing = await database.use((db) => missingOf(db, wanted));
    for (const migration of missing) await oneByOne(database, migration, nowMs);
    return { run: missing.length, total: migrations.length };
  }
  return database.transaction(async (db) => {
    await takeTurn(db);
    const missing = await missingOf(db, wanted);
    for (const { name, statements } of missing) {
      for (const statement of statements) await sql.raw(statement).execute(db);
      await db.insertInto("migration").values({ name, applied_at_ms: nowMs }).execute();
    }
    return { run: missing.length, total: migrations.length };
  });
}

/** @throws Fault database-newer */
async function missingOf(db: Kysely<Schema>, wanted: readonly Migration[]): Promise<readonly Migration[]> {
  const rows = await db.selectFrom("migration").select("name").where("name", "<>", lockRow).execute();
  const done = new Set(rows.map((row) => row.name));
  const unknown = [...done].find((name) => migrations.every((migration) => migration.name !== name));
  if (unknown !== undefined) throw new Fault(dataFaults.databaseNewer, { migration: unknown });
  return wanted.filter((migration) => !done.has(migration.name));
}

async function oneByOne(database: Database, { name, statements }: Migration, nowMs: number): Promise<void> {
  for (const statement of statements) await step(database, statement);
  const row = { name, applied_at_ms: nowMs };
  await database.use((db) =>
    db
      .insertInto("migration")
      .values(row)
      .onConflict((conflict) => conflict.doNothing())
      .execute(),
  );
}

/** One that was carried out before is refused, and that is fine. */
async function step(database: Database, statement: string, isAgain = false): Promise<void> {
  try {
    await database.use((db) => sql.raw(statement).execute(db));
  } catch (error) {
    const state = error instanceof Fault ? `${error.facts.sqlState}` : "";
    const isInsert = /^\s*insert\b/i.test(statement);
    if (state === rowIsThere && !isInsert && !isAgain) return step(database, statement, true);
    const isDrop = /^\s*(drop|alter table \w+ drop)\b/i.test(statement);
    const isDone = state === rowIsThere ? isInsert : (isDrop ? isGone : isThere).has(state);
    if (!isDone) throw error;
  }
}

/**
 * Of an insert: it was done. Of anything else: of two that create at the same moment the loser, who is told more when it tries again, or
 * there are rows that a new index will not have. Source, here and below: PostgreSQL manual, appendix A.
 */
const rowIsThere = "23505";
/** A column, object or table that would be made twice. */
const isThere: ReadonlySet<string> = new Set(["42701", "42710", "42P07"]);
/** A column or table that would be dropped twice. */
const isGone: ReadonlySet<string> = new Set(["42703", "42P01"]);

/**
 * Writes the row, as it is: a lock alone would not do where transactions are serializable. Who waited for one goes on with what
 * there was before it waited, and makes every table again; who waited for a write is undone, and looks anew.
 */
async function takeTurn(db: Kysely<Schema>): Promise<void> {
  const same = sql<number>`applied_at_ms`;
  await db.updateTable("migration").set({ applied_at_ms: same }).where("name", "=", lockRow).execute();
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
