// Billing as the settings say: off, or through a provider; and the loop of the renewal job.
import { createHmac } from "node:crypto";
import { setTimeout as rest } from "node:timers/promises";
import { type OfflineProvider, offlineProvider } from "#account/io/offline-provider.ts";
import { stripeProvider } from "#account/io/stripe-provider.ts";
import type { PaymentProvider } from "#account/payment-ports.ts";
import type { Values } from "#config/setting.ts";
import { billingFaults } from "#control/billing-faults.ts";
import { type BillingPorts, renewBatch, workOff } from "#control/billing-work.ts";
import type { ControlPorts } from "#control/ports.ts";
import type { billingSettings } from "#control/settings-billing.ts";
import type { BillingStore } from "#data/ports-billing.ts";
import type { Log } from "#io/log.ts";
import type { Clock } from "#units/clock.ts";
import { Fault } from "#units/fault.ts";

export interface BillingDesk {
  readonly ports: BillingPorts;
  /** Where the provider is the built-in one. */
  readonly offline: OfflineProvider | undefined;
  /** Something is to be sent: the loop need not rest. */
  poke(): void;
  onPoke(listener: () => void): void;
}

type Settings = Values<typeof billingSettings>;

export interface BillingOrder {
  readonly ports: Pick<ControlPorts, "stores" | "settings" | "chance">;
  readonly sessionSecret: string;
  readonly logger: Log;
  readonly clock: Clock;
  /** What an account may do has changed, and is in the database. */
  readonly onEntitled: (accountId: string) => void;
  /** Our own address, once there is one. */
  readonly url: () => string;
}

/** @throws Fault dunning-days, stripe-unset */
export function openBilling(order: BillingOrder): BillingDesk | undefined {
  const { ports, logger } = order;
  const { settings } = ports;
  if (settings.billing === "off") return undefined;
  if (settings.billing === "offline")
    logger.warn("billing takes test tokens: whoever knows one watches, and no money moves");
  const offline = settings.billing === "offline" ? openOffline(order) : undefined;
  const provider: PaymentProvider = offline ?? openStripe(settings);
  let listener = (): void => undefined;
  return {
    offline,
    ports: {
      store: telling(ports.stores.billing, order.onEntitled),
      provider,
      rules: {
        dunningDays: dunningDaysOf(settings.billingDunningDays),
        suspendedDays: settings.billingSuspendedDays,
        taxRate: settings.billingTaxBasisPoints,
      },
      newId: ports.chance.newId,
      reconcileMs: settings.billingReconcileMs,
      batch: settings.billingBatch,
      onTrouble: (what, error) => logger.error({ err: error }, what),
    },
    poke: () => listener(),
    onPoke: (told) => {
      listener = told;
    },
  };
}

/** Whoever remembers what an account may do hears of every change. */
function telling(store: BillingStore, onEntitled: (accountId: string) => void): BillingStore {
  return {
    nowMs: () => store.nowMs(),
    plans: () => store.plans(),
    addPlan: (plan) => store.addPlan(plan),
    withdrawPlan: (planId) => store.withdrawPlan(planId),
    tellPlan: (planId, fromMs) => store.tellPlan(planId, fromMs),
    file: (accountId) => store.file(accountId),
    dueCustomers: (nowMs, limit) => store.dueCustomers(nowMs, limit),
    dueTasks: (nowMs, limit) => store.dueTasks(nowMs, limit),
    owner: (ref) => store.owner(ref),
    customerByProviderRef: (ref) => store.customerByProviderRef(ref),
    invoices: (accountId, limit) => store.invoices(accountId, limit),
    invoice: (accountId, key) => store.invoice(accountId, key),
    ledger: (after, limit) => store.ledger(after, limit),
    balances: () => store.balances(),
    statusCounts: () => store.statusCounts(),
    pruneEvents: (beforeMs) => store.pruneEvents(beforeMs),
    async change(order) {
      let entitled: string | undefined;
      const done = await store.change({
        ...order,
        decide(file) {
          const verdict = order.decide(file);
          entitled = verdict.entitlement === undefined ? undefined : file.customer.accountId;
          return verdict;
        },
      });
      if (done.kind === "changed" && entitled !== undefined) onEntitled(entitled);
      return done;
    },
  };
}

export function dunningDaysOf(text: string): readonly number[] {
  const days = text.split(",").map((part) => Number(part.trim()));
  const rises = days.every(
    (day, index) => Number.isInteger(day) && day > (days[index - 1] ?? 0) && day <= 365,
  );
  if (!rises || days.length > 20) throw new Fault(billingFaults.dunningDays, { found: text });
  return days;
}

function openStripe(settings: Settings): PaymentProvider {
  const needed = {
    MILLRACE_STRIPE_KEY: settings.stripeKey,
    MILLRACE_STRIPE_WEBHOOK_SECRET: settings.stripeWebhookSecret,
  };
  for (const [name, value] of Object.entries(needed)) {
    if (value === "") throw new Fault(billingFaults.stripeUnset, { name });
  }
  return stripeProvider({
    secretKey: settings.stripeKey,
    webhookSecret: settings.stripeWebhookSecret,
    returnUrl: settings.paymentReturnUrl,
    baseUrl: settings.stripeBaseUrl,
    timeoutMs: settings.paymentTimeoutMs,
  });
}

function openOffline({ sessionSecret, clock, url, ports }: BillingOrder): OfflineProvider {
  const { paymentTimeoutMs } = ports.settings;
  return offlineProvider({
    secret: createHmac("sha256", sessionSecret).update("millrace offline payments 1").digest("hex"),
    nowMs: clock.wallMs,
    confirmUrl: (ref) => `/v1/payments/offline/confirm/${ref}`,
    async deliver(rawBody, signature) {
      const response = await fetch(`${url()}/v1/payments/webhook/offline`, {
        method: "POST",
        headers: { "content-type": "application/json", "millrace-signature": signature },
        body: rawBody,
        signal: AbortSignal.timeout(paymentTimeoutMs),
      });
      await response.arrayBuffer();
      return response.ok;
    },
  });
}

export interface BillingLoopOrder {
  readonly desk: BillingDesk;
  readonly ports: Pick<ControlPorts, "stores" | "settings">;
  readonly logger: Log;
  readonly signal: AbortSignal;
}

/** Renews, sends and looks up until nothing is due, rests, and begins again. Killed anywhere, the next one goes on. */
export async function workForever(order: BillingLoopOrder): Promise<void> {
  const { desk, ports, logger, signal } = order;
  let failing = false;
  let sweepAtMs = 0;
  while (!signal.aborted) {
    let poked = false;
    const idle = new AbortController();
    desk.onPoke(() => {
      poked = true;
      idle.abort();
    });
    try {
      const progress = await turn(desk, signal);
      sweepAtMs = await swept(ports, sweepAtMs);
      if (failing) logger.info("the renewal job goes on");
      failing = false;
      if (progress || poked) continue;
    } catch (error) {
      if (!failing) logger.error({ err: error }, "the renewal job waits: the database failed");
      failing = true;
    }
    const either = AbortSignal.any([signal, idle.signal]);
    await rest(ports.settings.billingIdleMs, undefined, { signal: either }).catch(() => undefined);
  }
}

/** @returns whether there may be more to do at once */
export async function turn({ ports, offline }: BillingDesk, signal: AbortSignal): Promise<boolean> {
  const renewed = await renewBatch(ports);
  const sent = await workOff(ports, signal);
  const delivered = (await offline?.pump()) ?? 0;
  return renewed + sent + delivered > 0;
}

const hourMs = 3_600_000;
/** Longer than any provider tries to deliver again (Stripe: three days). */
const eventsKeptMs = 30 * 24 * hourMs;

/** Hourly: keys and events that nobody will send again are forgotten. @returns when to look next */
async function swept({ stores, settings }: BillingLoopOrder["ports"], atMs: number): Promise<number> {
  const nowMs = await stores.billing.nowMs();
  if (nowMs < atMs) return atMs;
  await stores.keys.prune(nowMs - settings.idempotencyKeyHours * hourMs);
  await stores.billing.pruneEvents(nowMs - eventsKeptMs);
  return nowMs + hourMs;
}
