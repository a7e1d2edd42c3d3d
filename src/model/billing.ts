// Money, price plans and subscriptions, as the account domain decides about them and the data tier keeps them.
// Amounts are integers in the currency's minor unit (cents). Moments are milliseconds since 1970; periods are in UTC.

export type PeriodLength = "month" | "year";

/** What a subscriber agreed to: a copy, so that a later price changes nothing for them. */
export interface Terms {
  readonly planId: string;
  /** Of the price plan, from 1. */
  readonly version: number;
  readonly name: string;
  /** Streams at the same time. */
  readonly screens: number;
  /** Pixels. */
  readonly maxHeight: number;
  /** Tax included. */
  readonly priceMinor: number;
  /** ISO 4217, in capitals. */
  readonly currency: string;
  readonly period: PeriodLength;
}

export interface PricePlan extends Terms {
  readonly trialDays: number;
  /** Others are kept for those who have them, and sold to nobody. */
  readonly offered: boolean;
  readonly createdAtMs: number;
  /** Subscribers of older versions were told that this one counts for periods that begin from then on; undefined: not told. */
  readonly toldFromMs: number | undefined;
}

/** "unknown": asked for, and no answer that can be relied on yet. */
export type ChargeOutcome = "unknown" | "needs-action" | "failed" | "succeeded";
export type DisputeStanding = "none" | "open" | "won" | "lost";

/** All that is known of one charge. What a provider says, in any order and however often, is joined into it. */
export interface ChargeState {
  readonly outcome: ChargeOutcome;
  /** Altogether. */
  readonly refundedMinor: number;
  readonly dispute: DisputeStanding;
  readonly disputedMinor: number;
}

export interface Attempt {
  /** From 1, within its invoice. */
  readonly number: number;
  readonly amountMinor: number;
  readonly plannedAtMs: number;
  /** The customer is there and can confirm; else it is asked for in their absence. */
  readonly isPresent: boolean;
  readonly charge: ChargeState;
  /** Refunds ordered by us, whether or not they have happened yet. */
  readonly refundOrderedMinor: number;
}

export interface Invoice {
  /** "1.0": life 1, period 0. "1.3u2": the second upgrade within period 3. One of its kind per customer, for ever. */
  readonly key: string;
  readonly purpose: "period" | "upgrade";
  readonly life: number;
  readonly index: number;
  /** What it pays for. */
  readonly terms: Terms;
  readonly startMs: number;
  readonly endMs: number;
  readonly issuedAtMs: number;
  readonly grossMinor: number;
  /** Part of the gross. */
  readonly taxMinor: number;
  /** Part of the gross that was taken from the customer's credit. */
  readonly creditMinor: number;
  readonly attempts: readonly Attempt[];
  /** Nobody owes it any more. */
  readonly isVoid: boolean;
  /** Its time is over: what was deferred is revenue. */
  readonly isEarned: boolean;
}

/**
 * "incomplete": subscribed, the first payment is not known to have succeeded. "past-due": the running period is not
 * paid, and is asked for again. "suspended": asked for often enough, or disputed.
 */
export type SubscriptionStatus = "incomplete" | "trial" | "active" | "past-due" | "suspended" | "cancelled";

export interface Subscription {
  /** Rises when a customer who cancelled subscribes again. */
  readonly life: number;
  readonly status: SubscriptionStatus;
  readonly terms: Terms;
  /** From the end of the running period on. */
  readonly next: Terms | undefined;
  /** Boundaries of paid periods are counted from here. */
  readonly anchorMs: number;
  /** The period that boundary 0 belongs to: rises when the anchor is set anew. */
  readonly anchorIndex: number;
  /** Of the running period; −1 is the trial. */
  readonly index: number;
  readonly startMs: number;
  readonly endMs: number;
  readonly cancelsAtEnd: boolean;
  /** This life began with a trial. */
  readonly isTrialled: boolean;
  /** Dunning is over without a payment. */
  readonly suspendedAtMs: number | undefined;
  /** Newest last; bounded. */
  readonly invoices: readonly Invoice[];
}

/** Amounts by ledger account: debits positive, credits negative; they sum to zero. */
export interface LedgerAmounts {
  /** What customers owe. */
  readonly receivable: number;
  /** Cash at the payment provider. */
  readonly cash: number;
  readonly revenue: number;
  /** Invoiced for time that is not over. */
  readonly deferred: number;
  readonly tax: number;
  /** Given back, and goodwill: less revenue. */
  readonly refunds: number;
  /** What we owe customers towards their next invoices. */
  readonly credits: number;
}

export interface Posting {
  readonly reason: string;
  readonly currency: string;
  readonly amounts: LedgerAmounts;
}

/** Something that a provider is asked to do: kept before it is asked, so that it is asked once. */
export interface PaymentTask {
  /** Also the key by which the provider knows a repetition. */
  readonly id: string;
  readonly kind: "charge" | "refund";
  readonly invoiceKey: string;
  /** Of the attempt. */
  readonly number: number;
  readonly amountMinor: number;
  readonly currency: string;
  readonly isPresent: boolean;
  /** "sent": the provider may have it; what came of it is looked up, never asked for again unseen. */
  readonly state: "planned" | "sent" | "over";
  /** When it is looked at again. */
  readonly dueMs: number;
  readonly sentAtMs: number | undefined;
  /** The provider's own name of it. */
  readonly providerRef: string | undefined;
  /** Where the customer must go. */
  readonly actionUrl: string | undefined;
  readonly reason: string | undefined;
}
