// What admins do with money: plans, refunds, credit, and the books.
import { Readable } from "node:stream";
import { z } from "zod";
import { imbalance } from "#account/ledger-posting.ts";
import { giveCredit, wish } from "#control/billing.ts";
import { billingFaults } from "#control/billing-faults.ts";
import { adminInvoiceView, ledgerHeader, ledgerLines } from "#control/billing-view.ts";
import type { BillingStore } from "#data/ports-billing.ts";
import type { PricePlan } from "#model/billing.ts";
import { Fault } from "#units/fault.ts";
import {
  adminInvoices,
  adminPlan,
  adminPlans,
  creditBody,
  credited,
  newPlanBody,
  refundBody,
  subscription,
  tellBody,
  trialBalance,
} from "#wire/billing.ts";
import { answers } from "./answers.ts";
import { type App, accountOf } from "./app.ts";
import type { Desk } from "./desk.ts";
import { answeredOnce } from "./idempotency.ts";
import { billingOf } from "./routes-billing.ts";

const audience = { config: { audience: "admin" } } as const;
const tags = ["admin"];
const params = z.object({ id: z.string().max(64) });
const dayMs = 86_400_000;
const rowsAtOnce = 1000;
const invoicesShown = 200;

export function billingAdminRoutes(app: App, desk: Desk): void {
  planRoutes(app, desk);
  planChanges(app, desk);
  moneyRoutes(app, desk);
  bookRoutes(app, desk);
}

function shown(plan: PricePlan): z.infer<typeof adminPlan> {
  return { ...plan, toldFromMs: plan.toldFromMs ?? null };
}

function planRoutes(app: App, desk: Desk): void {
  app.get(
    "/v1/admin/plans",
    { ...audience, schema: { summary: "Every version of every plan", tags, response: answers(adminPlans) } },
    async () => ({ plans: (await billingOf(desk).ports.store.plans()).map(shown) }),
  );
  app.post(
    "/v1/admin/plans",
    {
      ...audience,
      schema: {
        summary:
          "Sell a plan, or a new version of one; those who have an older one keep it. Wants an Idempotency-Key",
        tags,
        body: newPlanBody,
        response: answers(adminPlan),
      },
    },
    async (request, reply) => {
      const { store } = billingOf(desk).ports;
      const { body } = request;
      demandCurrency(body.currency);
      return answeredOnce(desk, { request, reply }, async () => {
        const createdAtMs = await store.nowMs();
        const made = await store.addPlan({ ...body, offered: true, createdAtMs, toldFromMs: undefined });
        desk.logger.info(
          { plan: made.planId, version: made.version, by: accountOf(request).email },
          "a plan is sold",
        );
        return { status: 200, body: JSON.stringify(shown(made)) };
      });
    },
  );
}

function demandCurrency(currency: string): void {
  if (Intl.supportedValuesOf("currency").includes(currency)) return;
  throw new Fault(billingFaults.noSuchCurrency, { currency });
}

function planChanges(app: App, desk: Desk): void {
  app.post(
    "/v1/admin/plans/:id/withdraw",
    {
      ...audience,
      schema: {
        summary: "Sell a plan no more. Wants an Idempotency-Key",
        tags,
        params,
        response: answers(adminPlans),
      },
    },
    async (request, reply) => {
      const { store } = billingOf(desk).ports;
      const { id } = request.params;
      return answeredOnce(desk, { request, reply }, async () => {
        if (!(await store.withdrawPlan(id))) throw new Fault(billingFaults.noSuchPlan, { planId: id });
        return { status: 200, body: JSON.stringify({ plans: (await store.plans()).map(shown) }) };
      });
    },
  );
  app.post(
    "/v1/admin/plans/:id/tell",
    {
      ...audience,
      schema: {
        summary:
          "Subscribers were told of the newest version: it counts for their periods that begin after the notice. Wants an Idempotency-Key",
        tags,
        params,
        body: tellBody,
        response: answers(adminPlan),
      },
    },
    async (request, reply) => {
      const { store } = billingOf(desk).ports;
      const { id } = request.params;
      return answeredOnce(desk, { request, reply }, async () => {
        const fromMs = (await store.nowMs()) + request.body.noticeDays * dayMs;
        const told = await store.tellPlan(id, fromMs);
        if (told === undefined) throw new Fault(billingFaults.noSuchPlan, { planId: id });
        return { status: 200, body: JSON.stringify(shown(told)) };
      });
    },
  );
}

function moneyRoutes(app: App, desk: Desk): void {
  app.get(
    "/v1/admin/accounts/:id/invoices",
    {
      ...audience,
      schema: {
        summary: "An account's newest invoices, with what can be given back of each",
        tags,
        params,
        response: answers(adminInvoices),
      },
    },
    async (request) => {
      const found = await billingOf(desk).ports.store.invoices(request.params.id, invoicesShown);
      return { invoices: found.map(adminInvoiceView) };
    },
  );
  app.post(
    "/v1/admin/refunds",
    {
      ...audience,
      schema: {
        summary:
          "Give back what was paid on an invoice, or a part of it. Wants an Idempotency-Key. Errors: too-much",
        tags,
        body: refundBody,
        response: answers(subscription),
      },
    },
    async (request, reply) => {
      const billing = billingOf(desk);
      const { accountId, invoiceId: invoiceKey, amountMinor } = request.body;
      return answeredOnce(desk, { request, reply }, async (hold) => {
        const body = await wish(
          billing.ports,
          { accountId, hold },
          { kind: "refund", invoiceKey, amountMinor },
        );
        desk.logger.info(
          { accountId, invoiceKey, amountMinor, by: accountOf(request).email },
          "a refund was ordered",
        );
        billing.poke();
        return { status: 200, body };
      });
    },
  );
  app.post(
    "/v1/admin/credits",
    {
      ...audience,
      schema: {
        summary: "Give credit towards the next invoices. Wants an Idempotency-Key",
        tags,
        body: creditBody,
        response: answers(credited),
      },
    },
    async (request, reply) => {
      const billing = billingOf(desk);
      const { accountId, ...credit } = request.body;
      demandCurrency(credit.currency);
      return answeredOnce(desk, { request, reply }, async (hold) => {
        const body = await giveCredit(billing.ports, { accountId, hold }, credit);
        desk.logger.info({ accountId, ...credit, by: accountOf(request).email }, "credit was given");
        return { status: 200, body };
      });
    },
  );
}

function bookRoutes(app: App, desk: Desk): void {
  app.get(
    "/v1/admin/ledger.csv",
    { ...audience, schema: { summary: "The books as CSV", tags } },
    async (_request, reply) => {
      const { store } = billingOf(desk).ports;
      reply
        .type("text/csv; charset=utf-8")
        .header("content-disposition", 'attachment; filename="ledger.csv"');
      return reply.send(Readable.from(csv(store)));
    },
  );
  app.get(
    "/v1/admin/trial-balance",
    {
      ...audience,
      schema: {
        summary: "Each ledger account's balance by currency; the sums are zero",
        tags,
        response: answers(trialBalance),
      },
    },
    async () => {
      const balances = await billingOf(desk).ports.store.balances();
      return { balances: balances.map((one) => ({ ...one, sumMinor: imbalance(one.amounts) })) };
    },
  );
}

/** In pieces: the books may be long. */
async function* csv(store: BillingStore): AsyncGenerator<string> {
  yield ledgerHeader;
  let after = { customerId: "", number: 0 };
  for (;;) {
    const rows = await store.ledger(after, rowsAtOnce);
    const last = rows.at(-1);
    if (last === undefined) return;
    yield ledgerLines(rows);
    after = last;
  }
}
