// Experiments on sessions and drills, each as one value: it is small, changes seldom and is read whole.
import type { ExperimentStore } from "#data/ports.ts";
import type { Database } from "./database-access.ts";

export function experimentStore(database: Database, table: "experiment" | "drill"): ExperimentStore {
  return {
    save: async ({ id, createdAtMs, value }) => {
      const row = { id, created_at_ms: createdAtMs, value: JSON.stringify(value) };
      await database.use((db) =>
        db
          .insertInto(table)
          .values(row)
          .onConflict((conflict) => conflict.column("id").doUpdateSet({ value: row.value }))
          .execute(),
      );
    },
    newest: (limit) =>
      database.use((db) =>
        db
          .selectFrom(table)
          .select(["id", "created_at_ms as createdAtMs", "value"])
          .orderBy("created_at_ms", "desc")
          .orderBy("id")
          .limit(limit)
          .execute(),
      ),
  };
}
