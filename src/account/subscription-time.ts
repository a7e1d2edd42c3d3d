// What time does to a subscription: trials end, periods begin, unpaid invoices are asked for again, and then no more.
//
// After an outage one invoice is made, for the period that runs now. Whole periods that passed meanwhile are not charged:
// they are our fault, and nobody should find three charges of one day. Their keys are skipped, so no later run finds them.
import type { Invoice, Subscription, Terms } from "#model/billing.ts";
import { dueOf } from "./ledger-posting.ts";
import { boundary, periodsUntil } from "./plan-calendar.ts";
import { type BillingFacts, issued, withAttempt } from "./subscription-invoice.ts";
import {
  type BillingRules,
  dayMs,
  incompleteMs,
  lastAttempt,
  pendingUpgrade,
  replaced,
  runningInvoice,
  statusOf,
  takenFor,
  termsNow,
  upgradeMs,
} from "./subscription-state.ts";

/** Idempotent at one moment; a clock that was set back does nothing. */
export function passed(state: Subscription, facts: BillingFacts, now: number): Subscription {
  switch (state.status) {
    case "trial":
      return now < state.endMs ? state : ended(state, facts, now);
    case "active": {
      const current = withoutStaleUpgrade(restarted(state, now), now);
      return now < current.endMs ? current : ended(current, facts, now);
    }
    case "incomplete": {
      const since = runningInvoice(state)?.issuedAtMs ?? state.startMs;
      return now < since + incompleteMs ? state : cancelled(state);
    }
    case "past-due":
      return dunned(state, facts.rules, now);
    case "suspended":
      return now < givenUpMs(state, facts.rules) ? state : cancelled(state);
    case "cancelled":
      return closed(state);
  }
}

/** When `passed` may next have something to do; undefined: never. */
export function dueAt(state: Subscription, rules: BillingRules): number | undefined {
  const running = runningInvoice(state);
  switch (state.status) {
    case "trial":
      return state.endMs;
    case "active": {
      const upgrade = pendingUpgrade(state);
      return Math.min(state.endMs, upgrade === undefined ? state.endMs : upgrade.issuedAtMs + upgradeMs);
    }
    case "incomplete":
      return (running?.issuedAtMs ?? state.startMs) + incompleteMs;
    case "past-due":
      return running === undefined
        ? undefined
        : Math.min(retryMs(running, rules), suspensionMs(running, rules));
    case "suspended": {
      const end = givenUpMs(state, rules);
      return Number.isFinite(end) ? end : undefined;
    }
    case "cancelled":
      return undefined;
  }
}

export function cancelled(state: Subscription): Subscription {
  return closed({ ...state, status: "cancelled" });
}

/** Nobody owes an ended subscription's open invoices; what was paid is earned. */
function closed(state: Subscription): Subscription {
  const close = (invoice: Invoice): Invoice => {
    if (invoice.life !== state.life || invoice.isVoid || invoice.isEarned) return invoice;
    const isPaid = takenFor(invoice) >= dueOf(invoice);
    return isPaid ? { ...invoice, isEarned: true } : { ...invoice, isVoid: true };
  };
  return { ...state, invoices: state.invoices.map(close) };
}

/** The running period, or the trial, is over. */
function ended(state: Subscription, facts: BillingFacts, now: number): Subscription {
  if (state.cancelsAtEnd) return cancelled(state);
  const terms = termsAfter(state, facts);
  const turns = terms.period !== state.terms.period || state.index < 0;
  const anchorMs = turns ? state.endMs : state.anchorMs;
  const anchorIndex = turns ? state.index + 1 : state.anchorIndex;
  const count = periodsUntil(anchorMs, terms.period, now);
  const begun = {
    ...earned(state),
    ...{ terms, anchorMs, anchorIndex, next: undefined },
    index: anchorIndex + count,
  };
  return periodBegun(begun, { facts, count, now, isPresent: false });
}

/** Told prices count from the first period that begins after the date that subscribers were told. */
function termsAfter(state: Subscription, { told }: BillingFacts): Terms {
  const agreed = state.next ?? termsNow(state);
  const isNews =
    told !== undefined &&
    // What was tried out is paid once at the price that was agreed.
    state.index >= 0 &&
    told.terms.planId === agreed.planId &&
    told.terms.version > agreed.version &&
    told.terms.currency === agreed.currency &&
    told.fromMs <= state.endMs;
  return isNews ? told.terms : agreed;
}

export function periodBegun(
  state: Subscription,
  {
    facts,
    count,
    now,
    isPresent,
  }: {
    readonly facts: BillingFacts;
    readonly count: number;
    readonly now: number;
    readonly isPresent: boolean;
  },
): Subscription {
  const { terms, anchorMs } = state;
  const startMs = boundary(anchorMs, terms.period, count);
  const endMs = boundary(anchorMs, terms.period, count + 1);
  const key = `${state.life}.${state.index}`;
  const order = {
    purpose: "period" as const,
    key,
    terms,
    grossMinor: terms.priceMinor,
    startMs,
    endMs,
    isPresent,
  };
  const begun = issued({ ...state, startMs, endMs }, order, facts, now);
  return { ...begun, status: statusOf(begun) };
}

/** What the period that is over was paid for is revenue now; an upgrade that nobody paid is owed no longer. */
function earned(state: Subscription): Subscription {
  const current = withoutUpgrade(state);
  const invoices = current.invoices.map((invoice) =>
    invoice.life === state.life && !invoice.isVoid ? { ...invoice, isEarned: true } : invoice,
  );
  return { ...current, invoices };
}

/** Paid after a suspension: the time that was paid for begins now. */
function restarted(state: Subscription, now: number): Subscription {
  if (state.suspendedAtMs === undefined) return state;
  const endMs = boundary(now, state.terms.period, 1);
  const running = runningInvoice(state);
  const moved = {
    ...state,
    suspendedAtMs: undefined,
    anchorMs: now,
    anchorIndex: state.index,
    startMs: now,
    endMs,
  };
  return running === undefined ? moved : replaced(moved, { ...running, startMs: now, endMs });
}

function withoutStaleUpgrade(state: Subscription, now: number): Subscription {
  const upgrade = pendingUpgrade(state);
  if (upgrade === undefined || now < upgrade.issuedAtMs + upgradeMs) return state;
  return withoutUpgrade(state);
}

/** Should its payment succeed after all, the money is the customer's credit. */
export function withoutUpgrade(state: Subscription): Subscription {
  const upgrade = pendingUpgrade(state);
  return upgrade === undefined ? state : replaced(state, { ...upgrade, isVoid: true });
}

function dunned(state: Subscription, rules: BillingRules, now: number): Subscription {
  const running = runningInvoice(state);
  if (running === undefined) return state;
  if (now >= suspensionMs(running, rules)) {
    const suspended = { ...state, suspendedAtMs: now };
    return { ...suspended, status: statusOf(suspended) };
  }
  return now >= retryMs(running, rules) ? replaced(state, withAttempt(running, now, false)) : state;
}

/** When the next attempt is made; Infinity while the last one's outcome is not known, or when all were made. */
function retryMs(invoice: Invoice, { dunningDays }: BillingRules): number {
  const last = lastAttempt(invoice);
  if (last === undefined || last.charge.outcome !== "failed") return Number.POSITIVE_INFINITY;
  const made = invoice.attempts.length;
  const day = dunningDays[made - 1];
  if (day === undefined) return Number.POSITIVE_INFINITY;
  const pause = day - (dunningDays[made - 2] ?? 0);
  // After an outage attempts keep their distance.
  return Math.max(invoice.issuedAtMs + day * dayMs, last.plannedAtMs + pause * dayMs);
}

/** The last attempt failed, or, whatever came of it, a day has passed since it was due. */
function suspensionMs(invoice: Invoice, { dunningDays }: BillingRules): number {
  const last = lastAttempt(invoice);
  const isOver = last?.charge.outcome === "failed" && invoice.attempts.length > dunningDays.length;
  const late = invoice.issuedAtMs + ((dunningDays.at(-1) ?? 0) + 1) * dayMs;
  const sent = (last?.plannedAtMs ?? invoice.issuedAtMs) + dayMs;
  return isOver ? (last?.plannedAtMs ?? late) : Math.max(late, sent);
}

function givenUpMs(state: Subscription, { suspendedDays }: BillingRules): number {
  return state.suspendedAtMs === undefined
    ? Number.POSITIVE_INFINITY
    : state.suspendedAtMs + suspendedDays * dayMs;
}
