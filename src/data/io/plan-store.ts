// Placement plans by epoch, and the popularity they are made from.
import { sql } from "kysely";
import type { PlanStore, PopularityRow } from "#data/ports.ts";
import type { PlacementPlan } from "#model/placement.ts";
import type { Database } from "./database-access.ts";
import { slices } from "./rows.ts";

export function planStore(database: Database, plansKept: number): PlanStore {
  return {
    save: (plan, nowMs) => save(database, { plan, nowMs, plansKept }),
    latest: () =>
      database.use((db) =>
        db
          .selectFrom("placement_plan")
          .select(["epoch", "created_at_ms as createdAtMs", "plan"])
          .orderBy("epoch", "desc")
          .limit(1)
          .executeTakeFirst(),
      ),
    moved: () =>
      database.use((db) =>
        db
          .selectFrom("placement_plan")
          .select(["epoch", "created_at_ms as createdAtMs"])
          .select(sql<number>`(plan->'predicted'->>'churnBytes')::double precision`.as("churnBytes"))
          .orderBy("epoch")
          .execute(),
      ),
    popularity: () =>
      database.use((db) =>
        db
          .selectFrom("popularity")
          .select(["file_id as fileId", "plays_per_day as playsPerDay"])
          .orderBy("file_id")
          .execute(),
      ),
    setPopularity: (rows) => setPopularity(database, rows),
  };
}

function save(
  database: Database,
  order: { readonly plan: PlacementPlan; readonly nowMs: number; readonly plansKept: number },
): Promise<{ readonly epoch: number }> {
  return database.transaction(async (db) => {
    const { value: epoch } = await db
      .insertInto("counter")
      .values({ name: "plan", value: 1 })
      .onConflict((conflict) =>
        conflict.column("name").doUpdateSet((row) => ({ value: row("counter.value", "+", 1) })),
      )
      .returning("value")
      .executeTakeFirstOrThrow();
    await db
      .insertInto("placement_plan")
      .values({ epoch, created_at_ms: order.nowMs, plan: JSON.stringify(order.plan) })
      .execute();
    await db
      .deleteFrom("placement_plan")
      .where("epoch", "<=", epoch - order.plansKept)
      .execute();
    return { epoch };
  });
}

async function setPopularity(database: Database, rows: readonly PopularityRow[]): Promise<void> {
  // One row per file: of two, the later in the list holds.
  const byFile = new Map(rows.map((row) => [row.fileId, row.playsPerDay]));
  const values = [...byFile].map(([file_id, plays_per_day]) => ({ file_id, plays_per_day }));
  await database.transaction(async (db) => {
    // Whoever replaces the list holds this row meanwhile, or two at once would meet in each other's rows.
    await db
      .insertInto("counter")
      .values({ name: "popularity", value: 1 })
      .onConflict((conflict) =>
        conflict.column("name").doUpdateSet((row) => ({ value: row("counter.value", "+", 1) })),
      )
      .execute();
    await db.deleteFrom("popularity").execute();
    for (const slice of slices(values)) await db.insertInto("popularity").values(slice).execute();
  });
}
