// Stripe behind our port. Card numbers never come here: the customer enters them on Stripe's Checkout page (mode "setup"), and
// what is kept is the name of a payment method.
import { createHmac, timingSafeEqual } from "node:crypto";
import { nothingKnown } from "#account/charge-state.ts";
import type {
  ChargeAnswer,
  ChargeOrder,
  MethodAnswer,
  PaymentProvider,
  RefundAnswer,
  RefundOrder,
  Saying,
} from "#account/payment-ports.ts";
import {
  disputeState,
  errorAnswer,
  intentAnswer,
  refundAnswer,
  refundedState,
} from "#account/stripe-answer.ts";
import { judgeSignature } from "#account/webhook-signature.ts";
import {
  chargeShape,
  checkoutShape,
  customerShape,
  disputeShape,
  eventShape,
  intentShape,
  listOf,
  refundShape,
  type StripeEvent,
  setupShape,
} from "#wire/stripe.ts";
import { StripeClient } from "./stripe-client.ts";

export interface StripeProviderOrder {
  readonly secretKey: string;
  readonly webhookSecret: string;
  /** Where Checkout and 3-D Secure send the customer back to. */
  readonly returnUrl: string;
  readonly baseUrl: string;
  readonly timeoutMs: number;
}

/** Source: Stripe's libraries, default tolerance. */
const toleranceSeconds = 300;
/** Pages of a customer's list that are looked through: a charge is looked for soon after it was asked for. */
const mostPages = 5;
export function stripeProvider(order: StripeProviderOrder): PaymentProvider {
  const client = new StripeClient(order);
  return {
    name: "stripe",
    async createCustomer(customerId, signal) {
      const request = {
        path: "/v1/customers",
        form: { "metadata[customer]": customerId },
        key: `customer-${customerId}`,
      };
      const result = await client.post(request, customerShape, signal);
      if (result.kind === "error") throw new Error(`Stripe made no customer: ${result.error.type}`);
      return result.value.id;
    },
    setUpMethod: (wish, signal) => checkout(client, order.returnUrl, wish, signal),
    charge: (wish, signal) => charge(client, order.returnUrl, wish, signal),
    refund: (wish, signal) => refund(client, wish, signal),
    lookUpCharge: (wish, signal) => lookUpCharge(client, wish, signal),
    lookUpRefund: (wish, signal) => lookUpRefund(client, wish, signal),
    async verifyWebhook({ rawBody, signature, nowMs }, signal) {
      const mac = (text: string): string =>
        createHmac("sha256", order.webhookSecret).update(text).digest("hex");
      const nowSeconds = Math.floor(nowMs / 1000);
      const verdict = judgeSignature({
        header: signature,
        rawBody,
        nowSeconds,
        toleranceSeconds,
        mac,
        equal,
      });
      if (verdict !== "good") return { kind: "forged", because: `the signature is ${verdict}` };
      const event = eventShape.parse(JSON.parse(rawBody));
      return { kind: "event", id: event.id, saying: await sayingOf(client, event, signal) };
    },
  };
}

export function equal(a: string, b: string): boolean {
  const [one, other] = [Buffer.from(a), Buffer.from(b)];
  return one.length === other.length && timingSafeEqual(one, other);
}

async function checkout(
  client: StripeClient,
  returnUrl: string,
  { customerRef, requestId }: { readonly customerRef: string; readonly requestId: string },
  signal: AbortSignal,
): Promise<MethodAnswer> {
  const form = {
    mode: "setup",
    customer: customerRef,
    "payment_method_types[0]": "card",
    success_url: returnUrl,
    cancel_url: returnUrl,
  };
  const request = { path: "/v1/checkout/sessions", form, key: `setup-${requestId}` };
  const result = await client.post(request, checkoutShape, signal);
  if (result.kind === "answer") return { kind: "go", url: result.value.url };
  return { kind: "refused", because: result.error.code ?? result.error.type };
}

async function charge(
  client: StripeClient,
  returnUrl: string,
  wish: ChargeOrder,
  signal: AbortSignal,
): Promise<ChargeAnswer> {
  const form = {
    amount: String(wish.amountMinor),
    currency: wish.currency.toLowerCase(),
    customer: wish.customerRef,
    payment_method: wish.methodRef,
    confirm: "true",
    ...(wish.isPresent ? { return_url: returnUrl } : { off_session: "true" }),
    "payment_method_types[0]": "card",
    "metadata[task]": wish.taskId,
  };
  const request = { path: "/v1/payment_intents", form, key: `charge-${wish.taskId}` };
  const result = await client.post(request, intentShape, signal);
  if (result.kind === "answer") return intentAnswer(result.value);
  const answer = errorAnswer(result.error);
  if (answer === undefined) throw new Error(`Stripe answered ${result.status} ${result.error.type}`);
  return answer;
}

async function refund(client: StripeClient, wish: RefundOrder, signal: AbortSignal): Promise<RefundAnswer> {
  const form = {
    payment_intent: wish.chargeRef ?? "",
    amount: String(wish.amountMinor),
    "metadata[task]": wish.taskId,
    "expand[0]": "charge",
  };
  const request = { path: "/v1/refunds", form, key: `refund-${wish.taskId}` };
  const result = await client.post(request, refundShape, signal);
  if (result.kind === "answer") return refundAnswer(result.value);
  if (result.error.type !== "invalid_request_error") throw new Error(`Stripe answered ${result.status}`);
  return { kind: "failed", charge: undefined };
}

/** By the name that Stripe gave it, or else through the customer's newest: lists are consistent, the search is not. */
async function lookUpCharge(
  client: StripeClient,
  wish: ChargeOrder & { readonly providerRef: string | undefined },
  signal: AbortSignal,
): Promise<ChargeAnswer | "not-found"> {
  if (wish.providerRef !== undefined) {
    const path = `/v1/payment_intents/${encodeURIComponent(wish.providerRef)}?expand[]=latest_charge`;
    const result = await client.get(path, intentShape, signal);
    if (result.kind === "answer") return intentAnswer(result.value);
    throw new Error(`Stripe does not show the charge: ${result.status}`);
  }
  let after = "";
  for (let page = 0; page < mostPages; page++) {
    const path = `/v1/payment_intents?customer=${encodeURIComponent(wish.customerRef)}&limit=100${after}`;
    const result = await client.get(path, listOf(intentShape), signal);
    if (result.kind === "error") throw new Error(`Stripe lists no charges: ${result.status}`);
    const found = result.value.data.find(({ metadata }) => metadata.task === wish.taskId);
    if (found !== undefined) return intentAnswer(found);
    const last = result.value.data.at(-1);
    if (result.value.has_more !== true || last === undefined) return "not-found";
    after = `&starting_after=${encodeURIComponent(last.id)}`;
  }
  throw new Error(`the charge is not among the customer's newest ${mostPages * 100}`);
}

async function lookUpRefund(
  client: StripeClient,
  wish: RefundOrder & { readonly providerRef: string | undefined },
  signal: AbortSignal,
): Promise<RefundAnswer | "not-found"> {
  const of = encodeURIComponent(wish.chargeRef ?? "");
  const path = `/v1/refunds?payment_intent=${of}&limit=100&expand[]=data.charge`;
  const result = await client.get(path, listOf(refundShape), signal);
  if (result.kind === "error") throw new Error(`Stripe lists no refunds: ${result.status}`);
  const found = result.value.data.find(({ metadata }) => metadata?.task === wish.taskId);
  return found === undefined ? "not-found" : refundAnswer(found);
}

/** Events that carry no name of ours are asked after; what is not ours says nothing. */
async function sayingOf(
  client: StripeClient,
  { type, data: { object } }: StripeEvent,
  signal: AbortSignal,
): Promise<Saying> {
  if (/^payment_intent\.(succeeded|payment_failed|requires_action|canceled|processing)$/.test(type)) {
    const intent = intentShape.parse(object);
    const ref = intent.metadata.task;
    return ref === undefined ? { kind: "nothing" } : { kind: "charge", ref, answer: intentAnswer(intent) };
  }
  if (type === "setup_intent.succeeded") {
    const { customer, payment_method: methodRef } = setupShape.parse(object);
    if (typeof customer !== "string" || typeof methodRef !== "string") return { kind: "nothing" };
    return { kind: "method", customerRef: customer, methodRef };
  }
  if (type === "charge.refunded") {
    const told = chargeShape.parse(object);
    return ofIntent(client, told.payment_intent, { charge: refundedState(told) }, signal);
  }
  if (type.startsWith("charge.dispute.")) {
    const dispute = disputeShape.parse(object);
    return ofIntent(client, dispute.payment_intent, { charge: disputeState(dispute) }, signal);
  }
  return { kind: "nothing" };
}

async function ofIntent(
  client: StripeClient,
  intentId: string | null | undefined,
  answer: ChargeAnswer,
  signal: AbortSignal,
): Promise<Saying> {
  if (intentId === null || intentId === undefined) return { kind: "nothing" };
  const result = await client.get(`/v1/payment_intents/${encodeURIComponent(intentId)}`, intentShape, signal);
  if (result.kind === "error" && result.status !== 404) throw new Error("Stripe does not show the charge");
  const ref = result.kind === "answer" ? result.value.metadata.task : undefined;
  if (ref === undefined) return { kind: "nothing" };
  return { kind: "charge", ref, answer: { ...answer, charge: { ...nothingKnown, ...answer.charge } } };
}
