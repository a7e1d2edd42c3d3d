// Appliances that an operator took out of new plays, until they are put back.
import type { DrainStore } from "#data/ports.ts";
import type { Database } from "./database-access.ts";

export function drainStore(database: Database): DrainStore {
  return {
    all: () =>
      database.use(async (db) => {
        const rows = await db.selectFrom("drain").select("appliance_id").orderBy("appliance_id").execute();
        return rows.map((row) => row.appliance_id);
      }),
    add: async (applianceId) => {
      await database.use((db) =>
        db
          .insertInto("drain")
          .values({ appliance_id: applianceId })
          .onConflict((conflict) => conflict.column("appliance_id").doNothing())
          .execute(),
      );
    },
    remove: async (applianceId) => {
      await database.use((db) => db.deleteFrom("drain").where("appliance_id", "=", applianceId).execute());
    },
  };
}
