// A decision about a customer, written in one transaction: subscription, entitlement, invoices, tasks, books, and the answer
// that the customer gets. Of the books rows are only ever added.
import { type Kysely, sql } from "kysely";
import type { BillingStore, BillingVerdict, Changed, CustomerFile, LedgerRow } from "#data/ports-billing.ts";
import type { LedgerAmounts, Posting, SubscriptionStatus } from "#model/billing.ts";
import { taskRow } from "./billing-rows.ts";
import { keepAnswer } from "./key-store.ts";
import type { Schema } from "./schema.ts";

/** Ends the transaction without a trace. */
export class KeyLost extends Error {}

interface Writing<T> {
  readonly file: CustomerFile;
  readonly verdict: BillingVerdict<T>;
  readonly nowMs: number;
}

/** @throws KeyLost when the request does not own its key any more: everything is undone */
export async function written<T>(db: Kysely<Schema>, writing: Writing<T>): Promise<Changed<T>> {
  const { file, verdict, nowMs } = writing;
  const customerId = file.customer.id;
  await writeCustomer(db, writing);
  await writeInvoices(db, writing);
  await writeEntitlement(db, writing);
  for (const task of verdict.tasks ?? []) {
    const row = taskRow(customerId, task);
    const upsert = db.insertInto("payment_task").values(row);
    await upsert.onConflict((conflict) => conflict.column("id").doUpdateSet(row)).execute();
  }
  const first = file.customer.postings + 1;
  const rows = (verdict.postings ?? []).map(({ reason, currency, amounts }: Posting, index) => ({
    ...{ customer_id: customerId, number: first + index, at_ms: nowMs, reason, currency },
    ...amounts,
  }));
  if (rows.length > 0) await db.insertInto("ledger").values(rows).execute();
  if (verdict.answer !== undefined && !(await keepAnswer(db, verdict.answer))) throw new KeyLost();
  return { kind: "changed", result: verdict.result };
}

async function writeCustomer<T>(db: Kysely<Schema>, { file, verdict }: Writing<T>): Promise<void> {
  const { refs, subscription, postings = [] } = verdict;
  const set = {
    ...(refs?.providerRef === undefined ? {} : { provider_ref: refs.providerRef }),
    ...(refs?.methodRef === undefined ? {} : { method_ref: refs.methodRef }),
    ...(postings.length === 0 ? {} : { postings: file.customer.postings + postings.length }),
    ...(subscription === undefined
      ? {}
      : { subscription: JSON.stringify(subscription), due_ms: verdict.dueMs ?? null }),
  };
  if (Object.keys(set).length === 0) return;
  await db.updateTable("billing_customer").set(set).where("id", "=", file.customer.id).execute();
}

/** A new invoice is inserted, so that a second one of its kind is an error of the database, whatever the program thinks. */
async function writeInvoices<T>(db: Kysely<Schema>, { file, verdict }: Writing<T>): Promise<void> {
  const customerId = file.customer.id;
  for (const invoice of verdict.subscription?.invoices ?? []) {
    const before = file.subscription?.invoices.find(({ key }) => key === invoice.key);
    const value = JSON.stringify(invoice);
    if (before === undefined) {
      const row = { customer_id: customerId, key: invoice.key, issued_at_ms: invoice.issuedAtMs, value };
      await db.insertInto("invoice").values(row).execute();
    } else if (JSON.stringify(before) !== value) {
      const mine = db.updateTable("invoice").set({ value }).where("customer_id", "=", customerId);
      await mine.where("key", "=", invoice.key).execute();
    }
  }
}

async function writeEntitlement<T>(db: Kysely<Schema>, { file, verdict }: Writing<T>): Promise<void> {
  const { entitlement } = verdict;
  if (entitlement === undefined || file.customer.accountId === undefined) return;
  const { standing, screens, maxHeight } = entitlement;
  const set = { standing, screens, max_height: maxHeight };
  await db.updateTable("account").set(set).where("id", "=", file.customer.accountId).execute();
}

export function ledgerIn(
  db: Kysely<Schema>,
  after: Parameters<BillingStore["ledger"]>[0],
  limit: number,
): Promise<readonly LedgerRow[]> {
  const rows = db
    .selectFrom("ledger")
    .selectAll()
    .where(sql<boolean>`(customer_id, number) > (${after.customerId}, ${after.number})`)
    .orderBy("customer_id")
    .orderBy("number")
    .limit(limit)
    .execute();
  return rows.then((found) =>
    found.map(({ customer_id, number, at_ms, reason, currency, ...amounts }) => ({
      ...{ customerId: customer_id, number, atMs: at_ms, reason, currency },
      amounts,
    })),
  );
}

export async function balancesIn(
  db: Kysely<Schema>,
): Promise<readonly { currency: string; amounts: LedgerAmounts }[]> {
  const total = (column: keyof LedgerAmounts) => sql<number>`sum(${sql.ref(column)})::bigint`.as(column);
  const rows = await db
    .selectFrom("ledger")
    .select("currency")
    .select([total("receivable"), total("cash"), total("revenue"), total("deferred")])
    .select([total("tax"), total("refunds"), total("credits")])
    .groupBy("currency")
    .orderBy("currency")
    .execute();
  return rows.map(({ currency, ...amounts }) => ({ currency, amounts }));
}

export async function statusCountsIn(
  db: Kysely<Schema>,
): Promise<readonly { status: SubscriptionStatus; customers: number }[]> {
  const status = sql<SubscriptionStatus>`subscription ->> 'status'`;
  const rows = await db
    .selectFrom("billing_customer")
    .select([status.as("status"), sql<number>`count(*)::bigint`.as("customers")])
    .where("subscription", "is not", null)
    .groupBy(status)
    .orderBy(status)
    .execute();
  return rows;
}
