// The parts of Stripe's objects that are read, as its public API reference for the pinned version describes them.
import { z } from "zod";

const charge = z.object({
  id: z.string(),
  amount: z.number().int(),
  amount_refunded: z.number().int(),
  payment_intent: z.string().nullish(),
});
const errorShape = z.object({
  type: z.string(),
  code: z.string().optional(),
  decline_code: z.string().optional(),
  message: z.string().optional(),
});
export const intentShape = z.object({
  id: z.string(),
  status: z.string(),
  amount: z.number().int(),
  metadata: z.record(z.string(), z.string()),
  next_action: z.object({ redirect_to_url: z.object({ url: z.string() }).optional() }).nullish(),
  last_payment_error: errorShape.nullish(),
  latest_charge: z.union([z.string(), charge]).nullish(),
});
export const chargeShape = charge;
export const refundShape = z.object({
  id: z.string(),
  status: z.string(),
  metadata: z.record(z.string(), z.string()).optional(),
  charge: z.union([z.string(), charge]).nullish(),
});
export const disputeShape = z.object({
  amount: z.number().int(),
  status: z.string(),
  payment_intent: z.string().nullish(),
});
export const listOf = <T extends z.ZodType>(item: T) =>
  z.object({ data: z.array(item), has_more: z.boolean().optional() });

export const stripeErrorBody = z.object({
  error: errorShape.extend({ payment_intent: intentShape.optional() }),
});

export const customerShape = z.object({ id: z.string() });
export const checkoutShape = z.object({ id: z.string(), url: z.string() });
export const eventShape = z.object({
  id: z.string(),
  type: z.string(),
  data: z.object({ object: z.record(z.string(), z.unknown()) }),
});
export const setupShape = z.object({ customer: z.string().nullish(), payment_method: z.string().nullish() });
export type StripeEvent = z.output<typeof eventShape>;
