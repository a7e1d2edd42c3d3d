// A subscription as a machine: what happened in, what is known and what has to be done out.
//
//   incomplete ─paid→ active ─unpaid period→ past-due ─dunning over→ suspended ─long→ cancelled
//   trial ──end, asked→ past-due or active                disputed → suspended; lost, or given back → cancelled
//
// A payment whose outcome is not known is in no hurry: its attempt stays "unknown", nothing is asked for again, and what the
// provider says of it is joined in whenever it comes (charge-state.ts).
import type { Attempt, ChargeState, Invoice, Posting, Subscription, Terms } from "#model/billing.ts";
import { bounded, joined } from "./charge-state.ts";
import { change } from "./ledger-posting.ts";
import type { BillingFacts } from "./subscription-invoice.ts";
import { replaced, statusOf } from "./subscription-state.ts";
import { cancelled, passed } from "./subscription-time.ts";
import { changed, ordered, type Refusal, resumed, stopped, subscribed } from "./subscription-wish.ts";

export type SubscriptionEvent =
  | { readonly kind: "subscribe"; readonly terms: Terms; readonly trialDays: number }
  | { readonly kind: "change"; readonly terms: Terms }
  | { readonly kind: "cancel" }
  | { readonly kind: "resume" }
  /** Ordered by an admin, of what was paid on one invoice. */
  | { readonly kind: "refund"; readonly invoiceKey: string; readonly amountMinor: number }
  | {
      readonly kind: "refund-failed";
      readonly invoiceKey: string;
      readonly number: number;
      readonly amountMinor: number;
    }
  | {
      readonly kind: "charge";
      readonly invoiceKey: string;
      readonly number: number;
      readonly told: ChargeState;
    }
  /** The account is being erased: at once, whatever was paid. */
  | { readonly kind: "erase" }
  | { readonly kind: "tick" };

export type BillingCommand =
  | {
      readonly kind: "charge";
      readonly invoiceKey: string;
      readonly number: number;
      readonly amountMinor: number;
      readonly currency: string;
      readonly isPresent: boolean;
    }
  | {
      readonly kind: "refund";
      readonly invoiceKey: string;
      readonly number: number;
      readonly amountMinor: number;
      readonly currency: string;
      readonly orderedMinor: number;
    }
  | { readonly kind: "post"; readonly posting: Posting };

export type Step =
  | { readonly kind: "done"; readonly state: Subscription; readonly commands: readonly BillingCommand[] }
  | { readonly kind: "refused"; readonly because: Refusal };

/** `state` is undefined for a customer who never subscribed. */
export function step(
  state: Subscription | undefined,
  event: SubscriptionEvent,
  facts: BillingFacts,
  now: number,
): Step {
  const after = next(state, event, facts, now);
  if (typeof after === "string") return { kind: "refused", because: after };
  const settled = { ...after, status: statusOf(after) };
  return { kind: "done", state: settled, commands: commandsOf(state, settled) };
}

function next(
  state: Subscription | undefined,
  event: SubscriptionEvent,
  facts: BillingFacts,
  now: number,
): Subscription | Refusal {
  if (event.kind === "subscribe") return subscribed(state, event, facts, now);
  if (state === undefined) return "not-subscribed";
  switch (event.kind) {
    case "change":
      return changed(state, event.terms, facts, now);
    case "cancel":
      return stopped(state);
    case "resume":
      return resumed(state, now);
    case "refund":
      return ordered(state, event.invoiceKey, event.amountMinor);
    case "refund-failed":
      return withAttemptChanged(state, event, (attempt) => ({
        ...attempt,
        refundOrderedMinor: Math.max(0, attempt.refundOrderedMinor - event.amountMinor),
      }));
    case "charge":
      return withAttemptChanged(state, event, (attempt) => ({
        ...attempt,
        charge: joined(attempt.charge, bounded(event.told, attempt.amountMinor)),
      }));
    case "erase":
      return cancelled(state);
    case "tick":
      return settledInTime(state, facts, now);
  }
}

/** Until nothing more happens: a trial that ends may begin a period that costs nothing. */
function settledInTime(state: Subscription, facts: BillingFacts, now: number): Subscription {
  let current = state;
  const most = 8;
  for (let turn = 0; turn < most; turn++) {
    // Credit was counted once: only the first turn may spend it.
    const after = passed(current, turn === 0 ? facts : { ...facts, creditMinor: 0 }, now);
    const settled = { ...after, status: statusOf(after) };
    if (JSON.stringify(settled) === JSON.stringify(current)) return strayReturned(settled);
    current = settled;
  }
  return strayReturned(current);
}

/** Money that came for an ended subscription's void invoice goes back by itself. */
function strayReturned(state: Subscription): Subscription {
  if (state.status !== "cancelled") return state;
  const back = (attempt: Attempt): Attempt =>
    attempt.charge.outcome === "succeeded" && attempt.charge.dispute === "none"
      ? { ...attempt, refundOrderedMinor: Math.max(attempt.refundOrderedMinor, attempt.amountMinor) }
      : attempt;
  const invoices = state.invoices.map((invoice) =>
    invoice.isVoid && invoice.life === state.life
      ? { ...invoice, attempts: invoice.attempts.map(back) }
      : invoice,
  );
  return { ...state, invoices };
}

function withAttemptChanged(
  state: Subscription,
  { invoiceKey, number }: { readonly invoiceKey: string; readonly number: number },
  work: (attempt: Attempt) => Attempt,
): Subscription | Refusal {
  const invoice = state.invoices.find(({ key }) => key === invoiceKey);
  if (invoice?.attempts.some((attempt) => attempt.number === number) !== true) return "unknown-charge";
  const attempts = invoice.attempts.map((attempt) => (attempt.number === number ? work(attempt) : attempt));
  return replaced(state, { ...invoice, attempts });
}

/** New attempts are charged, new orders refunded, and every change of an invoice's meaning is posted. */
function commandsOf(before: Subscription | undefined, after: Subscription): readonly BillingCommand[] {
  return after.invoices.flatMap((invoice) => {
    const was = before?.invoices.find(({ key }) => key === invoice.key);
    const posting = change(was, invoice);
    return [
      ...(posting === undefined ? [] : [{ kind: "post" as const, posting }]),
      ...invoice.attempts.flatMap((attempt) => tasksOf(invoice, was, attempt)),
    ];
  });
}

function tasksOf(invoice: Invoice, was: Invoice | undefined, attempt: Attempt): readonly BillingCommand[] {
  const known = was?.attempts.find(({ number }) => number === attempt.number);
  const common = { invoiceKey: invoice.key, number: attempt.number, currency: invoice.terms.currency };
  if (known === undefined)
    return [{ kind: "charge", ...common, amountMinor: attempt.amountMinor, isPresent: attempt.isPresent }];
  const orderedMinor = attempt.refundOrderedMinor;
  const amountMinor = orderedMinor - known.refundOrderedMinor;
  return amountMinor > 0 ? [{ kind: "refund", ...common, amountMinor, orderedMinor }] : [];
}
