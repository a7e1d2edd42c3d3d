// Content keys, wrapped. Nothing here can open them.
import { type Kysely, type SelectQueryBuilder, sql } from "kysely";
import type { ContentKeyStore, KeyAdded, NewKey, StoredKey } from "#data/ports-licence.ts";
import type { WrappedKey } from "#model/content-key.ts";
import type { Database } from "./database-access.ts";
import type { Schema } from "./schema.ts";

export function contentKeyStore(database: Database): ContentKeyStore {
  return {
    add: (added) => addAll(database, added),
    async ofTitle(titleId, signal) {
      const rows = await database.use(
        (db) => keys(db).where("title_id", "=", titleId).orderBy("label").orderBy("kid").execute(),
        signal,
      );
      return rows.map(stored);
    },
    inUse: (titleId, kids, endsAtMs) => database.transaction((db) => inUse(db, titleId, kids, endsAtMs)),
    wrappedByOthers: async (kekId, limit, after) =>
      (await database.use((db) => others(db, kekId, limit, after))).map(stored),
    rewrap: (before, wrapped) => database.transaction((db) => rewrap(db, before, wrapped)),
    wrappers: async () => {
      const rows = await database.use((db) =>
        db
          .selectFrom("content_key")
          .select(["kek_id as kekId", sql<string>`count(*)`.as("keys")])
          .groupBy("kek_id")
          .orderBy("kek_id")
          .execute(),
      );
      return rows.map(({ kekId, keys: count }) => ({ kekId, keys: Number(count) }));
    },
  };
}

type Row = Omit<StoredKey, "endsAtMs" | "signalling"> & {
  readonly endsAtMs: number | null;
  readonly signalling: NonNullable<StoredKey["signalling"]> | null;
};

function keys(db: Kysely<Schema>): SelectQueryBuilder<Schema, "content_key", Row> {
  return db
    .selectFrom("content_key")
    .select([
      "title_id as titleId",
      "kid",
      "label",
      "kek_id as kekId",
      "nonce",
      "sealed",
      "created_at_ms as createdAtMs",
      "ends_at_ms as endsAtMs",
      "signalling",
    ]);
}

function others(
  db: Kysely<Schema>,
  kekId: string,
  limit: number,
  after: Pick<StoredKey, "titleId" | "kid"> = { titleId: "", kid: "" },
): Promise<Row[]> {
  const { titleId, kid } = after;
  return keys(db)
    .where("kek_id", "<>", kekId)
    .where((is) =>
      is.or([is("title_id", ">", titleId), is.and([is("title_id", "=", titleId), is("kid", ">", kid)])]),
    )
    .orderBy("title_id")
    .orderBy("kid")
    .limit(limit)
    .execute();
}

function stored({ endsAtMs, signalling, ...row }: Row): StoredKey {
  return { ...row, endsAtMs: endsAtMs ?? undefined, ...(signalling && { signalling }) };
}

/** Undoes what the transaction wrote. */
class NotAdded extends Error {
  readonly answer: Exclude<KeyAdded, "added">;

  constructor(answer: Exclude<KeyAdded, "added">) {
    super(answer);
    this.answer = answer;
  }
}

async function addAll(database: Database, added: readonly NewKey[]): Promise<KeyAdded> {
  try {
    await database.transaction(async (db) => {
      for (const key of added) await add(db, key);
    });
    return "added";
  } catch (error) {
    if (error instanceof NotAdded) return error.answer;
    throw error;
  }
}

/**
 * Whoever adds the same key at the same moment meets the row that the other made, or its nonce.
 *
 * @throws NotAdded
 */
async function add(db: Kysely<Schema>, key: NewKey): Promise<void> {
  const { titleId, kid, label, kekId, nonce, sealed, createdAtMs } = key;
  const signalling = key.signalling === undefined ? null : JSON.stringify(key.signalling);
  const row = { title_id: titleId, kid, label, kek_id: kekId, nonce, sealed, created_at_ms: createdAtMs };
  const made = await db
    .insertInto("content_key")
    .values({ ...row, ends_at_ms: null, signalling })
    .onConflict((conflict) => conflict.doNothing())
    .returning("kid")
    .executeTakeFirst();
  if (made !== undefined) return;
  const there = await keys(db).where("title_id", "=", titleId).where("kid", "=", kid).executeTakeFirst();
  throw new NotAdded(there === undefined ? "nonce-taken" : "known");
}

async function inUse(
  db: Kysely<Schema>,
  titleId: string,
  kids: readonly string[],
  endsAtMs: number,
): Promise<void> {
  const all = await keys(db).where("title_id", "=", titleId).forUpdate().execute();
  for (const { kid, endsAtMs: before } of all) {
    const wanted = kids.includes(kid) ? null : (before ?? endsAtMs);
    if (wanted === before) continue;
    await db
      .updateTable("content_key")
      .set({ ends_at_ms: wanted })
      .where("title_id", "=", titleId)
      .where("kid", "=", kid)
      .execute();
  }
}

async function rewrap(
  db: Kysely<Schema>,
  before: StoredKey,
  { kekId, nonce, sealed }: WrappedKey,
): Promise<boolean | "nonce-taken"> {
  const taken = await keys(db).where("kek_id", "=", kekId).where("nonce", "=", nonce).executeTakeFirst();
  if (taken !== undefined) return "nonce-taken";
  const changed = await db
    .updateTable("content_key")
    .set({ kek_id: kekId, nonce, sealed })
    .where("title_id", "=", before.titleId)
    .where("kid", "=", before.kid)
    .where("kek_id", "=", before.kekId)
    .where("nonce", "=", before.nonce)
    .executeTakeFirst();
  return Number(changed.numUpdatedRows) === 1;
}
