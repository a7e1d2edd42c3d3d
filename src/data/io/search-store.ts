// The index that search asks for candidates: names by their beginning, words by a GIN index, and a list of all words for mending
// typing errors by trigrams. It only ever proposes; the answer comes from the catalogue in memory.
import { type Kysely, type RawBuilder, sql } from "kysely";
import type { IndexedWork, SearchStore } from "#data/ports-catalog.ts";
import type { Database } from "./database-access.ts";
import { slices } from "./rows.ts";
import type { Schema } from "./schema.ts";
import type { Trigrams } from "./trigrams.ts";

/** Names that begin with what was typed: so many are enough to rank. */
const mostNames = 100;
/** Of trigrams, the share that two words must have in common. One swap in a word of six letters leaves a quarter. */
const likeness = 0.2;

export function searchStore(database: Database, trigrams: Trigrams): SearchStore {
  return {
    indexed: () => database.use(indexed),
    index: (order) => index(database, order),
    candidates: (order) => candidates(database, order),
    similar: (words, limit) => similar(database, trigrams, words, limit),
  };
}

async function indexed(db: Kysely<Schema>): Promise<number> {
  const row = await db
    .selectFrom("work_pointer")
    .select("version")
    .where("name", "=", "indexed")
    .executeTakeFirst();
  return row?.version ?? 0;
}

/** Not one transaction: it would hold the embedded database's one connection for seconds. While it is made, it speaks of none. */
async function index(database: Database, order: Parameters<SearchStore["index"]>[0]): Promise<void> {
  const { version, how, put, remove } = order;
  const point = (to: number) =>
    database.use((db) =>
      db.updateTable("work_pointer").set({ version: to }).where("name", "=", "indexed").execute(),
    );
  await point(0);
  if (how === "anew") await empty(database);
  for (const ids of slices([...remove, ...put.map(({ workId }) => workId)])) {
    if (how === "anew") break;
    await database.use((db) => db.deleteFrom("search_key").where("work_id", "in", ids).execute());
    await database.use((db) => db.deleteFrom("search_work").where("work_id", "in", ids).execute());
  }
  await write(database, put);
  if (how === "anew") await count(database);
  await point(version);
}

async function empty(database: Database): Promise<void> {
  for (const table of ["search_work", "search_key", "search_word"] as const) {
    await database.use((db) => db.deleteFrom(table).execute());
  }
}

/** Without figures the planner walks over every row. */
async function count(database: Database): Promise<void> {
  for (const table of ["search_work", "search_key", "search_word"]) {
    await database.use((db) => sql.raw(`analyze ${table}`).execute(db));
  }
}

async function write(database: Database, put: readonly IndexedWork[]): Promise<void> {
  for (const some of slices(put)) {
    const rows = some.map(({ workId, age, words }) => ({ work_id: workId, age, doc: documentOf(words) }));
    await database.use((db) =>
      db
        .insertInto("search_work")
        .values(rows)
        .onConflict((conflict) =>
          conflict
            .column("work_id")
            .doUpdateSet((with_) => ({ age: with_.ref("excluded.age"), doc: with_.ref("excluded.doc") })),
        )
        .execute(),
    );
  }
  const keys = put.flatMap(({ workId, age, keys: own }) =>
    own.map((key) => ({ key: bytesOf(key), work_id: workId, age })),
  );
  for (const rows of slices(keys)) {
    await database.use((db) =>
      db
        .insertInto("search_key")
        .values(rows)
        .onConflict((conflict) => conflict.doNothing())
        .execute(),
    );
  }
  const words = [...new Set(put.flatMap((row) => row.words))].toSorted().map((word) => ({ word }));
  for (const rows of slices(words)) {
    await database.use((db) =>
      db
        .insertInto("search_word")
        .values(rows)
        .onConflict((conflict) => conflict.doNothing())
        .execute(),
    );
  }
}

/** `'word' 'other'`, the text of a tsvector: its lexemes are ours as they stand. */
function documentOf(words: readonly string[]): string {
  return words.map(quoted).join(" ");
}

/** Words hold letters, digits and marks only; what is more is left out, so that nothing can end the quotes. */
function quoted(word: string): string {
  return `'${word.replaceAll(/['\\\0]/g, "")}'`;
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

async function candidates(
  database: Database,
  order: Parameters<SearchStore["candidates"]>[0],
): Promise<readonly string[]> {
  const { key, words, maturity, limit } = order;
  const [from, to] = [bytesOf(key), Buffer.concat([bytesOf(key), Buffer.of(0xff)])];
  const named = sql`(select work_id from search_key
    where key >= ${from} and key < ${to} and age <= ${maturity} order by key limit ${mostNames})`;
  const asked = askedOf(words);
  const worded: RawBuilder<unknown> = sql`(select work_id from search_work
    where doc @@ ${asked}::tsquery and age <= ${maturity} limit ${limit})`;
  const both = asked === "" ? named : key === "" ? worded : sql`${named} union ${worded}`;
  const { rows } = await database.use((db) => sql<{ work_id: string }>`${both}`.execute(db));
  return rows.map((row) => row.work_id);
}

/** `'star' & ('wars' | 'was':*)`. A last word of one letter begins so much that it is left to the ranking. */
function askedOf(words: Parameters<SearchStore["candidates"]>[0]["words"]): string {
  const parts = words.flatMap(({ meanings, isBegun }) => {
    const [typed = "", ...others] = meanings;
    if (isBegun && [...typed].length < 2) return [];
    return [`(${[`${quoted(typed)}${isBegun ? ":*" : ""}`, ...others.map(quoted)].join(" | ")})`];
  });
  return parts.join(" & ");
}

async function similar(
  database: Database,
  trigrams: Trigrams,
  words: readonly string[],
  limit: number,
): Promise<ReadonlyMap<string, readonly string[]>> {
  if (trigrams.kind === "missing" || words.length === 0) return new Map();
  const operator = sql.raw(`operator(${trigrams.schema}.%)`);
  const likenessOf = sql.raw(`${trigrams.schema}.similarity`);
  const parts = words.map(
    (word) =>
      sql`(select ${word}::text as typed, word from search_word where word ${operator} ${word}
        order by ${likenessOf}(word, ${word}) desc, word limit ${limit})`,
  );
  const { rows } = await database.transaction(async (db) => {
    await sql.raw(`set local pg_trgm.similarity_threshold = ${likeness}`).execute(db);
    return sql<{ typed: string; word: string }>`${sql.join(parts, sql` union all `)}`.execute(db);
  });
  const found = new Map<string, string[]>(words.map((word) => [word, []]));
  for (const { typed, word } of rows) found.get(typed)?.push(word);
  return found;
}
