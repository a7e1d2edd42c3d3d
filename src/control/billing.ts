// What customers and admins do with money, each once: decided under the customer's row lock, and answered in the same
// transaction, so that whoever lost the answer gets it again by the key of the request.
import { creditPosting } from "#account/ledger-posting.ts";
import type { WebhookReading } from "#account/payment-ports.ts";
import type { SubscriptionEvent } from "#account/subscription-machine.ts";
import type { Refusal } from "#account/subscription-wish.ts";
import type { BillingVerdict, Changed, CustomerEnding, CustomerFile, KeyHold } from "#data/ports-billing.ts";
import type { PricePlan } from "#model/billing.ts";
import { Fault } from "#units/fault.ts";
import { judged, termsOf } from "./billing-decision.ts";
import { billingFaults } from "./billing-faults.ts";
import { subscriptionView } from "./billing-view.ts";
import { type BillingPorts, takeCharge } from "./billing-work.ts";

export interface Asked {
  readonly accountId: string;
  readonly hold: KeyHold;
}

/** @returns the answer's body as JSON, kept under the request's key */
export async function wish(
  ports: BillingPorts,
  { accountId, hold }: Asked,
  event: SubscriptionEvent,
): Promise<string> {
  const nowMs = await ports.store.nowMs();
  const freshId = ports.newId();
  const decide = (file: CustomerFile): BillingVerdict<string | Refusal> => {
    const verdict = judged(file, { event, rules: ports.rules, nowMs, freshId });
    if (typeof verdict === "string") throw refused(verdict);
    const after = {
      ...file,
      subscription: verdict.subscription,
      tasks: openTasks(file, verdict.tasks ?? []),
    };
    const body = JSON.stringify(subscriptionView(after));
    return { ...verdict, result: body, answer: { ...hold, status: 200, body } };
  };
  return outcome(await ports.store.change({ of: { accountId }, nowMs, decide }));
}

function openTasks(file: CustomerFile, changed: BillingVerdict<unknown>["tasks"]): CustomerFile["tasks"] {
  const byId = new Map([...file.tasks, ...(changed ?? [])].map((task) => [task.id, task]));
  return [...byId.values()].filter(({ state }) => state !== "over");
}

/** The newest version that is offered. */
export async function offeredPlan(ports: BillingPorts, planId: string): Promise<PricePlan> {
  const plans = await ports.store.plans();
  const plan = plans.findLast((one) => one.planId === planId && one.offered);
  if (plan === undefined) throw new Fault(billingFaults.noSuchPlan, { planId });
  return plan;
}

export async function subscribe(ports: BillingPorts, asked: Asked, planId: string): Promise<string> {
  const plan = await offeredPlan(ports, planId);
  return wish(ports, asked, { kind: "subscribe", terms: termsOf(plan), trialDays: plan.trialDays });
}

export async function changePlan(ports: BillingPorts, asked: Asked, planId: string): Promise<string> {
  return wish(ports, asked, { kind: "change", terms: termsOf(await offeredPlan(ports, planId)) });
}

/** Goodwill towards the customer's next invoices. */
export async function giveCredit(
  ports: BillingPorts,
  { accountId, hold }: Asked,
  credit: { readonly amountMinor: number; readonly currency: string; readonly why: string },
): Promise<string> {
  const nowMs = await ports.store.nowMs();
  const { amountMinor, currency, why } = credit;
  const decide = (file: CustomerFile): BillingVerdict<string> => {
    const body = JSON.stringify({ creditMinor: (file.creditMinor[currency] ?? 0) + amountMinor });
    const postings = [creditPosting(amountMinor, currency, `credit: ${why}`)];
    return { result: body, postings, answer: { ...hold, status: 200, body } };
  };
  return outcome(await ports.store.change({ of: { accountId }, nowMs, decide }));
}

/** A way to pay: known to the provider alone, kept by its name. */
export async function setMethod(
  ports: BillingPorts,
  { accountId, hold }: Asked,
  token: string | undefined,
  signal: AbortSignal,
): Promise<string> {
  const customerRef = await customerRefOf(ports, accountId, signal);
  const answer = await ports.provider.setUpMethod({ customerRef, token, requestId: hold.holder }, signal);
  if (answer.kind === "refused") throw new Fault(billingFaults.methodRefused, { because: answer.because });
  const nowMs = await ports.store.nowMs();
  const body = JSON.stringify(answer.kind === "go" ? answer : { kind: "ready" });
  const kept = { ...hold, status: 200, body };
  const refs = answer.kind === "ready" ? { methodRef: answer.methodRef } : {};
  return outcome(
    await ports.store.change({
      of: { accountId },
      nowMs,
      decide: () => ({ result: body, refs, answer: kept }),
    }),
  );
}

/** Made once: the provider gives the same name to the same customer. */
async function customerRefOf(ports: BillingPorts, accountId: string, signal: AbortSignal): Promise<string> {
  const nowMs = await ports.store.nowMs();
  const of = { accountId };
  const known = outcome(
    await ports.store.change({ of, nowMs, decide: ({ customer }) => ({ result: customer }) }),
  );
  if (known.providerRef !== undefined) return known.providerRef;
  const providerRef = await ports.provider.createCustomer(known.id, signal);
  await ports.store.change({ of, nowMs, decide: () => ({ result: undefined, refs: { providerRef } }) });
  return providerRef;
}

/** Resolves only when what the webhook says is kept. */
export async function takeWebhook(
  ports: BillingPorts,
  reading: Extract<WebhookReading, { kind: "event" }>,
): Promise<"taken" | "seen" | "not-ours" | "unplaced"> {
  const { saying } = reading;
  const event = { provider: ports.provider.name, id: reading.id };
  if (saying.kind === "nothing") return "not-ours";
  if (saying.kind === "charge") {
    const owner = await ports.store.owner(saying.ref);
    if (owner === undefined) return "not-ours";
    return takeCharge(ports, { ...owner, answer: saying.answer, event });
  }
  const customerId = await ports.store.customerByProviderRef(saying.customerRef);
  if (customerId === undefined) return "not-ours";
  const nowMs = await ports.store.nowMs();
  const refs = { methodRef: saying.methodRef };
  const decide = () => ({ result: undefined, refs });
  const done = await ports.store.change({ of: { customerId }, nowMs, event, decide });
  return done.kind === "seen" ? "seen" : "taken";
}

/** How a customer ends with its account: nothing is renewed or asked for any more. */
export async function customerEnding(
  ports: Pick<BillingPorts, "store" | "rules" | "newId">,
): Promise<CustomerEnding> {
  const nowMs = await ports.store.nowMs();
  const order = { event: { kind: "erase" }, rules: ports.rules, nowMs, freshId: ports.newId() } as const;
  return {
    nowMs,
    decide(file) {
      const verdict = judged(file, order);
      return typeof verdict === "string" ? { result: undefined } : { ...verdict, result: undefined };
    },
  };
}

function outcome<T>(changed: Changed<T>): T {
  if (changed.kind === "changed") return changed.result;
  if (changed.kind === "no-customer") throw new Fault(billingFaults.noSuchAccount);
  throw new Fault(billingFaults.keyInFlight, { seconds: 1 });
}

function refused(because: Refusal): Fault {
  switch (because) {
    case "unknown-charge":
      return new Fault(billingFaults.noSuchInvoice);
    case "too-much":
      return new Fault(billingFaults.tooMuch);
    default:
      return new Fault(billingFaults.changeRefused, { because: sentences[because] });
  }
}

const sentences: Readonly<Record<Exclude<Refusal, "unknown-charge" | "too-much">, string>> = {
  "already-subscribed": "there is a subscription already; change its plan instead",
  "not-subscribed": "there is no subscription",
  "not-now": "the subscription is not active",
  "other-currency": "the plan is sold in another currency; cancel, and subscribe anew",
  "payment-under-way": "the outcome of a payment is not known yet; try again when it is",
  "too-often": "there were too many changes within this period",
};
