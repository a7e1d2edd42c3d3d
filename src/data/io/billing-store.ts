// Customers, their subscriptions and the books. Every change goes through `change`, under the customer's row lock.
import { randomUUID } from "node:crypto";
import { type Kysely, sql } from "kysely";
import type {
  BillingChange,
  BillingStore,
  Changed,
  CustomerEnding,
  CustomerFile,
  StoredInvoice,
} from "#data/ports-billing.ts";
import type { PaymentTask } from "#model/billing.ts";
import { fileOf, planOf, taskOf, toldPlans } from "./billing-rows.ts";
import { balancesIn, KeyLost, ledgerIn, statusCountsIn, written } from "./billing-write.ts";
import type { Database } from "./database-access.ts";
import { addPlan, tellPlan, withdrawPlan } from "./price-plans.ts";
import type { Schema } from "./schema.ts";

export function billingStore(database: Database): BillingStore {
  return {
    nowMs: () =>
      database.use(async (db) => {
        const clock = sql<{
          now: number;
        }>`select (extract(epoch from clock_timestamp()) * 1000)::bigint as now`;
        return (await clock.execute(db)).rows[0]?.now ?? Number.NaN;
      }),
    plans: async () => {
      const rows = await database.use((db) =>
        db.selectFrom("price_plan").selectAll().orderBy("id").orderBy("version").execute(),
      );
      return rows.map(planOf);
    },
    addPlan: (plan) => addPlan(database, plan),
    withdrawPlan: (planId) => withdrawPlan(database, planId),
    tellPlan: (planId, fromMs) => tellPlan(database, planId, fromMs),
    change: (order) => changeIn(database, order),
    file: (accountId) => database.use((db) => fileIn(db, accountId)),
    ...reads(database),
    ledger: (after, limit) => database.use((db) => ledgerIn(db, after, limit)),
    balances: () => database.use(balancesIn),
    statusCounts: () => database.use(statusCountsIn),
    async pruneEvents(beforeMs) {
      await database.use((db) => db.deleteFrom("payment_event").where("at_ms", "<", beforeMs).execute());
    },
  };
}

function reads(
  database: Database,
): Pick<
  BillingStore,
  "dueCustomers" | "dueTasks" | "owner" | "customerByProviderRef" | "invoices" | "invoice"
> {
  return {
    dueCustomers: async (nowMs, limit) => {
      const due = (db: Kysely<Schema>) =>
        db
          .selectFrom("billing_customer")
          .select("id")
          .where("due_ms", "<=", nowMs)
          .orderBy("due_ms")
          .limit(limit);
      return (await database.use((db) => due(db).execute())).map(({ id }) => id);
    },
    dueTasks: (nowMs, limit) =>
      database.use((db) =>
        db
          .selectFrom("payment_task")
          .select(["customer_id as customerId", "id as taskId"])
          .where("state", "in", ["planned", "sent"])
          .where("due_ms", "<=", nowMs)
          .orderBy("due_ms")
          .limit(limit)
          .execute(),
      ),
    owner: (ref) => database.use((db) => ownerIn(db, ref)),
    customerByProviderRef: async (ref) => {
      const found = (db: Kysely<Schema>) =>
        db.selectFrom("billing_customer").select("id").where("provider_ref", "=", ref).executeTakeFirst();
      return (await database.use(found))?.id;
    },
    invoices: (accountId, limit) =>
      database.use((db) => invoicesOf(db, accountId).orderBy("issued_at_ms", "desc").limit(limit).execute()),
    invoice: (accountId, key) =>
      database.use((db) => invoicesOf(db, accountId).where("key", "=", key).executeTakeFirst()),
  };
}

function invoicesOf(db: Kysely<Schema>, accountId: string) {
  return db
    .selectFrom("invoice")
    .innerJoin("billing_customer", "billing_customer.id", "invoice.customer_id")
    .where("billing_customer.account_id", "=", accountId)
    .select(["customer_id as customerId", "key", "issued_at_ms as issuedAtMs", "value"])
    .$castTo<StoredInvoice>();
}

async function ownerIn(
  db: Kysely<Schema>,
  ref: string,
): Promise<{ customerId: string; task: PaymentTask } | undefined> {
  const rows = await db
    .selectFrom("payment_task")
    .selectAll()
    .where((by) => by.or([by("id", "=", ref), by("provider_ref", "=", ref)]))
    .limit(1)
    .execute();
  const row = rows[0];
  return row === undefined ? undefined : { customerId: row.customer_id, task: taskOf(row) };
}

/** The lock comes first, and what the decision is made from is read after it. */
function changeIn<T>(database: Database, order: BillingChange<T>): Promise<Changed<T>> {
  const freshId = randomUUID();
  const done = database.transaction(async (db) => {
    const id = await lockedCustomer(db, order.of, freshId);
    if (id === undefined) return { kind: "no-customer" as const };
    if (order.event !== undefined && !(await isNews(db, order.event, order.nowMs))) {
      return { kind: "seen" as const };
    }
    const file = await readFile(db, id);
    return written(db, { file, verdict: order.decide(file), nowMs: order.nowMs });
  });
  return done.catch((error: unknown) => {
    if (error instanceof KeyLost) return { kind: "key-lost" as const };
    throw error;
  });
}

async function lockedCustomer(
  db: Kysely<Schema>,
  of: BillingChange<unknown>["of"],
  freshId: string,
): Promise<string | undefined> {
  const rows = db.selectFrom("billing_customer").select("id").forUpdate();
  if ("customerId" in of) return (await rows.where("id", "=", of.customerId).executeTakeFirst())?.id;
  const known = await lockCustomer(db, of.accountId);
  if (known !== undefined) return known;
  // An erasure cannot see a first row that is not committed: it waits for this lock instead, or this waits for it.
  const owner = db.selectFrom("account").select("id").where("id", "=", of.accountId).forKeyShare();
  if ((await owner.executeTakeFirst()) === undefined) return undefined;
  await db
    .insertInto("billing_customer")
    .values({ id: freshId, account_id: of.accountId, subscription: null, postings: 0 })
    .onConflict((conflict) => conflict.column("account_id").doNothing())
    .execute();
  return lockCustomer(db, of.accountId);
}

/** In a transaction of the caller's. undefined: nothing was ever bought. */
export async function lockCustomer(db: Kysely<Schema>, accountId: string): Promise<string | undefined> {
  const rows = db.selectFrom("billing_customer").select("id").where("account_id", "=", accountId);
  return (await rows.forUpdate().executeTakeFirst())?.id;
}

/** In the transaction that locked the customer. */
export async function decideLast(
  db: Kysely<Schema>,
  customerId: string,
  { nowMs, decide }: CustomerEnding,
): Promise<void> {
  const file = await readFile(db, customerId);
  await written(db, { file, verdict: decide(file), nowMs });
}

async function isNews(
  db: Kysely<Schema>,
  { provider, id }: { readonly provider: string; readonly id: string },
  nowMs: number,
): Promise<boolean> {
  const made = await db
    .insertInto("payment_event")
    .values({ provider, id, at_ms: nowMs })
    .onConflict((conflict) => conflict.columns(["provider", "id"]).doNothing())
    .returning("id")
    .executeTakeFirst();
  return made !== undefined;
}

async function readFile(db: Kysely<Schema>, customerId: string): Promise<CustomerFile> {
  const row = await db
    .selectFrom("billing_customer")
    .selectAll()
    .where("id", "=", customerId)
    .executeTakeFirstOrThrow();
  const credits = await db
    .selectFrom("ledger")
    .select("currency")
    .select(sql<number>`(-sum(credits))::bigint`.as("credit"))
    .where("customer_id", "=", customerId)
    .groupBy("currency")
    .execute();
  const tasks = await db
    .selectFrom("payment_task")
    .selectAll()
    .where("customer_id", "=", customerId)
    .where("state", "in", ["planned", "sent"])
    .orderBy("id")
    .execute();
  return fileOf(row, credits, { tasks: tasks.map(taskOf), told: await toldPlans(db) });
}

async function fileIn(db: Kysely<Schema>, accountId: string): Promise<CustomerFile | undefined> {
  const row = await db
    .selectFrom("billing_customer")
    .select("id")
    .where("account_id", "=", accountId)
    .executeTakeFirst();
  return row === undefined ? undefined : readFile(db, row.id);
}
