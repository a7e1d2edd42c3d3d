// The row that says which control plane is active. Each step is one statement that names what it was decided by: of several who
// decided by the same, the database lets one do it.
import { type Kysely, type RawBuilder, sql } from "kysely";
import type { HoldSeen, HoldStore } from "#data/ports-plane.ts";
import { assert } from "#units/assert.ts";
import type { Database } from "./database-access.ts";
import type { Schema } from "./schema.ts";

const now: RawBuilder<number> = sql`(extract(epoch from clock_timestamp()) * 1000)::bigint`;

export function holdStore(database: Database): HoldStore {
  return {
    look: () => database.use(look),
    take: (seen, claimant) =>
      database.use(async (db) => {
        const { lifeMs, ...who } = claimant;
        const taken = await db
          .updateTable("plane_hold")
          .set({ ...who, epoch: seen.epoch + 1, beats: 0, since_ms: now, beat_ms: now, life_ms: lifeMs })
          .where("id", "=", "active")
          .where("epoch", "=", seen.epoch)
          .where("holder", "=", seen.holder)
          .where("beats", "=", seen.beats)
          .executeTakeFirst();
        return taken.numUpdatedRows === 1n ? seen.epoch + 1 : undefined;
      }),
    beat: ({ epoch, holder }, lifeMs) =>
      database.use(async (db) => {
        const renewed = await db
          .updateTable("plane_hold")
          .set((row) => ({ beats: row("beats", "+", 1), beat_ms: now, life_ms: lifeMs }))
          .where("id", "=", "active")
          .where("epoch", "=", epoch)
          .where("holder", "=", holder)
          .executeTakeFirst();
        return renewed.numUpdatedRows === 1n;
      }),
    release: ({ epoch, holder }) =>
      database.use(async (db) => {
        await db
          .updateTable("plane_hold")
          .set({ holder: "" })
          .where("id", "=", "active")
          .where("epoch", "=", epoch)
          .where("holder", "=", holder)
          .execute();
      }),
  };
}

async function look(db: Kysely<Schema>): Promise<HoldSeen> {
  const row = await db
    .selectFrom("plane_hold")
    .selectAll()
    .select(now.as("now_ms"))
    .where("id", "=", "active")
    .executeTakeFirst();
  assert(row !== undefined, "the hold has its row");
  const { epoch, holder, host, pid, process, secrets, beats } = row;
  const times = { sinceMs: row.since_ms, beatMs: row.beat_ms, lifeMs: row.life_ms, nowMs: row.now_ms };
  return { epoch, holder, host, pid, process, secrets, beats, ...times };
}
