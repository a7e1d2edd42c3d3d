// Making invoices and asking for their payment.
import type { Attempt, Invoice, Subscription, Terms } from "#model/billing.ts";
import { nothingKnown } from "./charge-state.ts";
import { dueOf } from "./ledger-posting.ts";
import { taxWithin } from "./proration-share.ts";
import type { BillingRules } from "./subscription-state.ts";

/** What the machine does not keep itself. */
export interface BillingFacts {
  readonly rules: BillingRules;
  /** What the customer has to their credit, in the currency of the subscription. */
  readonly creditMinor: number;
  /** The version of the plan that its subscribers were told of, and from when it counts. */
  readonly told: { readonly terms: Terms; readonly fromMs: number } | undefined;
}

/** Kept so many: two years of months, more than any network's time for disputes (540 days at most). */
const invoicesKept = 24;

export interface InvoiceOrder {
  readonly purpose: Invoice["purpose"];
  readonly key: string;
  readonly terms: Terms;
  readonly grossMinor: number;
  readonly startMs: number;
  readonly endMs: number;
  /** Made at the customer's own wish, while they wait. */
  readonly isPresent: boolean;
}

/** A new invoice, less the customer's credit, and asked for at once unless nothing is left to pay. */
export function issued(
  state: Subscription,
  order: InvoiceOrder,
  facts: BillingFacts,
  now: number,
): Subscription {
  const { isPresent, ...bill } = order;
  const creditMinor = Math.min(order.grossMinor, Math.max(0, facts.creditMinor));
  const invoice: Invoice = {
    ...bill,
    life: state.life,
    index: state.index,
    issuedAtMs: now,
    taxMinor: taxWithin(order.grossMinor, facts.rules.taxRate),
    creditMinor,
    attempts: [],
    isVoid: false,
    isEarned: false,
  };
  const asked = dueOf(invoice) === 0 ? invoice : withAttempt(invoice, now, isPresent);
  return { ...state, invoices: [...state.invoices, asked].slice(-invoicesKept) };
}

export function withAttempt(invoice: Invoice, now: number, isPresent: boolean): Invoice {
  const attempt: Attempt = {
    number: invoice.attempts.length + 1,
    amountMinor: dueOf(invoice),
    plannedAtMs: now,
    isPresent,
    charge: nothingKnown,
    refundOrderedMinor: 0,
  };
  return { ...invoice, attempts: [...invoice.attempts, attempt] };
}
