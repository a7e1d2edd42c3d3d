// How the database came to look as it does. A migration that has been released is never changed; a new one is added.
import { type Kysely, sql } from "kysely";
import { dataFaults } from "#data/faults.ts";
import { Fault } from "#units/fault.ts";
import type { Database } from "./database-access.ts";
import type { Schema } from "./schema.ts";

interface Migration {
  readonly name: string;
  readonly statements: readonly string[];
}

const migrations: readonly Migration[] = [
  {
    name: "0001-accounts",
    statements: [
      `create table account (
         id text primary key, email text not null, email_key text not null unique,
         password_hash text not null, role text not null, generation bigint not null default 0)`,
      `create table profile (
         id text primary key, account_id text not null references account (id), name text not null)`,
      `create index profile_account on profile (account_id)`,
      `create table cookie (
         token_hash text primary key, account_id text not null references account (id),
         opened_at_ms bigint not null, expires_at_ms bigint not null)`,
      `create index cookie_account on cookie (account_id)`,
    ],
  },
  {
    name: "0002-catalogue-and-plans",
    statements: [
      `create table title (
         id text primary key, name text not null, package jsonb not null, report jsonb not null,
         published_at_ms bigint not null)`,
      `create table counter (name text primary key, value bigint not null)`,
      `create table placement_plan (epoch bigint primary key, created_at_ms bigint not null, plan jsonb not null)`,
      `create table popularity (file_id text primary key, plays_per_day double precision not null)`,
    ],
  },
  {
    name: "0003-playback",
    statements: [
      `create table play_session (
         id text primary key, account_id text not null references account (id), profile_id text not null,
         title_id text not null, generation bigint not null, viewpoint text not null,
         started_at_ms bigint not null, unique (account_id, generation))`,
      `create index play_session_start on play_session (started_at_ms, title_id)`,
      `create table session_summary (session_id text primary key, last_seq bigint not null, summary jsonb not null)`,
      `create table bookmark (
         profile_id text not null, title_id text not null, ord bigint not null, position_ms bigint not null,
         duration_ms bigint not null, finished boolean not null, primary key (profile_id, title_id))`,
      `create table consumer (name text primary key, next_offset bigint not null)`,
    ],
  },
  {
    name: "0004-drains",
    statements: [`create table drain (appliance_id text primary key)`],
  },
  {
    name: "0005-experiments",
    statements: [
      `create table experiment (id text primary key, created_at_ms bigint not null, value jsonb not null)`,
    ],
  },
  {
    name: "0006-denials",
    statements: [
      `create table denial (kind text not null, id text not null, until_ms bigint not null, primary key (kind, id))`,
    ],
  },
];

const lockRow = "lock";

/**
 * Brings the database up to date and returns how many migrations were run now, and how many it has.
 *
 * Programs that start together wait for one another at a row of the table itself, which works wherever row locks do.
 */
export async function migrate(
  database: Database,
  nowMs: number,
): Promise<{ readonly run: number; readonly total: number }> {
  await prepare(database);
  return database.transaction(async (db) => {
    await db.selectFrom("migration").select("name").where("name", "=", lockRow).forUpdate().execute();
    const rows = await db.selectFrom("migration").select("name").where("name", "<>", lockRow).execute();
    const done = new Set(rows.map((row) => row.name));
    const unknown = [...done].find((name) => migrations.every((migration) => migration.name !== name));
    if (unknown !== undefined) throw new Fault(dataFaults.databaseNewer, { migration: unknown });
    const missing = migrations.filter((migration) => !done.has(migration.name));
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

async function createTable(db: Kysely<Schema>): Promise<void> {
  const table = sql`create table if not exists migration (name text primary key, applied_at_ms bigint not null)`;
  await table.execute(db);
  await db
    .insertInto("migration")
    .values({ name: lockRow, applied_at_ms: 0 })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}
