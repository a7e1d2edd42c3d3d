// What is different on CockroachDB, on a PostgreSQL that says it were one: its schema's own version() and set_config() come before
// those of the system. CockroachDB itself was never run here.
import assert from "node:assert/strict";
import { test } from "node:test";
import pg from "pg";
import type { Database } from "#data/io/database-access.ts";
import { migrate } from "#data/io/migrations.ts";
import { openDatabase } from "#data/io/open-database.ts";
import type { Fault } from "#units/fault.ts";
import { seededRandom } from "#units/random.ts";
import { account, closing, freshSchema, open, postgresServer, settings } from "./stores-builders.ts";

const { signal } = new AbortController();
const onNote = (): void => undefined;

async function query(url: string, statement: string): Promise<readonly Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return (await client.query(statement).finally(() => client.end())).rows;
}

/** A fresh schema whose database says that it were a CockroachDB, and notes what it is told to set. */
async function disguised(url: string): Promise<string> {
  const own = await freshSchema(url);
  for (const statement of [
    "create table told (name text not null)",
    "create function version() returns text language sql as $$ select 'CockroachDB CCL v26.3.1 (x86_64)' $$",
    `create function set_config(text, text, boolean) returns text language sql
       as $$ insert into told values ($1) returning $2 $$`,
  ]) {
    await query(own, statement);
  }
  const parsed = new URL(own);
  parsed.searchParams.set("options", `${parsed.searchParams.get("options")},pg_catalog`);
  return parsed.href;
}

/** Columns, indexes and constraints, by table, and what migrations put into it. */
async function shapeOf(url: string): Promise<readonly unknown[]> {
  const columns = await query(
    url,
    `select table_name, column_name, data_type, is_nullable, column_default from information_schema.columns
     where table_schema = current_schema() and table_name <> 'told' order by 1, 2`,
  );
  const indexes = await query(
    url,
    `select tablename, indexname, regexp_replace(indexdef, 'millrace_test_[0-9a-f]+\\.', '', 'g') as definition
     from pg_indexes where schemaname = current_schema() order by 1, 2`,
  );
  const rows = await query(
    url,
    "select (select count(*) from price_plan)::int as plans, (select count(*) from plane_hold)::int as holds",
  );
  const names = await query(url, "select name from migration order by name");
  return [...columns, ...indexes, ...rows, ...names];
}

/** A program that dies every dozen statements or so, after the database did what it was told. */
function mortal(database: Database, dies: () => boolean): Database {
  return {
    ...database,
    use: async (work, ending) => {
      const done = await database.use(work, ending);
      if (dies()) throw new Error("died");
      return done;
    },
  };
}

test("[DA284] migrations statement by statement, by programs that die, come to what they are at once", async (t) => {
  const server = await postgresServer();
  if ("missing" in server) return t.skip(server.missing);
  const [whole, pieces] = [await freshSchema(server.url), await freshSchema(server.url)];
  const order = { databaseUrl: pieces, folder: "unused", settings, signal, onNote };
  await migrate(closing(await openDatabase({ ...order, databaseUrl: whole })).database, 0);
  const { database } = closing(await openDatabase(order));
  const random = seededRandom(284);
  let deaths = 0;
  for (let isDone = false; !isDone; ) {
    const dying = mortal(database, () => random.integer(0, 11) === 0);
    isDone = await migrate(dying, 0, { steps: "one by one" }).then(
      () => true,
      (error: unknown) => {
        assert.match(String(error), /died/);
        deaths += 1;
        return false;
      },
    );
  }
  assert.ok(deaths > 5, `only ${deaths} deaths`);
  assert.deepEqual(await shapeOf(pieces), await shapeOf(whole));
  // Planted: a database where something else stands in a migration's way is not taken for one that had it.
  const taken = await freshSchema(server.url);
  await query(taken, "create table account (id text primary key)");
  const other = closing(await openDatabase({ ...order, databaseUrl: taken }));
  await assert.rejects(migrate(other.database, 0, { steps: "one by one" }), /generation|role|column/);
  // Nor is an index that its rows do not let be unique.
  const doubled = await freshSchema(server.url);
  await query(doubled, "create table content_key (kek_id text, nonce text)");
  await query(doubled, "insert into content_key values ('k', 'n'), ('k', 'n')");
  const third = closing(await openDatabase({ ...order, databaseUrl: doubled }));
  await assert.rejects(
    migrate(third.database, 0, { steps: "one by one" }),
    (error: Fault) => error.facts.sqlState === "23505",
  );
});

test("[DA284] what says that it is CockroachDB gets its migrations one by one, by many at once, and is told what screens need", async (t) => {
  const server = await postgresServer();
  if ("missing" in server) return t.skip(server.missing);
  const url = await disguised(server.url);
  const all = await Promise.all(Array.from({ length: 3 }, () => open(url, "unused")));
  assert.deepEqual(
    all.map(({ about }) => `${about.engine} ${about.version}`),
    ["CockroachDB 26.3.1", "CockroachDB 26.3.1", "CockroachDB 26.3.1"],
  );
  const [stores] = all;
  assert.ok(stores !== undefined);
  const ann = await account(stores);
  assert.equal((await stores.accounts.byEmail(ann.email))?.id, ann.id);
  for (const each of all) await each.close();
  const told = await query(url, "select distinct name from told");
  assert.deepEqual(told, [{ name: "enable_multiple_modifications_of_table" }]);
});
