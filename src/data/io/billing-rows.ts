// Rows of money as values, and back.
import type { Kysely, Selectable } from "kysely";
import type { CustomerFile } from "#data/ports-billing.ts";
import type { PaymentTask, PricePlan } from "#model/billing.ts";
import type { Schema } from "./schema.ts";
import type { BillingSchema } from "./schema-billing.ts";

type CustomerRow = Selectable<BillingSchema["billing_customer"]>;
type TaskRow = Selectable<BillingSchema["payment_task"]>;
type PlanRow = Selectable<BillingSchema["price_plan"]>;

export function fileOf(
  row: CustomerRow,
  credits: readonly { readonly currency: string; readonly credit: number }[],
  more: Pick<CustomerFile, "tasks" | "told">,
): CustomerFile {
  return {
    customer: {
      id: row.id,
      accountId: row.account_id ?? undefined,
      providerRef: row.provider_ref ?? undefined,
      methodRef: row.method_ref ?? undefined,
      postings: row.postings,
    },
    subscription: row.subscription ?? undefined,
    creditMinor: Object.fromEntries(credits.map(({ currency, credit }) => [currency, credit])),
    ...more,
  };
}

export function taskOf(row: TaskRow): PaymentTask {
  return {
    id: row.id,
    kind: row.kind,
    invoiceKey: row.invoice_key,
    number: row.number,
    amountMinor: row.amount_minor,
    currency: row.currency,
    isPresent: row.present,
    state: row.state,
    dueMs: row.due_ms,
    sentAtMs: row.sent_at_ms ?? undefined,
    providerRef: row.provider_ref ?? undefined,
    actionUrl: row.action_url ?? undefined,
    reason: row.reason ?? undefined,
  };
}

export function taskRow(customerId: string, task: PaymentTask): TaskRow {
  return {
    id: task.id,
    customer_id: customerId,
    kind: task.kind,
    invoice_key: task.invoiceKey,
    number: task.number,
    amount_minor: task.amountMinor,
    currency: task.currency,
    present: task.isPresent,
    state: task.state,
    due_ms: task.dueMs,
    sent_at_ms: task.sentAtMs ?? null,
    provider_ref: task.providerRef ?? null,
    action_url: task.actionUrl ?? null,
    reason: task.reason ?? null,
  };
}

export function planOf(row: PlanRow): PricePlan {
  return {
    planId: row.id,
    version: row.version,
    name: row.name,
    screens: row.screens,
    maxHeight: row.max_height,
    priceMinor: row.price_minor,
    currency: row.currency,
    period: row.period,
    trialDays: row.trial_days,
    offered: row.offered,
    createdAtMs: row.created_at_ms,
    toldFromMs: row.told_from_ms ?? undefined,
  };
}

/** The newest told version of each plan. */
export async function toldPlans(db: Kysely<Schema>): Promise<readonly PricePlan[]> {
  const rows = await db
    .selectFrom("price_plan")
    .selectAll()
    .where("told_from_ms", "is not", null)
    .orderBy("version")
    .execute();
  return [...new Map(rows.map((row) => [row.id, planOf(row)])).values()];
}
