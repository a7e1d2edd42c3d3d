// What a viewer buys: plans, the subscription, the way to pay, invoices.
import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { type Asked, changePlan, setMethod, subscribe, wish } from "#control/billing.ts";
import { billingFaults } from "#control/billing-faults.ts";
import { invoiceView, receiptPage, subscriptionView } from "#control/billing-view.ts";
import type { StoredInvoice } from "#data/ports-billing.ts";
import { Fault } from "#units/fault.ts";
import { invoice, invoices, method, methodBody, plans, subscribeBody, subscription } from "#wire/billing.ts";
import { answers } from "./answers.ts";
import { type App, accountOf } from "./app.ts";
import type { BillingDesk } from "./billing-desk.ts";
import type { Desk } from "./desk.ts";
import { answeredOnce } from "./idempotency.ts";

const tags = ["billing"];
const invoicesShown = 200;

/** @throws Fault billing-off */
export function billingOf({ billing }: Pick<Desk, "billing">): BillingDesk {
  if (billing === undefined) throw new Fault(billingFaults.billingOff);
  return billing;
}

/** Every changing path of money. */
export function changing(desk: Desk) {
  const rateLimit = { max: desk.ports.settings.billingChangesPerMinute, timeWindow: 60_000 };
  return { config: { audience: "viewer", rateLimit } } as const;
}

export function billingRoutes(app: App, desk: Desk): void {
  planRoutes(app, desk);
  subscriptionRoute(app, desk);
  subscriptionChanges(app, desk);
  invoiceRoutes(app, desk);
}

function planRoutes(app: App, desk: Desk): void {
  app.get(
    "/v1/plans",
    {
      config: { audience: "anyone" },
      schema: { summary: "Plans that are sold. 404 billing-off: none are", tags, response: answers(plans) },
    },
    async () => {
      const all = await billingOf(desk).ports.store.plans();
      return { plans: all.filter(({ offered }) => offered) };
    },
  );
  app.post(
    "/v1/payment-method",
    {
      ...changing(desk),
      schema: {
        summary: "Set up a way to pay. Wants an Idempotency-Key. Errors: method-refused, key-…",
        tags,
        body: methodBody,
        response: answers(method),
      },
    },
    async (request, reply) => {
      const { ports } = billingOf(desk);
      const accountId = accountOf(request).id;
      const signal = AbortSignal.timeout(desk.ports.settings.paymentTimeoutMs);
      return answeredOnce(desk, { request, reply }, async (hold) => ({
        status: 200,
        body: await setMethod(ports, { accountId, hold }, request.body.token, signal).catch(away),
      }));
    },
  );
}

/** A provider that failed here changed nothing that was kept. */
function away(error: unknown): never {
  if (error instanceof Fault) throw error;
  const reason = error instanceof Error ? error.name : "no reason";
  throw new Fault(billingFaults.providerAway, { reason }, error);
}

function subscriptionRoute(app: App, desk: Desk): void {
  app.get(
    "/v1/subscription",
    {
      config: { audience: "viewer" },
      schema: { summary: "The account's subscription", tags, response: answers(subscription) },
    },
    async (request) => subscriptionView(await billingOf(desk).ports.store.file(accountOf(request).id)),
  );
}

/** A change of the asker's subscription, once per key. The loop is told: there may be something to send. */
async function changed(
  desk: Desk,
  asking: { readonly request: FastifyRequest; readonly reply: FastifyReply },
  change: (ports: BillingDesk["ports"], asked: Asked) => Promise<string>,
): Promise<FastifyReply> {
  const billing = billingOf(desk);
  const accountId = accountOf(asking.request).id;
  return answeredOnce(desk, asking, async (hold) => {
    const body = await change(billing.ports, { accountId, hold });
    billing.poke();
    return { status: 200, body };
  });
}

function subscriptionChanges(app: App, desk: Desk): void {
  const response = answers(subscription);
  const planned = (summary: string) => ({
    ...changing(desk),
    schema: { summary, tags, body: subscribeBody, response },
  });
  app.post(
    "/v1/subscription",
    planned("Subscribe. Wants an Idempotency-Key. Errors: no-such-plan, change-refused, key-…"),
    async (request, reply) =>
      changed(desk, { request, reply }, (ports, asked) => subscribe(ports, asked, request.body.planId)),
  );
  app.post(
    "/v1/subscription/change",
    planned("Change the plan: up at once, down at the period's end. Wants an Idempotency-Key"),
    async (request, reply) =>
      changed(desk, { request, reply }, (ports, asked) => changePlan(ports, asked, request.body.planId)),
  );
  const summaries = {
    cancel: "End the subscription with its period; what is not paid ends at once. Wants an Idempotency-Key",
    resume: "Take a cancellation back, or pay now what is owed. Wants an Idempotency-Key",
  };
  for (const kind of ["cancel", "resume"] as const) {
    app.post(
      `/v1/subscription/${kind}`,
      { ...changing(desk), schema: { summary: summaries[kind], tags, response } },
      async (request, reply) =>
        changed(desk, { request, reply }, (ports, asked) => wish(ports, asked, { kind })),
    );
  }
}

function invoiceRoutes(app: App, desk: Desk): void {
  const params = z.object({ id: z.string().max(64) });
  const mine = async (accountId: string, id: string): Promise<StoredInvoice> => {
    const found = await billingOf(desk).ports.store.invoice(accountId, id);
    if (found === undefined) throw new Fault(billingFaults.noSuchInvoice);
    return found;
  };
  app.get(
    "/v1/invoices",
    {
      config: { audience: "viewer" },
      schema: { summary: "The account's invoices, newest first", tags, response: answers(invoices) },
    },
    async (request) => {
      const found = await billingOf(desk).ports.store.invoices(accountOf(request).id, invoicesShown);
      return { invoices: found.map(invoiceView) };
    },
  );
  app.get(
    "/v1/invoices/:id",
    {
      config: { audience: "viewer" },
      schema: { summary: "One invoice. Errors: no-such-invoice", tags, params, response: answers(invoice) },
    },
    async (request) => invoiceView(await mine(accountOf(request).id, request.params.id)),
  );
  app.get(
    "/v1/invoices/:id/receipt",
    {
      config: { audience: "viewer" },
      schema: { summary: "One invoice as a page to print", tags, params, response: { 200: z.string() } },
    },
    async (request, reply) => {
      const page = receiptPage(invoiceView(await mine(accountOf(request).id, request.params.id)));
      return reply.type("text/html; charset=utf-8").serializer(String).send(page);
    },
  );
}
