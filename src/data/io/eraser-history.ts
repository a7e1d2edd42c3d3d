// What a profile watched goes from this database at once; wherever else it may be kept, it goes by the row that is left.
import { type Kysely, sql } from "kysely";
import type { Schema } from "./schema.ts";

/** In a transaction of the caller's. */
export async function eraseHistory(db: Kysely<Schema>, profileId: string): Promise<void> {
  for (const table of ["bookmark", "history_live", "history_roll", "history_chunk"] as const) {
    await db.deleteFrom(table).where("profile_id", "=", profileId).execute();
  }
}

/** To be carried out wherever history is kept; see ErasureStore. */
export async function noteErasure(db: Kysely<Schema>, profileId: string): Promise<void> {
  const nowMs = sql<number>`(extract(epoch from clock_timestamp()) * 1000)::bigint`;
  await db
    .insertInto("history_erasure")
    .values({ profile_id: profileId, asked_at_ms: nowMs })
    .onConflict((conflict) => conflict.column("profile_id").doNothing())
    .execute();
}
