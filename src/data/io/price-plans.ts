// Versions of price plans. A version is never changed but for being offered and being told.
import type { PricePlan } from "#model/billing.ts";
import { planOf } from "./billing-rows.ts";
import type { Database } from "./database-access.ts";

export function addPlan(database: Database, plan: Omit<PricePlan, "version">): Promise<PricePlan> {
  return database.transaction(async (db) => {
    const before = await db
      .selectFrom("price_plan")
      .select("version")
      .where("id", "=", plan.planId)
      .orderBy("version", "desc")
      .forUpdate()
      .execute();
    await db.updateTable("price_plan").set({ offered: false }).where("id", "=", plan.planId).execute();
    const row = await db
      .insertInto("price_plan")
      .values({
        id: plan.planId,
        version: (before[0]?.version ?? 0) + 1,
        name: plan.name,
        screens: plan.screens,
        max_height: plan.maxHeight,
        price_minor: plan.priceMinor,
        currency: plan.currency,
        period: plan.period,
        trial_days: plan.trialDays,
        offered: plan.offered,
        created_at_ms: plan.createdAtMs,
        told_from_ms: plan.toldFromMs ?? null,
      })
      .returningAll()
      .executeTakeFirstOrThrow();
    return planOf(row);
  });
}

/** False: nothing of that name was offered. */
export async function withdrawPlan(database: Database, planId: string): Promise<boolean> {
  const rows = await database.use((db) =>
    db
      .updateTable("price_plan")
      .set({ offered: false })
      .where("id", "=", planId)
      .where("offered", "=", true)
      .returning("id")
      .execute(),
  );
  return rows.length > 0;
}

export function tellPlan(database: Database, planId: string, fromMs: number): Promise<PricePlan | undefined> {
  return database.transaction(async (db) => {
    const newest = await db
      .selectFrom("price_plan")
      .select("version")
      .where("id", "=", planId)
      .orderBy("version", "desc")
      .limit(1)
      .executeTakeFirst();
    if (newest === undefined) return undefined;
    const row = await db
      .updateTable("price_plan")
      .set({ told_from_ms: fromMs })
      .where("id", "=", planId)
      .where("version", "=", newest.version)
      .returningAll()
      .executeTakeFirstOrThrow();
    return planOf(row);
  });
}
