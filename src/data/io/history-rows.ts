// Bookmarks and plays as rows of SQL, inside a transaction of the caller's. Rows are written in the order of their keys, so
// that two programs cannot deadlock.
import type { Kysely, SelectQueryBuilder } from "kysely";
import { checkBookmark, checkPlay } from "#data/history-rules.ts";
import type { Bookmark, PlayRecord } from "#model/playback.ts";
import { highestByKey, slices } from "./rows.ts";
import type { Schema } from "./schema.ts";

/** @throws Fault value-refused */
export async function putBookmarks(db: Kysely<Schema>, bookmarks: readonly Bookmark[]): Promise<void> {
  for (const mark of bookmarks) checkBookmark(mark);
  const furthest = highestByKey(
    bookmarks,
    ({ profileId, titleId }) => JSON.stringify([profileId, titleId]),
    ({ ord }) => ord,
  );
  for (const slice of slices(furthest)) {
    const values = slice.map((mark) => ({
      profile_id: mark.profileId,
      title_id: mark.titleId,
      ord: mark.ord,
      position_ms: mark.positionMs,
      duration_ms: mark.durationMs,
      finished: mark.finished,
    }));
    await db
      .insertInto("bookmark")
      .values(values)
      .onConflict((conflict) =>
        conflict
          .columns(["profile_id", "title_id"])
          .doUpdateSet((row) => ({
            ord: row.ref("excluded.ord"),
            position_ms: row.ref("excluded.position_ms"),
            duration_ms: row.ref("excluded.duration_ms"),
            finished: row.ref("excluded.finished"),
            removed: row.ref("excluded.removed"),
          }))
          .whereRef("bookmark.ord", "<", "excluded.ord"),
      )
      .execute();
  }
}

/** A removal beats a bookmark of its own ord. */
export async function removeBookmark(
  db: Kysely<Schema>,
  { profileId, titleId, atOrd }: Pick<Bookmark, "profileId" | "titleId"> & { readonly atOrd: number },
): Promise<void> {
  const facts = { ord: atOrd, position_ms: 0, duration_ms: 0, finished: true, removed: true };
  await db
    .insertInto("bookmark")
    .values({ profile_id: profileId, title_id: titleId, ...facts })
    .onConflict((conflict) =>
      conflict
        .columns(["profile_id", "title_id"])
        .doUpdateSet(facts)
        .whereRef("bookmark.ord", "<=", "excluded.ord"),
    )
    .execute();
}

/** @throws Fault value-refused */
export async function appendPlays(db: Kysely<Schema>, plays: readonly PlayRecord[]): Promise<void> {
  for (const play of plays) checkPlay(play);
  const latest = highestByKey(
    plays,
    ({ profileId, generation, titleId }) => JSON.stringify([profileId, generation, titleId]),
    ({ ord }) => ord,
  );
  for (const slice of slices(latest)) {
    await db
      .insertInto("history_live")
      .values(slice.map(rowOf))
      .onConflict((conflict) =>
        conflict
          .columns(["profile_id", "generation", "title_id"])
          .doUpdateSet((row) => ({
            ord: row.ref("excluded.ord"),
            started_at_ms: row.ref("excluded.started_at_ms"),
            last_seen_ms: row.ref("excluded.last_seen_ms"),
            position_ms: row.ref("excluded.position_ms"),
          }))
          .whereRef("history_live.ord", "<", "excluded.ord"),
      )
      .execute();
  }
}

function rowOf(play: PlayRecord): Schema["history_live"] {
  return {
    profile_id: play.profileId,
    title_id: play.titleId,
    generation: play.generation,
    ord: play.ord,
    started_at_ms: play.startedAtMs,
    last_seen_ms: play.lastSeenMs,
    position_ms: play.positionMs,
  };
}

export function bookmarks(db: Kysely<Schema>): SelectQueryBuilder<Schema, "bookmark", Bookmark> {
  return db
    .selectFrom("bookmark")
    .select([
      "profile_id as profileId",
      "title_id as titleId",
      "ord",
      "position_ms as positionMs",
      "duration_ms as durationMs",
      "finished",
    ]);
}

export function livePlays(db: Kysely<Schema>): SelectQueryBuilder<Schema, "history_live", PlayRecord> {
  return db
    .selectFrom("history_live")
    .select([
      "profile_id as profileId",
      "title_id as titleId",
      "generation",
      "ord",
      "started_at_ms as startedAtMs",
      "last_seen_ms as lastSeenMs",
      "position_ms as positionMs",
    ]);
}
