// What an operator denied: sessions and titles, with the end of the last path that could open them.
import type { DenialStore } from "#data/ports.ts";
import type { Database } from "./database-access.ts";

export function denialStore(database: Database): DenialStore {
  return {
    all: () =>
      database.use((db) =>
        db
          .selectFrom("denial")
          .select(["kind", "id", "until_ms as untilMs"])
          .orderBy("kind")
          .orderBy("id")
          .execute(),
      ),
    add: async ({ kind, id, untilMs }) => {
      await database.use((db) =>
        db
          .insertInto("denial")
          .values({ kind, id, until_ms: untilMs })
          .onConflict((conflict) => conflict.columns(["kind", "id"]).doUpdateSet({ until_ms: untilMs }))
          .execute(),
      );
    },
    remove: async ({ kind, id }) => {
      await database.use((db) =>
        db.deleteFrom("denial").where("kind", "=", kind).where("id", "=", id).execute(),
      );
    },
  };
}
