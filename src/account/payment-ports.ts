// What a payment provider can be asked. Whatever it throws means: the outcome is not known. It is then looked up, never
// asked for again unseen.
import type { ChargeState } from "#model/billing.ts";

export interface ChargeAnswer {
  readonly charge: ChargeState;
  readonly providerRef?: string | undefined;
  /** Where the customer confirms. */
  readonly actionUrl?: string | undefined;
  /** Why it failed: "card_declined". */
  readonly reason?: string | undefined;
}

export interface RefundAnswer {
  readonly kind: "done" | "failed" | "pending";
  /** The charge afterwards, with all that was given back of it; undefined while pending, or when nothing changed. */
  readonly charge: ChargeState | undefined;
  readonly providerRef?: string | undefined;
}

export type MethodAnswer =
  | { readonly kind: "ready"; readonly methodRef: string }
  /** The customer enters it on the provider's own page; a webhook tells. */
  | { readonly kind: "go"; readonly url: string }
  | { readonly kind: "refused"; readonly because: string };

/** What a webhook says. Cumulative: it may come again, late, or before an earlier one. */
export type Saying =
  /** `ref`: our task's id, or the provider's name of it. */
  | { readonly kind: "charge"; readonly ref: string; readonly answer: ChargeAnswer }
  | { readonly kind: "method"; readonly customerRef: string; readonly methodRef: string }
  /** Nothing of ours. */
  | { readonly kind: "nothing" };

export type WebhookReading =
  | { readonly kind: "forged"; readonly because: string }
  | { readonly kind: "event"; readonly id: string; readonly saying: Saying };

export interface ChargeOrder {
  /** The provider keeps it with the charge, and does not charge twice for one id. */
  readonly taskId: string;
  readonly customerRef: string;
  readonly methodRef: string;
  readonly amountMinor: number;
  readonly currency: string;
  /** False: in the customer's absence; a bank that wants them declines. */
  readonly isPresent: boolean;
}

export interface RefundOrder {
  readonly taskId: string;
  readonly chargeTaskId: string;
  readonly chargeRef: string | undefined;
  readonly amountMinor: number;
}

export interface PaymentProvider {
  readonly name: string;
  /** The same customer again gives the same name. */
  createCustomer(customerId: string, signal: AbortSignal): Promise<string>;
  /** `token`: a test token, where the provider takes such; never a card's number. */
  setUpMethod(
    order: { readonly customerRef: string; readonly token: string | undefined; readonly requestId: string },
    signal: AbortSignal,
  ): Promise<MethodAnswer>;
  charge(order: ChargeOrder, signal: AbortSignal): Promise<ChargeAnswer>;
  refund(order: RefundOrder, signal: AbortSignal): Promise<RefundAnswer>;
  lookUpCharge(
    order: ChargeOrder & { readonly providerRef: string | undefined },
    signal: AbortSignal,
  ): Promise<ChargeAnswer | "not-found">;
  lookUpRefund(
    order: RefundOrder & { readonly providerRef: string | undefined },
    signal: AbortSignal,
  ): Promise<RefundAnswer | "not-found">;
  verifyWebhook(
    order: { readonly rawBody: string; readonly signature: string | undefined; readonly nowMs: number },
    signal: AbortSignal,
  ): Promise<WebhookReading>;
}
