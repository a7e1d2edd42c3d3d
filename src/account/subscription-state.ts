// What a subscription's facts amount to: which invoices are settled, its status, and what it entitles to. Functions of the
// facts alone, so that it does not matter in which order they came to be known.
import type { Attempt, Invoice, Subscription, SubscriptionStatus, Terms } from "#model/billing.ts";
import type { Entitlement } from "#model/entitlement.ts";
import { dueOf } from "./ledger-posting.ts";

export interface BillingRules {
  /** Days after an invoice at which an unpaid one is asked for again, rising. */
  readonly dunningDays: readonly number[];
  /** Days from suspension to the end. */
  readonly suspendedDays: number;
  /** Basis points that a price contains. */
  readonly taxRate: number;
}

export const dayMs = 86_400_000;
/** A first payment that nobody completed is given up, as at Stripe ("incomplete" for 23 hours). */
export const incompleteMs = 23 * 3_600_000;
/** An upgrade whose payment failed is given up. */
export const upgradeMs = dayMs;

export function lastAttempt(invoice: Invoice): Attempt | undefined {
  return invoice.attempts.at(-1);
}

const total = (invoice: Invoice, amount: (attempt: Attempt) => number): number =>
  invoice.attempts.reduce((sum, attempt) => sum + amount(attempt), 0);

/** Money that came for it. */
export function takenFor(invoice: Invoice): number {
  return total(invoice, ({ charge, amountMinor }) => (charge.outcome === "succeeded" ? amountMinor : 0));
}

/** Paid, and neither given back nor disputed. */
export function isSettled(invoice: Invoice): boolean {
  if (invoice.isVoid || isDisputed(invoice, "open") || isDisputed(invoice, "lost")) return false;
  return takenFor(invoice) >= dueOf(invoice) && !isGivenBack(invoice);
}

export function isGivenBack(invoice: Invoice): boolean {
  const refunded = total(invoice, ({ charge }) => charge.refundedMinor);
  return dueOf(invoice) > 0 && refunded >= dueOf(invoice);
}

function isDisputed(invoice: Invoice, standing: "open" | "lost"): boolean {
  return invoice.attempts.some(({ charge }) => charge.dispute === standing);
}

export function invoicesOfLife(state: Subscription): readonly Invoice[] {
  return state.invoices.filter(({ life }) => life === state.life);
}

/** Of the running period. */
export function runningInvoice(state: Subscription): Invoice | undefined {
  return invoicesOfLife(state).find(({ purpose, index }) => purpose === "period" && index === state.index);
}

export function upgradesOf(state: Subscription): readonly Invoice[] {
  return invoicesOfLife(state).filter(({ purpose, index }) => purpose === "upgrade" && index === state.index);
}

/** An upgrade whose payment is neither known nor given up. */
export function pendingUpgrade(state: Subscription): Invoice | undefined {
  return upgradesOf(state).find((invoice) => !invoice.isVoid && takenFor(invoice) < dueOf(invoice));
}

/** What the running period is at, after its upgrades that were paid. */
export function termsNow(state: Subscription): Terms {
  return upgradesOf(state).findLast(isSettled)?.terms ?? state.terms;
}

export function statusOf(state: Subscription): SubscriptionStatus {
  if (state.status === "cancelled") return "cancelled";
  const invoices = invoicesOfLife(state);
  const running = runningInvoice(state);
  if (invoices.some((invoice) => isDisputed(invoice, "lost"))) return "cancelled";
  if (running !== undefined && isGivenBack(running)) return "cancelled";
  if (invoices.some((invoice) => isDisputed(invoice, "open"))) return "suspended";
  if (state.index < 0) return "trial";
  if (running !== undefined && isSettled(running)) return "active";
  if (state.suspendedAtMs !== undefined) return "suspended";
  return state.isTrialled || invoices.some(isSettled) ? "past-due" : "incomplete";
}

/** What the account may do. Never more than was paid for, or is tried out; while past due, what was last paid for. */
export function entitlementOf(state: Subscription): Entitlement {
  switch (state.status) {
    case "trial":
    case "active":
      return entitled(termsNow(state));
    case "past-due": {
      const paid = invoicesOfLife(state).findLast(isSettled)?.terms ?? state.terms;
      const asked = entitled(state.terms);
      const had = entitled(paid);
      return {
        standing: "good",
        screens: Math.min(asked.screens, had.screens),
        maxHeight: Math.min(asked.maxHeight, had.maxHeight),
      };
    }
    case "suspended":
      return { ...nothingSold, standing: "suspended" };
    case "incomplete":
    case "cancelled":
      return nothingSold;
  }
}

export const nothingSold: Entitlement = { standing: "none", screens: 0, maxHeight: 0 };

function entitled({ screens, maxHeight }: Terms): Entitlement {
  return { standing: "good", screens, maxHeight };
}

export function replaced(state: Subscription, invoice: Invoice): Subscription {
  const invoices = state.invoices.map((one) => (one.key === invoice.key ? invoice : one));
  return { ...state, invoices };
}
