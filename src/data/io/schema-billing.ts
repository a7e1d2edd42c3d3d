// The tables of money, as the queries see them.
import type { ColumnType } from "kysely";
import type { Invoice, LedgerAmounts, PaymentTask, PeriodLength, Subscription } from "#model/billing.ts";

type Json<T> = ColumnType<T, string, string>;

export interface BillingSchema {
  price_plan: {
    id: string;
    version: number;
    name: string;
    screens: number;
    max_height: number;
    price_minor: number;
    currency: string;
    period: PeriodLength;
    trial_days: number;
    offered: boolean;
    created_at_ms: number;
    told_from_ms: number | null;
  };
  billing_customer: {
    id: string;
    account_id: string | null;
    provider_ref: string | null;
    method_ref: string | null;
    postings: number;
    subscription: ColumnType<Subscription | null, string | null, string>;
    due_ms: number | null;
  };
  invoice: { customer_id: string; key: string; issued_at_ms: number; value: Json<Invoice> };
  payment_task: {
    id: string;
    customer_id: string;
    kind: PaymentTask["kind"];
    invoice_key: string;
    number: number;
    amount_minor: number;
    currency: string;
    present: boolean;
    state: PaymentTask["state"];
    due_ms: number;
    sent_at_ms: number | null;
    provider_ref: string | null;
    action_url: string | null;
    reason: string | null;
  };
  /** A row is a whole transaction in one currency: the constraint that its columns sum to zero is the database's own. */
  ledger: { customer_id: string; number: number; at_ms: number; reason: string; currency: string } & {
    [K in keyof LedgerAmounts]: number;
  };
  payment_event: { provider: string; id: string; at_ms: number };
  idempotency_key: {
    account_id: string;
    key: string;
    body_hash: string;
    holder: string;
    taken_at_ms: number;
    held_until_ms: number;
    /** Null: in flight. */
    status: number | null;
    body: string | null;
  };
}
