import type { FaultTable } from "#units/fault.ts";

/** What can be wrong with a request about money. */
export const billingFaults = {
  billingOff: {
    code: "billing-off",
    status: 404,
    sentence: "Nothing is sold here: billing is off (MILLRACE_BILLING).",
  },
  noSuchPlan: { code: "no-such-plan", status: 404, sentence: 'No plan "{planId}" is offered.' },
  noSuchCurrency: {
    code: "no-such-currency",
    status: 400,
    sentence: '"{currency}" is no currency of ISO 4217.',
  },
  noSuchAccount: { code: "no-such-account", status: 404, sentence: "There is no such account." },
  noSuchInvoice: {
    code: "no-such-invoice",
    status: 404,
    sentence: "There is no such invoice, or nothing was paid on it.",
  },
  noSuchProvider: {
    code: "no-such-provider",
    status: 404,
    sentence: "No payments come through this provider here.",
  },
  noSuchConfirmation: {
    code: "no-such-confirmation",
    status: 404,
    sentence: "No payment waits for this confirmation.",
  },
  changeRefused: { code: "change-refused", status: 409, sentence: "Nothing was changed: {because}." },
  tooMuch: {
    code: "too-much",
    status: 409,
    sentence: "More would be given back than was paid on this invoice and not given back yet.",
  },
  methodRefused: {
    code: "method-refused",
    status: 422,
    sentence: "This way to pay was not taken: {because}.",
  },
  keyMissing: {
    code: "key-missing",
    status: 400,
    sentence:
      "This path wants an Idempotency-Key header: 1 to 255 printable ASCII characters, new for each thing to be done, and the same when it is sent again.",
  },
  keyReused: {
    code: "key-reused",
    status: 422,
    sentence:
      "This Idempotency-Key came before with another request. Send a new key for a new thing to be done.",
  },
  keyInFlight: {
    code: "key-in-flight",
    status: 409,
    sentence: "A request with this Idempotency-Key is under way; try again in {seconds} s.",
  },
  webhookForged: { code: "webhook-refused", status: 400, sentence: "The webhook was not taken: {because}." },
  providerAway: {
    code: "provider-away",
    status: 503,
    sentence: "The payment provider does not answer ({reason}). Nothing was changed; try again.",
  },
  dunningDays: {
    code: "dunning-days",
    status: 500,
    sentence:
      'MILLRACE_BILLING_DUNNING_DAYS: wanted rising whole days with commas, like "1,3,5,7", found "{found}".',
  },
  stripeUnset: {
    code: "stripe-unset",
    status: 500,
    sentence: "MILLRACE_BILLING=stripe wants {name} as well.",
  },
} as const satisfies FaultTable;
