import type { SettingsTable } from "#config/setting.ts";

/** Plans, subscriptions and payments. */
export const billingSettings = {
  billing: {
    kind: "choice",
    name: "MILLRACE_BILLING",
    choices: ["off", "offline", "stripe"],
    default: "off",
    sentence:
      "Whether plans are sold, and through whom: off sells nothing and holds nobody back; offline takes test tokens and moves no money; stripe charges cards.",
  },
  billingDunningDays: {
    kind: "text",
    name: "MILLRACE_BILLING_DUNNING_DAYS",
    default: "1,3,5,7",
    secret: false,
    sentence:
      "Days after an invoice at which an unpaid one is asked for again, rising, with commas; after the last the subscription is suspended.",
  },
  billingSuspendedDays: {
    kind: "number",
    name: "MILLRACE_BILLING_SUSPENDED_DAYS",
    unit: "days",
    min: 0,
    max: 3650,
    default: 30,
    sentence:
      "How long an unpaid subscription stays suspended before it is cancelled and its invoice is void.",
  },
  billingTaxBasisPoints: {
    kind: "number",
    name: "MILLRACE_BILLING_TAX_BASIS_POINTS",
    unit: "basis points",
    min: 0,
    max: 10_000,
    default: 0,
    sentence: "Tax that prices contain, in hundredths of a percent of the price before tax: 1900 is 19 %.",
  },
  billingReconcileMs: {
    kind: "number",
    name: "MILLRACE_BILLING_RECONCILE_MS",
    unit: "ms",
    min: 1000,
    max: 86_400_000,
    default: 300_000,
    sentence:
      "How long after a payment was asked for without an answer its outcome is looked up, and how long between two looks.",
  },
  billingBatch: {
    kind: "number",
    name: "MILLRACE_BILLING_BATCH",
    unit: "customers",
    min: 1,
    max: 10_000,
    default: 100,
    sentence: "Subscriptions renewed, and payments sent, in one go of the renewal job.",
  },
  billingIdleMs: {
    kind: "number",
    name: "MILLRACE_BILLING_IDLE_MS",
    unit: "ms",
    min: 10,
    max: 3_600_000,
    default: 5000,
    sentence: "How long the renewal job rests when nothing is due.",
  },
  billingChangesPerMinute: {
    kind: "number",
    name: "MILLRACE_BILLING_CHANGES_PER_MINUTE",
    unit: "requests",
    min: 1,
    max: 100_000,
    default: 20,
    sentence: "Changes of subscriptions and ways to pay that are taken per minute from one address.",
  },
  idempotencyKeyHours: {
    kind: "number",
    name: "MILLRACE_IDEMPOTENCY_KEY_HOURS",
    unit: "hours",
    min: 24,
    max: 8760,
    default: 48,
    sentence: "How long the answer to a request with an Idempotency-Key is kept, to be given again.",
  },
  idempotencyHoldMs: {
    kind: "number",
    name: "MILLRACE_IDEMPOTENCY_HOLD_MS",
    unit: "ms",
    min: 1000,
    max: 3_600_000,
    default: 60_000,
    sentence:
      "After how long a request that died holding its Idempotency-Key is given up, so that it may be sent again.",
  },
  stripeKey: {
    kind: "text",
    name: "MILLRACE_STRIPE_KEY",
    default: "",
    secret: true,
    sentence:
      "Stripe's secret key (sk_… or, better, a restricted rk_…). Needed with MILLRACE_BILLING=stripe.",
  },
  stripeWebhookSecret: {
    kind: "text",
    name: "MILLRACE_STRIPE_WEBHOOK_SECRET",
    default: "",
    secret: true,
    sentence: "The signing secret (whsec_…) of the endpoint /v1/payments/webhook/stripe, as Stripe shows it.",
  },
  stripeBaseUrl: {
    kind: "text",
    name: "MILLRACE_STRIPE_URL",
    default: "https://api.stripe.com",
    secret: false,
    sentence: "Where Stripe's API is asked.",
  },
  paymentReturnUrl: {
    kind: "text",
    name: "MILLRACE_PAYMENT_RETURN_URL",
    default: "http://127.0.0.1:8080/",
    secret: false,
    sentence: "Our page that customers come back to from the payment provider's pages.",
  },
  paymentTimeoutMs: {
    kind: "number",
    name: "MILLRACE_PAYMENT_TIMEOUT_MS",
    unit: "ms",
    min: 1000,
    max: 120_000,
    default: 30_000,
    sentence:
      "How long the payment provider is waited for; after that the outcome is not known, and looked up.",
  },
} as const satisfies SettingsTable;
