// Play sessions with their fencing numbers, and what the beacons of each add up to.
import { type Kysely, type SelectQueryBuilder, sql } from "kysely";
import { dataFaults } from "#data/faults.ts";
import type { LongPaths, PlaybackStore, SessionWish } from "#data/ports.ts";
import type { PlaySession, SessionSummary } from "#model/playback.ts";
import { assert } from "#units/assert.ts";
import { Fault } from "#units/fault.ts";
import type { Database } from "./database-access.ts";
import { appendPlays, putBookmarks } from "./history-rows.ts";
import { highestByKey, slices } from "./rows.ts";
import type { Schema } from "./schema.ts";

export function playbackStore(database: Database): PlaybackStore {
  return {
    open: (order) => open(database, order),
    session: (id, signal) =>
      database.use((db) => sessions(db).where("play_session.id", "=", id).executeTakeFirst(), signal),
    sessions: async (ids) => {
      const found: PlaySession[] = [];
      for (const slice of slices([...new Set(ids)]))
        found.push(
          ...(await database.use((db) => sessions(db).where("play_session.id", "in", slice).execute())),
        );
      return found;
    },
    keepLongPaths: async (sessionId, pathsEndMs) => {
      await database.use((db) =>
        db
          .updateTable("play_session")
          .set({ paths_end_ms: pathsEndMs })
          .where("id", "=", sessionId)
          .where("paths_end_ms", "<", pathsEndMs)
          .execute(),
      );
    },
    longPaths: (nowMs) => longPaths(database, nowMs),
    recent: (limit, wish = {}) => recent(database, limit, wish),
    marked: (mark, sinceMs) => marked(database, mark, sinceMs),
    summaries: (sessionIds) => summaries(database, sessionIds),
    apply: (order) => apply(database, order),
    offset: (group) => offset(database, group),
    playsByRegion: (sinceMs) =>
      database.use((db) =>
        db
          .selectFrom("play_session")
          .select((row) => ["title_id as titleId", "region", row.fn.countAll<number>().as("plays")])
          .where("started_at_ms", ">=", sinceMs)
          .where(wasPlayed)
          .groupBy(["title_id", "region"])
          .orderBy("title_id")
          .orderBy("region")
          .execute(),
      ),
    playCounts: (sinceMs) =>
      database.use((db) =>
        db
          .selectFrom("play_session")
          .select((row) => ["title_id as titleId", row.fn.countAll<number>().as("plays")])
          .where("started_at_ms", ">=", sinceMs)
          .where(wasPlayed)
          .groupBy("title_id")
          .orderBy("title_id")
          .execute(),
      ),
  };
}

/** A session that failed before its first picture says nothing of what people want to see again; one under way does. */
const wasPlayed = sql<boolean>`(
  not exists (select 1 from qoe_session told where told.session_id = play_session.id)
  or exists (
    select 1 from qoe_session told
    where told.session_id = play_session.id and (told.starts > 0 or told.play_ms > 0)))`;

function sessions(db: Kysely<Schema>): SelectQueryBuilder<Schema, "play_session", PlaySession> {
  return db
    .selectFrom("play_session")
    .select([
      "play_session.id",
      "play_session.account_id as accountId",
      "play_session.profile_id as profileId",
      "play_session.title_id as titleId",
      "play_session.generation",
      "play_session.viewpoint",
      "play_session.started_at_ms as startedAtMs",
    ]);
}

/** The second condition is the index's own, which knows only sessions with such paths. */
function longPaths(database: Database, nowMs: number): Promise<readonly LongPaths[]> {
  return database.use((db) =>
    db
      .selectFrom("play_session")
      .select(["id as sessionId", "account_id as accountId", "generation", "paths_end_ms as pathsEndMs"])
      .where("paths_end_ms", ">", nowMs)
      .where(sql<boolean>`paths_end_ms > 0`)
      .orderBy("id")
      .execute(),
  );
}

/** Raising the generation locks the account's row, so plays of one account start one after the other. */
function open(database: Database, order: Omit<PlaySession, "generation">): Promise<PlaySession> {
  return database.transaction(async (db) => {
    const raised = await db
      .updateTable("account")
      .set((row) => ({ generation: row("generation", "+", 1) }))
      .where("id", "=", order.accountId)
      .returning("generation")
      .executeTakeFirst();
    if (raised === undefined) throw new Fault(dataFaults.accountUnknown, { accountId: order.accountId });
    const session: PlaySession = { ...order, generation: raised.generation };
    const made = await db
      .insertInto("play_session")
      .values({
        id: session.id,
        account_id: session.accountId,
        profile_id: session.profileId,
        title_id: session.titleId,
        generation: session.generation,
        viewpoint: session.viewpoint,
        started_at_ms: session.startedAtMs,
        region: session.region ?? "",
        network: session.network ?? "",
        device: session.device ?? "",
      })
      .onConflict((conflict) => conflict.column("id").doNothing())
      .returning("id")
      .executeTakeFirst();
    if (made !== undefined) return session;
    const before = await sessions(db).where("play_session.id", "=", order.id).executeTakeFirst();
    const same =
      before?.accountId === order.accountId &&
      before.profileId === order.profileId &&
      before.titleId === order.titleId;
    if (!same) throw new Fault(dataFaults.sessionTaken, { sessionId: order.id });
    return before;
  });
}

async function recent(
  database: Database,
  limit: number,
  wish: SessionWish,
): ReturnType<PlaybackStore["recent"]> {
  const wanted = [
    ["play_session.id", wish.id],
    ["play_session.title_id", wish.titleId],
    ["play_session.network", wish.network],
    ["play_session.device", wish.device],
  ] as const;
  const rows = await database.use((db) => {
    let query = sessions(db)
      .innerJoin("account", "account.id", "play_session.account_id")
      .leftJoin("session_summary", "session_summary.session_id", "play_session.id")
      .select(["account.email", "session_summary.summary"])
      .select(["play_session.region", "play_session.network", "play_session.device"]);
    for (const [column, value] of wanted) if (value !== undefined) query = query.where(column, "=", value);
    for (const name of ["applianceId", "state"] as const) {
      const value = wish[name];
      if (value !== undefined)
        query = query.where(sql<string>`session_summary.summary->>${sql.lit(name)}`, "=", value);
    }
    return query
      .orderBy("play_session.started_at_ms", "desc")
      .orderBy("play_session.id")
      .limit(limit)
      .execute();
  });
  return rows.map(({ region, network, device, ...row }) => ({
    ...row,
    ...(region !== "" && { region }),
    ...(network !== "" && { network }),
    ...(device !== "" && { device }),
    summary: row.summary ?? undefined,
  }));
}

/** The start bounds the search: the index of ids knows no beginnings in every collation. */
async function marked(
  database: Database,
  mark: string,
  sinceMs: number,
): ReturnType<PlaybackStore["marked"]> {
  assert(/^[A-Za-z0-9.-]+$/.test(mark), "a mark holds no sign that means something to LIKE");
  const rows = await database.use((db) =>
    sessions(db)
      .leftJoin("session_summary", "session_summary.session_id", "play_session.id")
      .select("session_summary.summary")
      .where("play_session.started_at_ms", ">=", sinceMs)
      .where("play_session.id", "like", `${mark}%`)
      .orderBy("play_session.id")
      .execute(),
  );
  return rows.map((row) => ({ ...row, summary: row.summary ?? undefined }));
}

async function summaries(
  database: Database,
  sessionIds: readonly string[],
): Promise<readonly SessionSummary[]> {
  const found: SessionSummary[] = [];
  for (const slice of slices([...new Set(sessionIds)])) {
    const rows = await database.use((db) =>
      db.selectFrom("session_summary").select("summary").where("session_id", "in", slice).execute(),
    );
    found.push(...rows.map((row) => row.summary));
  }
  return found;
}

async function apply(database: Database, order: Parameters<PlaybackStore["apply"]>[0]): Promise<void> {
  const newest = highestByKey(
    order.summaries,
    (summary) => summary.sessionId,
    (summary) => summary.lastSeq,
  );
  await database.transaction(async (db) => {
    await raiseOffset(db, order.group, order.offset);
    for (const slice of slices(newest)) await upsertSummaries(db, slice);
    await putBookmarks(db, order.bookmarks);
    await appendPlays(db, order.plays ?? []);
  });
}

async function raiseOffset(db: Kysely<Schema>, name: string, next: number): Promise<void> {
  await db
    .insertInto("consumer")
    .values({ name, next_offset: next })
    .onConflict((conflict) =>
      conflict
        .column("name")
        .doUpdateSet((row) => ({ next_offset: row.ref("excluded.next_offset") }))
        .whereRef("consumer.next_offset", "<", "excluded.next_offset"),
    )
    .execute();
}

async function upsertSummaries(db: Kysely<Schema>, slice: readonly SessionSummary[]): Promise<void> {
  const values = slice.map((summary) => ({
    session_id: summary.sessionId,
    last_seq: summary.lastSeq,
    summary: JSON.stringify(summary),
  }));
  await db
    .insertInto("session_summary")
    .values(values)
    .onConflict((conflict) =>
      conflict
        .column("session_id")
        .doUpdateSet((row) => ({
          last_seq: row.ref("excluded.last_seq"),
          summary: row.ref("excluded.summary"),
        }))
        .whereRef("session_summary.last_seq", "<", "excluded.last_seq"),
    )
    .execute();
}

async function offset(database: Database, group: string): Promise<number> {
  const row = await database.use((db) =>
    db.selectFrom("consumer").select("next_offset").where("name", "=", group).executeTakeFirst(),
  );
  return row?.next_offset ?? 0;
}
