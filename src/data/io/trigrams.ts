// Whether the database can tell words that look alike: pg_trgm, an extension that comes with PostgreSQL and PGlite.
import { sql } from "kysely";
import type { Database } from "./database-access.ts";

export type Trigrams =
  /** Where its functions are, quoted. */
  | { readonly kind: "there"; readonly schema: string }
  | { readonly kind: "missing"; readonly because: string };

/** Creates the extension and the index that uses it, where neither is there yet and the database lets us. */
export async function openTrigrams(database: Database): Promise<Trigrams> {
  // New rows wait in a list of their own until a vacuum, which the embedded database has none of; a search reads all of them.
  await attempt(database, "alter index search_work_doc set (fastupdate = off)");
  const because = await attempt(database, "create extension if not exists pg_trgm with schema public");
  const schema = await schemaOf(database);
  if (schema === undefined) return { kind: "missing", because: because ?? "the extension is not there" };
  const made = await attempt(
    database,
    `create index if not exists search_word_alike on search_word using gin (word ${schema}.gin_trgm_ops) with (fastupdate = off)`,
  );
  return made === undefined ? { kind: "there", schema } : { kind: "missing", because: made };
}

/** What the database answered when it did not do it. Two programs that start together may both try: the loser finds it made. */
async function attempt(database: Database, statement: string): Promise<string | undefined> {
  try {
    await database.use((db) => sql.raw(statement).execute(db));
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function schemaOf(database: Database): Promise<string | undefined> {
  const find = sql<{ schema: string }>`select quote_ident(n.nspname) as schema
    from pg_extension e join pg_namespace n on n.oid = e.extnamespace where e.extname = 'pg_trgm'`;
  return (await database.use((db) => find.execute(db))).rows[0]?.schema;
}
