// The renewal job, and what carries money between us and the provider. Any number of control planes may run it at once, and
// each may be killed anywhere: who renews holds the customer's row, and who asks the provider has said so before, in the
// database. What was asked for without an answer is looked up.

import { nothingKnown } from "#account/charge-state.ts";
import type {
  ChargeAnswer,
  ChargeOrder,
  PaymentProvider,
  RefundAnswer,
  RefundOrder,
} from "#account/payment-ports.ts";
import type { BillingRules } from "#account/subscription-state.ts";
import type { BillingStore, BillingVerdict, CustomerFile } from "#data/ports-billing.ts";
import type { PaymentTask } from "#model/billing.ts";
import { chargeTaskId, type Judged, judged } from "./billing-decision.ts";

export interface BillingPorts {
  readonly store: BillingStore;
  readonly provider: PaymentProvider;
  readonly rules: BillingRules;
  readonly newId: () => string;
  /** How long an answer is waited for before it is looked up, and between two looks. */
  readonly reconcileMs: number;
  /** Customers, or tasks, in one go. */
  readonly batch: number;
  readonly onTrouble: (what: string, error: unknown) => void;
}

/** One batch of subscriptions whose time has come. @returns how many were brought up to date */
export async function renewBatch(ports: BillingPorts): Promise<number> {
  const nowMs = await ports.store.nowMs();
  const ids = await ports.store.dueCustomers(nowMs, ports.batch);
  let done = 0;
  for (const customerId of ids) done += await renewOne(ports, customerId, nowMs);
  return done;
}

async function renewOne(ports: BillingPorts, customerId: string, nowMs: number): Promise<number> {
  const freshId = ports.newId();
  const order = { event: { kind: "tick" }, rules: ports.rules, nowMs, freshId } as const;
  try {
    const decide = (file: CustomerFile): BillingVerdict<undefined> => written(judged(file, order));
    await ports.store.change({ of: { customerId }, nowMs, decide });
    return 1;
  } catch (error) {
    // One customer that cannot be renewed holds up nobody else, and stays due.
    ports.onTrouble(`customer ${customerId} was not renewed`, error);
    return 0;
  }
}

function written(verdict: Judged | string): BillingVerdict<undefined> {
  return typeof verdict === "string" ? { result: undefined } : { result: undefined, ...verdict };
}

/** One batch of charges and refunds: sent, or looked up. @returns how many went through */
export async function workOff(ports: BillingPorts, signal: AbortSignal): Promise<number> {
  const nowMs = await ports.store.nowMs();
  const due = await ports.store.dueTasks(nowMs, ports.batch);
  let done = 0;
  for (const { customerId, taskId } of due) {
    if (signal.aborted) break;
    try {
      await runTask(ports, { customerId, taskId }, signal);
      done += 1;
    } catch (error) {
      ports.onTrouble(`payment ${taskId} has no known outcome yet`, error);
    }
  }
  return done;
}

interface Claim {
  readonly task: PaymentTask;
  /** "do": nobody asked before. "look": somebody did, and what came of it is not known. */
  readonly step: "do" | "look";
  readonly customer: CustomerFile["customer"];
}

async function runTask(
  ports: BillingPorts,
  which: { readonly customerId: string; readonly taskId: string },
  signal: AbortSignal,
): Promise<void> {
  const claim = await claimed(ports, which);
  if (claim === undefined) return;
  if (claim.task.kind === "refund") return runRefund(ports, claim, signal);
  const answer = await charged(ports, claim, signal);
  if (answer === "not-found") return sendAgain(ports, claim);
  await takeCharge(ports, { customerId: which.customerId, task: claim.task, answer });
}

/** Said in the database before it is done, so that of two who come at once one goes away. */
async function claimed(
  { store, reconcileMs }: BillingPorts,
  { customerId, taskId }: { readonly customerId: string; readonly taskId: string },
): Promise<Claim | undefined> {
  const nowMs = await store.nowMs();
  const decide = (file: CustomerFile): BillingVerdict<Claim | undefined> => {
    const task = file.tasks.find(({ id }) => id === taskId);
    if (task === undefined || task.dueMs > nowMs) return { result: undefined };
    const isFirst = task.state === "planned";
    const ageMs = nowMs - (task.sentAtMs ?? nowMs);
    if (!isOwed(file, task) && (isFirst || ageMs > lookedForMs)) {
      return { result: undefined, tasks: [{ ...task, state: "over" }] };
    }
    const sent = {
      ...task,
      state: "sent",
      sentAtMs: task.sentAtMs ?? nowMs,
      dueMs: nowMs + pause(reconcileMs, ageMs),
    } as const;
    return { result: { task: sent, step: isFirst ? "do" : "look", customer: file.customer }, tasks: [sent] };
  };
  const done = await store.change({ of: { customerId }, nowMs, decide });
  return done.kind === "changed" ? done.result : undefined;
}

/** A charge that nobody owes any more is looked for so long; should it come to be known later, a webhook finds it. */
const lookedForMs = 7 * 86_400_000;

/** Ever more seldom: a quarter of the time that has passed. */
function pause(reconcileMs: number, ageMs: number): number {
  return Math.max(reconcileMs, Math.floor(ageMs / 4));
}

/** Nobody is charged for an invoice that became void meanwhile. */
function isOwed({ subscription }: CustomerFile, { kind, invoiceKey }: PaymentTask): boolean {
  const invoice = subscription?.invoices.find(({ key }) => key === invoiceKey);
  return kind === "refund" || invoice?.isVoid === false;
}

async function charged(
  ports: BillingPorts,
  claim: Claim,
  signal: AbortSignal,
): Promise<ChargeAnswer | "not-found"> {
  const { task, customer, step } = claim;
  const { providerRef: customerRef, methodRef } = customer;
  if (customerRef === undefined || methodRef === undefined) {
    if (step === "do") return { charge: { ...nothingKnown, outcome: "failed" }, reason: "no_payment_method" };
  }
  const order: ChargeOrder = {
    taskId: task.id,
    customerRef: customerRef ?? "",
    methodRef: methodRef ?? "",
    amountMinor: task.amountMinor,
    currency: task.currency,
    isPresent: task.isPresent,
  };
  if (step === "do") return ports.provider.charge(order, signal);
  return ports.provider.lookUpCharge({ ...order, providerRef: task.providerRef }, signal);
}

/** The provider never got it: asked again under the same name, so that even a straggler makes no second charge. */
async function sendAgain({ store }: BillingPorts, { task, customer }: Claim): Promise<void> {
  const nowMs = await store.nowMs();
  await store.change({
    of: { customerId: customer.id },
    nowMs,
    decide: (file) => {
      const current = file.tasks.find(({ id }) => id === task.id);
      if (current?.state !== "sent") return { result: undefined };
      return { result: undefined, tasks: [{ ...current, state: "planned" }] };
    },
  });
}

/**
 * What a provider says of a charge, by answer or webhook, becomes the subscription's.
 *
 * "unplaced": its invoice is older than those that a subscription remembers, so the books do not have it.
 */
export async function takeCharge(
  ports: Pick<BillingPorts, "store" | "rules" | "newId">,
  news: {
    readonly customerId: string;
    readonly task: PaymentTask;
    readonly answer: ChargeAnswer;
    readonly event?: { readonly provider: string; readonly id: string };
  },
): Promise<"taken" | "seen" | "unplaced"> {
  const nowMs = await ports.store.nowMs();
  const freshId = ports.newId();
  const { invoiceKey, number } = news.task;
  const event = { kind: "charge", invoiceKey, number, told: news.answer.charge } as const;
  const decide = (file: CustomerFile): BillingVerdict<"taken" | "unplaced"> => {
    const verdict = judged(file, { event, rules: ports.rules, nowMs, freshId });
    if (typeof verdict === "string") return { result: "unplaced" };
    return { result: "taken", ...verdict, tasks: withNews(verdict.tasks ?? [], file, news) };
  };
  const of = { customerId: news.customerId };
  const order = news.event === undefined ? { of, nowMs, decide } : { of, nowMs, decide, event: news.event };
  const done = await ports.store.change(order);
  return done.kind === "changed" ? done.result : "seen";
}

/** The provider's name of the charge, where the customer must go, and why it failed, kept with the task. */
function withNews(
  tasks: readonly PaymentTask[],
  file: CustomerFile,
  {
    task,
    answer,
    customerId,
  }: { readonly task: PaymentTask; readonly answer: ChargeAnswer; readonly customerId: string },
): readonly PaymentTask[] {
  const id = chargeTaskId(customerId, task.invoiceKey, task.number);
  const known = tasks.find((one) => one.id === id) ?? file.tasks.find((one) => one.id === id);
  if (known === undefined) return tasks;
  const told = {
    ...known,
    providerRef: answer.providerRef ?? known.providerRef,
    actionUrl: answer.actionUrl ?? known.actionUrl,
    reason: answer.reason ?? known.reason,
  };
  return [...tasks.filter((one) => one.id !== id), told];
}

async function runRefund(ports: BillingPorts, claim: Claim, signal: AbortSignal): Promise<void> {
  const { task, customer, step } = claim;
  const chargeTask = chargeTaskId(customer.id, task.invoiceKey, task.number);
  const chargeRef = (await ports.store.owner(chargeTask))?.task.providerRef;
  const order: RefundOrder = {
    taskId: task.id,
    chargeTaskId: chargeTask,
    chargeRef,
    amountMinor: task.amountMinor,
  };
  const answer =
    step === "do"
      ? await ports.provider.refund(order, signal)
      : await ports.provider.lookUpRefund({ ...order, providerRef: task.providerRef }, signal);
  if (answer === "not-found") return sendAgain(ports, claim);
  await takeRefund(ports, claim, answer);
}

async function takeRefund(
  ports: BillingPorts,
  { task, customer }: Claim,
  answer: RefundAnswer,
): Promise<void> {
  const nowMs = await ports.store.nowMs();
  const freshId = ports.newId();
  const { invoiceKey, number, amountMinor } = task;
  const decide = (file: CustomerFile): BillingVerdict<undefined> => {
    const current = file.tasks.find(({ id }) => id === task.id);
    if (current === undefined) return { result: undefined };
    const named = { ...current, providerRef: answer.providerRef ?? current.providerRef };
    if (answer.kind === "pending") return { result: undefined, tasks: [named] };
    const event =
      answer.kind === "failed"
        ? ({ kind: "refund-failed", invoiceKey, number, amountMinor } as const)
        : ({ kind: "charge", invoiceKey, number, told: answer.charge ?? nothingKnown } as const);
    const verdict = judged(file, { event, rules: ports.rules, nowMs, freshId });
    const over = { ...named, state: "over" } as const;
    if (typeof verdict === "string") return { result: undefined, tasks: [over] };
    return { result: undefined, ...verdict, tasks: [...(verdict.tasks ?? []), over] };
  };
  await ports.store.change({ of: { customerId: customer.id }, nowMs, decide });
}
