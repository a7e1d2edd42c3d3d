// What profiles watched, and the model of taste made of it.
import { sql } from "kysely";
import type { StoredTaste, TasteStore, WatchedRow } from "#data/ports-taste.ts";
import { watchedMs, watchedPart } from "#data/watched.ts";
import type { Database } from "./database-access.ts";
import { slices } from "./rows.ts";

const modelName = "taste";

export function tasteStore(database: Database): TasteStore {
  return {
    watched: (order) => watched(database, order),
    begun: (order) => begun(database, order),
    seen: (profileId, most) => seen(database, profileId, most),
    save: (taste) => save(database, taste),
    latest: () => latest(database),
  };
}

async function watched(
  database: Database,
  { sinceMs, most }: { readonly sinceMs: number; readonly most: number },
): Promise<readonly WatchedRow[]> {
  return database.use((db) =>
    db
      .selectFrom("bookmark")
      .innerJoin("play_session", (join) =>
        join
          .onRef("play_session.profile_id", "=", "bookmark.profile_id")
          .onRef("play_session.title_id", "=", "bookmark.title_id"),
      )
      .select((row) => [
        "bookmark.profile_id as profileId",
        "bookmark.title_id as titleId",
        row.fn.max("play_session.started_at_ms").as("atMs"),
      ])
      .where("play_session.started_at_ms", ">=", sinceMs)
      .where("bookmark.removed", "=", false)
      .where((row) =>
        row.or([
          row("bookmark.finished", "=", true),
          row("bookmark.position_ms", ">=", watchedMs),
          row(
            sql<number>`bookmark.position_ms * ${sql.lit(watchedPart)}`,
            ">=",
            row.ref("bookmark.duration_ms"),
          ),
        ]),
      )
      .groupBy(["bookmark.profile_id", "bookmark.title_id"])
      .orderBy("atMs", "desc")
      .orderBy("bookmark.profile_id")
      .orderBy("bookmark.title_id")
      .limit(most)
      .execute(),
  );
}

async function begun(
  database: Database,
  { sinceMs, most }: { readonly sinceMs: number; readonly most: number },
): Promise<readonly WatchedRow[]> {
  return database.use((db) =>
    db
      .selectFrom("play_session")
      .select((row) => [
        "profile_id as profileId",
        "title_id as titleId",
        row.fn.max("started_at_ms").as("atMs"),
      ])
      .where("started_at_ms", ">=", sinceMs)
      .groupBy(["profile_id", "title_id"])
      .orderBy("atMs", "desc")
      .orderBy("profile_id")
      .orderBy("title_id")
      .limit(most)
      .execute(),
  );
}

async function seen(database: Database, profileId: string, most: number): Promise<readonly string[]> {
  const rows = await database.use((db) =>
    db
      .selectFrom("bookmark")
      .select("title_id")
      .where("profile_id", "=", profileId)
      .where("removed", "=", false)
      .orderBy("ord", "desc")
      .limit(most)
      .execute(),
  );
  return rows.map((row) => row.title_id);
}

/** A version's weights are there before its row points at them. */
async function save(database: Database, { madeAtMs, facts, weights }: StoredTaste): Promise<void> {
  await database.transaction(async (db) => {
    const row = { name: modelName, version: 1, made_at_ms: madeAtMs, facts: JSON.stringify(facts) };
    const { version } = await db
      .insertInto("taste_model")
      .values(row)
      .onConflict((conflict) =>
        conflict.column("name").doUpdateSet((old) => ({
          version: old("taste_model.version", "+", 1),
          made_at_ms: old.ref("excluded.made_at_ms"),
          facts: old.ref("excluded.facts"),
        })),
      )
      .returning("version")
      .executeTakeFirstOrThrow();
    for (const slice of slices([...weights])) {
      const values = slice.map(([title_id, list]) => ({ version, title_id, weights: JSON.stringify(list) }));
      await db.insertInto("taste_weight").values(values).execute();
    }
    await db.deleteFrom("taste_weight").where("version", "<>", version).execute();
  });
}

async function latest(database: Database): Promise<StoredTaste | undefined> {
  return database.transaction(async (db) => {
    const model = await db
      .selectFrom("taste_model")
      .selectAll()
      .where("name", "=", modelName)
      .executeTakeFirst();
    if (model === undefined) return undefined;
    const rows = await db
      .selectFrom("taste_weight")
      .select(["title_id", "weights"])
      .where("version", "=", model.version)
      .orderBy("title_id")
      .execute();
    const weights = new Map(rows.map((row) => [row.title_id, row.weights]));
    return { madeAtMs: model.made_at_ms, facts: model.facts, weights };
  });
}
