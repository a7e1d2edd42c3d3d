// Bookmarks and viewing history in the database that has everything else.
import { type Kysely, sql } from "kysely";
import { checkCounts, checkKeys, checkRemoval, liveMs, mostLive } from "#data/history-rules.ts";
import type { BookmarkReading, ErasureStore, HistoryStore } from "#data/ports-history.ts";
import type { Bookmark } from "#model/playback.ts";
import type { Database } from "./database-access.ts";
import { eraseHistory } from "./eraser-history.ts";
import { type HistoryShelf, type OnRollStep, pageOf, rollUp } from "./history-roll.ts";
import { appendPlays, bookmarks, livePlays, putBookmarks, removeBookmark } from "./history-rows.ts";
import { slices } from "./rows.ts";
import type { Schema } from "./schema.ts";

export function historyStore(database: Database, onStep?: OnRollStep): HistoryStore {
  const listed = (
    profileId: string,
    limit: number,
    which: "unfinished" | "all",
    signal: AbortSignal | undefined,
  ): Promise<readonly Bookmark[]> => {
    checkCounts(limit);
    let query = (db: Kysely<Schema>) =>
      bookmarks(db).where("profile_id", "=", profileId).where("removed", "=", false);
    const all = query;
    if (which === "unfinished") query = (db) => all(db).where("finished", "=", false);
    return database.use((db) => query(db).orderBy("ord", "desc").limit(limit).execute(), signal);
  };
  return {
    put: (marks, signal) => database.transaction((db) => putBookmarks(db, marks), signal),
    get: (of, signal) => reading(database, of, signal),
    continueWatching: (profileId, limit, signal) => listed(profileId, limit, "unfinished", signal),
    recent: (profileId, limit, signal) => listed(profileId, limit, "all", signal),
    async remove(of, signal) {
      checkRemoval(of);
      await database.use((db) => removeBookmark(db, of), signal);
    },
    append: (plays, signal) => database.transaction((db) => appendPlays(db, plays), signal),
    async page(profileId, order, signal) {
      checkCounts(order.limit);
      return database.use((db) => pageOf(shelf(db), profileId, order), signal);
    },
    rollup: (profileId, nowMs, signal) =>
      database.transaction((db) => rollUp(shelf(db), { profileId, nowMs, onStep }), signal),
    due: (nowMs, limit) => due(database, nowMs, limit),
    async erase(profileId, signal) {
      checkKeys(profileId);
      await database.transaction((db) => eraseHistory(db, profileId), signal);
    },
    async ping(signal) {
      await database.use((db) => sql`select 1`.execute(db), signal);
    },
    trouble: () => undefined,
    close: async () => undefined,
  };
}

async function reading(
  database: Database,
  { profileId, titleId, minOrd = 0 }: Parameters<HistoryStore["get"]>[0],
  signal: AbortSignal | undefined,
): Promise<BookmarkReading> {
  const row = await database.use(
    (db) =>
      bookmarks(db)
        .select("removed")
        .where("profile_id", "=", profileId)
        .where("title_id", "=", titleId)
        .executeTakeFirst(),
    signal,
  );
  if (row === undefined) return { bookmark: undefined, stale: minOrd > 0 };
  const { removed, ...bookmark } = row;
  return { bookmark: removed ? undefined : bookmark, stale: bookmark.ord < minOrd };
}

function shelf(db: Kysely<Schema>): HistoryShelf {
  return {
    live: (profileId) => livePlays(db).where("profile_id", "=", profileId).execute(),
    rolls: (profileId) =>
      db
        .selectFrom("history_roll")
        .select(["profile_id as profileId", "roll", "version", "ord", "chunks"])
        .where("profile_id", "=", profileId)
        .execute(),
    async chunk({ profileId, roll }, chunk) {
      const row = await db
        .selectFrom("history_chunk")
        .select("body")
        .where("profile_id", "=", profileId)
        .where("roll", "=", roll)
        .where("chunk", "=", chunk)
        .executeTakeFirst();
      return row?.body;
    },
    async putChunks({ profileId, roll, bodies }) {
      for (const [chunk, body] of bodies.entries()) {
        const row = { profile_id: profileId, roll, chunk, body };
        await db
          .insertInto("history_chunk")
          .values(row)
          .onConflict((conflict) => conflict.columns(["profile_id", "roll", "chunk"]).doUpdateSet({ body }))
          .execute();
      }
    },
    async putRoll({ profileId, roll, version, ord, chunks }) {
      await db
        .insertInto("history_roll")
        .values({ profile_id: profileId, roll, version, ord, chunks: JSON.stringify(chunks) })
        .onConflict((conflict) => conflict.columns(["profile_id", "roll"]).doNothing())
        .execute();
    },
    async deleteLive(plays) {
      for (const slice of slices(plays)) {
        const list = sql.join(
          slice.map(
            (play) =>
              sql`(${play.profileId}::text, ${play.generation}::bigint, ${play.titleId}::text, ${play.ord}::bigint)`,
          ),
        );
        await sql`delete from history_live using (values ${list}) as rolled (profile_id, generation, title_id, ord)
          where history_live.profile_id = rolled.profile_id and history_live.generation = rolled.generation
            and history_live.title_id = rolled.title_id and history_live.ord <= rolled.ord`.execute(db);
      }
    },
  };
}

async function due(database: Database, nowMs: number, limit: number): Promise<readonly string[]> {
  return database.use(async (db) => {
    const old = await db
      .selectFrom("history_live")
      .select("profile_id")
      .distinct()
      .where("started_at_ms", "<=", nowMs - liveMs)
      .limit(limit)
      .execute();
    const many = await db
      .selectFrom("history_live")
      .select("profile_id")
      .groupBy("profile_id")
      .having((row) => row.fn.countAll<number>(), ">", mostLive)
      .limit(limit)
      .execute();
    const all = [...old, ...many].map((row) => row.profile_id);
    return [...new Set(all)].slice(0, limit);
  });
}

export function erasureStore(database: Database): ErasureStore {
  return {
    pending: (limit) =>
      database.use((db) =>
        db
          .selectFrom("history_erasure")
          .select(["profile_id as profileId", "asked_at_ms as askedAtMs"])
          .orderBy("asked_at_ms")
          .limit(limit)
          .execute(),
      ),
    async done(profileIds) {
      if (profileIds.length === 0) return;
      await database.use((db) =>
        db.deleteFrom("history_erasure").where("profile_id", "in", profileIds).execute(),
      );
    },
  };
}
