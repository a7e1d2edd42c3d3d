// What Stripe's API says, as what our port says. Shapes are those of Stripe's public API reference for the pinned version:
// PaymentIntent, Refund, Charge, Dispute, Event, Error.
import type { ChargeState, DisputeStanding } from "#model/billing.ts";
import { nothingKnown } from "./charge-state.ts";
import type { ChargeAnswer, RefundAnswer } from "./payment-ports.ts";

export interface StripeError {
  readonly type: string;
  readonly code?: string | undefined;
  readonly decline_code?: string | undefined;
  readonly message?: string | undefined;
  readonly payment_intent?: StripeIntent | undefined;
}

export interface StripeIntent {
  readonly id: string;
  readonly status: string;
  readonly amount: number;
  readonly metadata: Readonly<Record<string, string>>;
  readonly next_action?:
    | { readonly redirect_to_url?: { readonly url: string } | undefined }
    | null
    | undefined;
  readonly last_payment_error?: StripeError | null | undefined;
  readonly latest_charge?: StripeCharge | string | null | undefined;
}

export interface StripeCharge {
  readonly id: string;
  readonly amount: number;
  readonly amount_refunded: number;
  readonly payment_intent?: string | null | undefined;
}

export interface StripeRefund {
  readonly id: string;
  readonly status: string;
  readonly charge?: StripeCharge | string | null | undefined;
}

export interface StripeDispute {
  readonly amount: number;
  readonly status: string;
}

/** Source: "PaymentIntent lifecycle". A declined one waits for another method: for us that attempt has failed. */
export function intentAnswer(intent: StripeIntent): ChargeAnswer {
  const charge = chargeStateOf(intent);
  const error = intent.last_payment_error;
  return {
    charge,
    providerRef: intent.id,
    actionUrl: intent.next_action?.redirect_to_url?.url,
    reason: charge.outcome === "failed" ? (error?.decline_code ?? error?.code ?? intent.status) : undefined,
  };
}

function chargeStateOf(intent: StripeIntent): ChargeState {
  const { latest_charge: latest } = intent;
  const refundedMinor = typeof latest === "object" && latest !== null ? latest.amount_refunded : 0;
  switch (intent.status) {
    case "succeeded":
      return { ...nothingKnown, outcome: "succeeded", refundedMinor };
    case "requires_action":
      return { ...nothingKnown, outcome: "needs-action" };
    case "requires_payment_method":
    case "canceled":
      return { ...nothingKnown, outcome: "failed" };
    default:
      return nothingKnown;
  }
}

/**
 * An error as an answer to a charge; undefined: it says nothing about the outcome.
 *
 * Source: "Error handling". A card_error is final for this attempt; an idempotency_error or a 5xx is not.
 */
export function errorAnswer(error: StripeError): ChargeAnswer | undefined {
  if (error.type === "card_error") {
    const intent = error.payment_intent;
    // Off session the bank wants the customer: the next attempt asks on session.
    const reason = error.decline_code ?? error.code ?? "card_error";
    return { charge: { ...nothingKnown, outcome: "failed" }, providerRef: intent?.id, reason };
  }
  const isFinal = error.type === "invalid_request_error" && error.code !== "lock_timeout";
  return isFinal
    ? { charge: { ...nothingKnown, outcome: "failed" }, reason: error.code ?? "invalid_request" }
    : undefined;
}

export function refundAnswer(refund: StripeRefund): RefundAnswer {
  const kinds: Readonly<Record<string, RefundAnswer["kind"]>> = {
    succeeded: "done",
    pending: "pending",
    requires_action: "pending",
  };
  const kind = kinds[refund.status] ?? "failed";
  const charge =
    typeof refund.charge === "object" && refund.charge !== null ? refundedState(refund.charge) : undefined;
  return { kind, charge: kind === "done" ? charge : undefined, providerRef: refund.id };
}

export function refundedState(charge: StripeCharge): ChargeState {
  return { ...nothingKnown, outcome: "succeeded", refundedMinor: charge.amount_refunded };
}

/** Inquiries ("warning_…") move no money. */
export function disputeState(dispute: StripeDispute): ChargeState {
  const standings: Readonly<Record<string, DisputeStanding>> = {
    needs_response: "open",
    under_review: "open",
    won: "won",
    lost: "lost",
  };
  const standing = standings[dispute.status] ?? "none";
  return {
    ...nothingKnown,
    outcome: "succeeded",
    dispute: standing,
    disputedMinor: standing === "none" ? 0 : dispute.amount,
  };
}
