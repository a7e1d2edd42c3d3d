// What people ask of a subscription: begin, change, end, resume, give money back.
import type { Attempt, Invoice, Subscription, Terms } from "#model/billing.ts";
import { unusedPart } from "./proration-share.ts";
import { type BillingFacts, issued, withAttempt } from "./subscription-invoice.ts";
import {
  dayMs,
  lastAttempt,
  pendingUpgrade,
  replaced,
  runningInvoice,
  takenFor,
  termsNow,
  upgradesOf,
} from "./subscription-state.ts";
import { cancelled, periodBegun, withoutUpgrade } from "./subscription-time.ts";

export type Refusal =
  | "already-subscribed"
  | "not-subscribed"
  | "not-now"
  | "other-currency"
  | "payment-under-way"
  | "too-often"
  | "too-much"
  | "unknown-charge";

/** Of one invoice: what dunning makes, and what a customer asks for besides. */
const mostAttempts = 30;
const mostUpgrades = 10;

/** A trial is for those who never subscribed. */
export function subscribed(
  state: Subscription | undefined,
  { terms, trialDays }: { readonly terms: Terms; readonly trialDays: number },
  facts: BillingFacts,
  now: number,
): Subscription | Refusal {
  if (state !== undefined && state.status !== "cancelled") return "already-subscribed";
  const isTrialled = state === undefined && trialDays > 0;
  const begun: Subscription = {
    life: (state?.life ?? 0) + 1,
    status: isTrialled ? "trial" : "incomplete",
    terms,
    next: undefined,
    anchorMs: now,
    anchorIndex: 0,
    index: isTrialled ? -1 : 0,
    startMs: now,
    endMs: isTrialled ? now + trialDays * dayMs : now,
    cancelsAtEnd: false,
    isTrialled,
    suspendedAtMs: undefined,
    invoices: state?.invoices ?? [],
  };
  return isTrialled ? begun : periodBegun(begun, { facts, count: 0, now, isPresent: true });
}

/** Up: at once, for the rest of the period's difference. Down, or to another length: at the period's end. */
export function changed(
  state: Subscription,
  terms: Terms,
  facts: BillingFacts,
  now: number,
): Subscription | Refusal {
  if (state.terms.currency !== terms.currency) return "other-currency";
  const goesOn = { ...state, cancelsAtEnd: false };
  if (state.status === "trial") return { ...goesOn, terms };
  if (state.status !== "active" || now >= state.endMs) return "not-now";
  const pending = pendingUpgrade(state);
  if (pending !== undefined && lastAttempt(pending)?.charge.outcome !== "failed") return "payment-under-way";
  const free = withoutUpgrade(goesOn);
  const current = termsNow(free);
  if (terms.planId === current.planId && terms.version === current.version)
    return { ...free, next: undefined };
  if (terms.period !== current.period || terms.priceMinor <= current.priceMinor) {
    return { ...free, next: terms };
  }
  if (upgradesOf(free).length >= mostUpgrades) return "too-often";
  return upgraded({ ...free, next: undefined }, { terms, current, facts, now });
}

function upgraded(
  state: Subscription,
  order: {
    readonly terms: Terms;
    readonly current: Terms;
    readonly facts: BillingFacts;
    readonly now: number;
  },
): Subscription {
  const { terms, current, facts, now } = order;
  const dearer = unusedPart(terms.priceMinor, state, now);
  const cheaper = unusedPart(current.priceMinor, state, now);
  const invoice = {
    purpose: "upgrade" as const,
    key: `${state.life}.${state.index}u${upgradesOf(state).length + 1}`,
    terms,
    grossMinor: Math.max(0, dearer - cheaper),
    startMs: now,
    endMs: state.endMs,
    isPresent: true,
  };
  return issued(state, invoice, facts, now);
}

/** What is paid or tried out lasts to its end; what is not paid ends at once. */
export function stopped(state: Subscription): Subscription | Refusal {
  switch (state.status) {
    case "trial":
    case "active":
      return { ...state, cancelsAtEnd: true, next: undefined };
    case "incomplete":
    case "past-due":
    case "suspended":
      return cancelled(state);
    case "cancelled":
      return "not-subscribed";
  }
}

/** Takes a cancellation back, or pays now what is owed. */
export function resumed(state: Subscription, now: number): Subscription | Refusal {
  switch (state.status) {
    case "trial":
    case "active":
      return { ...state, cancelsAtEnd: false };
    case "incomplete":
    case "past-due":
    case "suspended":
      return paidAgain(state, now);
    case "cancelled":
      return "not-subscribed";
  }
}

function paidAgain(state: Subscription, now: number): Subscription | Refusal {
  const running = runningInvoice(state);
  const last = running === undefined ? undefined : lastAttempt(running);
  if (running === undefined || last === undefined) return "not-now";
  if (last.charge.outcome === "succeeded") return "not-now";
  if (last.charge.outcome !== "failed") return "payment-under-way";
  if (running.attempts.length >= mostAttempts) return "too-often";
  return replaced(state, withAttempt(running, now, true));
}

/** An admin gives back a part, or all, of what was paid on an invoice: of its newest payment first. */
export function ordered(
  state: Subscription,
  invoiceKey: string,
  amountMinor: number,
): Subscription | Refusal {
  const invoice = state.invoices.find(({ key }) => key === invoiceKey);
  if (invoice === undefined || takenFor(invoice) === 0) return "unknown-charge";
  const attempt = invoice.attempts.findLast((one) => returnable(one) >= amountMinor);
  if (attempt === undefined || !Number.isSafeInteger(amountMinor) || amountMinor <= 0) return "too-much";
  return replaced(state, withOrder(invoice, attempt, amountMinor));
}

/** The most that one order can give back of it. */
export function refundableOf({ attempts }: Invoice): number {
  return Math.max(0, ...attempts.map(returnable));
}

function returnable({ charge, amountMinor, refundOrderedMinor }: Attempt): number {
  if (charge.outcome !== "succeeded" || charge.dispute === "open" || charge.dispute === "lost") return 0;
  return amountMinor - Math.max(charge.refundedMinor, refundOrderedMinor);
}

function withOrder(invoice: Invoice, attempt: Attempt, amountMinor: number): Invoice {
  const before = Math.max(attempt.charge.refundedMinor, attempt.refundOrderedMinor);
  const attempts = invoice.attempts.map((one) =>
    one.number === attempt.number ? { ...one, refundOrderedMinor: before + amountMinor } : one,
  );
  return { ...invoice, attempts };
}
