// Plans, subscriptions, invoices and the books as the API speaks of them. Amounts are in minor units, moments in
// milliseconds since 1970.
import { z } from "zod";

const minor = z.number().int();
const moment = z.number().int();
const planId = z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/);
const currency = z.string().regex(/^[A-Z]{3}$/);

const terms = z.object({
  planId,
  version: z.number().int().min(1),
  name: z.string(),
  screens: z.number().int(),
  maxHeight: z.number().int(),
  priceMinor: minor,
  currency,
  period: z.enum(["month", "year"]),
});

export const plan = terms.extend({ trialDays: z.number().int() });
export const plans = z.object({ plans: z.array(plan) });

export const adminPlan = plan.extend({
  offered: z.boolean(),
  createdAtMs: moment,
  toldFromMs: moment.nullable(),
});
export const adminPlans = z.object({ plans: z.array(adminPlan) });
export const newPlanBody = z.strictObject({
  planId,
  name: z.string().min(1).max(80),
  screens: z.number().int().min(1).max(64),
  maxHeight: z.number().int().min(144).max(8640),
  priceMinor: minor.min(0).max(1_000_000_000),
  currency,
  period: z.enum(["month", "year"]),
  trialDays: z.number().int().min(0).max(365),
});
/** Days from now on which a new price begins to count for those who have an older one. */
export const tellBody = z.strictObject({ noticeDays: z.number().int().min(0).max(365) });

export const subscribeBody = z.strictObject({ planId });
export const methodBody = z.strictObject({
  /** A test token of the offline provider. Absent with Stripe, whose page asks for the card. */
  token: z.string().max(64).optional(),
});
export const method = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("ready") }),
  z.object({ kind: z.literal("go"), url: z.string() }),
]);

export const subscription = z.object({
  /** "none": never subscribed. */
  status: z.enum(["none", "incomplete", "trial", "active", "past-due", "suspended", "cancelled"]),
  terms: terms.nullable(),
  /** From the end of the running period on. */
  next: terms.nullable(),
  startMs: moment.nullable(),
  endMs: moment.nullable(),
  cancelsAtEnd: z.boolean(),
  hasMethod: z.boolean(),
  creditMinor: minor,
  /** A payment under way. */
  payment: z
    .object({ amountMinor: minor, currency, actionUrl: z.string().nullable(), reason: z.string().nullable() })
    .nullable(),
});
export type SubscriptionView = z.infer<typeof subscription>;

export const invoice = z.object({
  id: z.string(),
  purpose: z.enum(["period", "upgrade"]),
  planName: z.string(),
  startMs: moment,
  endMs: moment,
  issuedAtMs: moment,
  currency,
  grossMinor: minor,
  taxMinor: minor,
  creditMinor: minor,
  refundedMinor: minor,
  status: z.enum(["open", "paid", "refunded", "disputed", "void"]),
});
export const invoices = z.object({ invoices: z.array(invoice) });
/** As an admin sees it: `refundableMinor` was taken by one payment, and not ordered back. */
export const adminInvoice = invoice.extend({ refundableMinor: minor });
export type AdminInvoice = z.infer<typeof adminInvoice>;
export const adminInvoices = z.object({ invoices: z.array(adminInvoice) });
export type InvoiceView = z.infer<typeof invoice>;

export const refundBody = z.strictObject({
  accountId: z.string().max(64),
  invoiceId: z.string().max(64),
  amountMinor: minor.min(1).max(1_000_000_000),
});
export const creditBody = z.strictObject({
  accountId: z.string().max(64),
  amountMinor: minor.min(1).max(1_000_000_000),
  currency,
  why: z.string().min(1).max(200),
});
export const credited = z.object({ creditMinor: minor });

const amounts = z.object({
  receivable: minor,
  cash: minor,
  revenue: minor,
  deferred: minor,
  tax: minor,
  refunds: minor,
  credits: minor,
});
export const trialBalance = z.object({
  balances: z.array(z.object({ currency, amounts, sumMinor: minor })),
});
