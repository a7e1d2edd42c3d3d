// Pictures of works, by the hash of their bytes.
import type { PictureStore } from "#data/ports-catalog.ts";
import type { Database } from "./database-access.ts";

export function pictureStore(database: Database): PictureStore {
  return {
    async put({ sha256, type, bytes }, nowMs) {
      const row = { sha256, type, bytes, created_at_ms: nowMs };
      await database.use((db) =>
        db
          .insertInto("picture")
          .values(row)
          .onConflict((conflict) => conflict.doNothing())
          .execute(),
      );
    },
    get: (sha256) =>
      database.use((db) =>
        db
          .selectFrom("picture")
          .select(["sha256", "type", "bytes"])
          .where("sha256", "=", sha256)
          .executeTakeFirst(),
      ),
  };
}
