// From an event to all that is written about it: the machine steps, then time passes, and what both want is gathered.

import type { BillingFacts } from "#account/subscription-invoice.ts";
import { type BillingCommand, type SubscriptionEvent, step } from "#account/subscription-machine.ts";
import { type BillingRules, entitlementOf, termsNow } from "#account/subscription-state.ts";
import { dueAt } from "#account/subscription-time.ts";
import type { Refusal } from "#account/subscription-wish.ts";
import type { BillingVerdict, CustomerFile } from "#data/ports-billing.ts";
import type { PaymentTask, Posting, Subscription } from "#model/billing.ts";
import { assert } from "#units/assert.ts";

export interface DecisionOrder {
  readonly event: SubscriptionEvent;
  readonly rules: BillingRules;
  readonly nowMs: number;
  /** Names refunds; the same however often the decision is taken. */
  readonly freshId: string;
}

export type Judged = Omit<BillingVerdict<undefined>, "result"> & { readonly subscription: Subscription };

/**
 * Time passes before the event, since the renewal job may be late, and after it.
 *
 * @returns why not, when the machine refuses; then nothing is to be written
 */
export function judged(file: CustomerFile, order: DecisionOrder): Judged | Refusal {
  const { rules, nowMs } = order;
  const tick: SubscriptionEvent = { kind: "tick" };
  const events = file.subscription === undefined ? [order.event, tick] : [tick, order.event, tick];
  const commands: BillingCommand[] = [];
  let current = file.subscription;
  for (const event of events) {
    const done = step(
      current,
      event,
      factsOf({ ...file, subscription: current }, order, postingsOf(commands)),
      nowMs,
    );
    if (done.kind === "refused") return done.because;
    current = done.state;
    commands.push(...done.commands);
  }
  assert(current !== undefined, "a step that is not refused has a state");
  return {
    subscription: current,
    dueMs: dueAt(current, rules),
    entitlement: entitlementOf(current),
    postings: postingsOf(commands),
    tasks: [...overBy(file.tasks, current), ...tasksOf(file, commands, order)],
  };
}

function factsOf(file: CustomerFile, order: DecisionOrder, spent: readonly Posting[]): BillingFacts {
  const { subscription } = file;
  const terms = order.event.kind === "subscribe" ? order.event.terms : subscription?.terms;
  const currency = terms?.currency ?? "";
  const used = spent
    .filter((one) => one.currency === currency)
    .reduce((sum, { amounts }) => sum + amounts.credits, 0);
  const agreed = subscription?.next ?? (subscription === undefined ? terms : termsNow(subscription));
  const told = file.told.find(({ planId }) => planId === agreed?.planId);
  return {
    rules: order.rules,
    creditMinor: (file.creditMinor[currency] ?? 0) - used,
    told: told?.toldFromMs === undefined ? undefined : { terms: termsOf(told), fromMs: told.toldFromMs },
  };
}

/** A plan's version as somebody agrees to it. */
export function termsOf(plan: Subscription["terms"]): Subscription["terms"] {
  const { planId, version, name, screens, maxHeight, priceMinor, currency, period } = plan;
  return { planId, version, name, screens, maxHeight, priceMinor, currency, period };
}

function postingsOf(commands: readonly BillingCommand[]): readonly Posting[] {
  return commands.flatMap((command) => (command.kind === "post" ? [command.posting] : []));
}

function tasksOf(
  { customer }: CustomerFile,
  commands: readonly BillingCommand[],
  { nowMs, freshId }: DecisionOrder,
): readonly PaymentTask[] {
  return commands.flatMap((command, index) => {
    if (command.kind === "post") return [];
    const { kind, invoiceKey, number, amountMinor, currency } = command;
    const attempt = chargeTaskId(customer.id, invoiceKey, number);
    const id = kind === "charge" ? attempt : `${attempt}.r${freshId}.${index}`;
    const isPresent = command.kind === "charge" && command.isPresent;
    const unsent = {
      isPresent,
      sentAtMs: undefined,
      providerRef: undefined,
      actionUrl: undefined,
      reason: undefined,
    };
    return { id, kind, invoiceKey, number, amountMinor, currency, state: "planned", dueMs: nowMs, ...unsent };
  });
}

export function chargeTaskId(customerId: string, invoiceKey: string, number: number): string {
  return `${customerId}.${invoiceKey}.${number}`;
}

/** Charges whose outcome is known now need no more looking up. */
function overBy(tasks: readonly PaymentTask[], state: Subscription): readonly PaymentTask[] {
  return tasks
    .filter((task) => task.kind === "charge" && isKnown(task, state))
    .map((task) => ({ ...task, state: "over" }));
}

function isKnown({ invoiceKey, number }: PaymentTask, state: Subscription): boolean {
  const invoice = state.invoices.find(({ key }) => key === invoiceKey);
  const outcome = invoice?.attempts.find((attempt) => attempt.number === number)?.charge.outcome;
  return outcome === undefined || outcome === "succeeded" || outcome === "failed";
}
