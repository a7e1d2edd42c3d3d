// Where a payment provider speaks to us: webhooks, and the offline provider's page in place of a bank's.
import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { takeWebhook } from "#control/billing.ts";
import { billingFaults } from "#control/billing-faults.ts";
import { Fault } from "#units/fault.ts";
import { errorBody } from "#wire/viewer.ts";
import type { App } from "./app.ts";
import type { Desk } from "./desk.ts";
import { billingOf } from "./routes-billing.ts";

const tags = ["payments"];
const config = { audience: "anyone", proofInBody: true } as const;
const refusals = { "4xx": errorBody, "5xx": errorBody } as const;

export async function paymentRoutes(app: App, desk: Desk): Promise<void> {
  // Of its own: here a body stays the bytes that were signed, whatever it says it is.
  await app.register(async (inner: App) => {
    inner.removeAllContentTypeParsers();
    inner.addContentTypeParser("*", { parseAs: "string" }, (_request, body, done) =>
      done(null, String(body)),
    );
    webhookRoute(inner, desk);
    confirmRoutes(inner, desk);
  });
}

function webhookRoute(app: App, desk: Desk): void {
  app.post(
    "/v1/payments/webhook/:provider",
    {
      config,
      schema: {
        summary: "A provider's webhook: signed, taken once, answered with 204 only when it is kept",
        tags,
        params: z.object({ provider: z.string().max(32) }),
        response: { 204: z.undefined().describe("Kept, or nothing of ours"), ...refusals },
      },
    },
    async (request, reply) => {
      const { ports } = billingOf(desk);
      if (request.params.provider !== ports.provider.name) throw new Fault(billingFaults.noSuchProvider);
      const order = { rawBody: rawOf(request), signature: signatureOf(request), nowMs: desk.clock.wallMs() };
      const signal = AbortSignal.timeout(desk.ports.settings.paymentTimeoutMs);
      const reading = await ports.provider.verifyWebhook(order, signal);
      if (reading.kind === "forged")
        throw new Fault(billingFaults.webhookForged, { because: reading.because });
      const taken = await takeWebhook(ports, reading);
      desk.logger.debug({ event: reading.id, taken }, "a payment webhook");
      if (taken === "unplaced") {
        desk.logger.error(
          { event: reading.id },
          "the provider told of an invoice too old for the books: post it by hand",
        );
      }
      return reply.code(204).send();
    },
  );
}

function rawOf(request: FastifyRequest): string {
  return typeof request.body === "string" ? request.body : "";
}

function signatureOf(request: FastifyRequest): string | undefined {
  const given = request.headers["stripe-signature"] ?? request.headers["millrace-signature"];
  return typeof given === "string" ? given : undefined;
}

/** The reference is 128 bits of chance: whoever has it was sent here. */
function confirmRoutes(app: App, desk: Desk): void {
  const params = z.object({ ref: z.string().regex(/^off_[0-9a-f]{32}$/) });
  app.get(
    "/v1/payments/offline/confirm/:ref",
    {
      config: { audience: "anyone" },
      schema: { summary: "The offline provider's page in place of a bank's", tags, params },
    },
    async (request, reply) => {
      const { offline } = billingOf(desk);
      if (offline === undefined) throw new Fault(billingFaults.noSuchProvider);
      return page(reply, confirmPage(request.params.ref));
    },
  );
  app.post(
    "/v1/payments/offline/confirm/:ref/:choice",
    {
      config,
      schema: {
        summary: "What the customer chose on that page",
        tags,
        params: params.extend({ choice: z.enum(["yes", "no"]) }),
      },
    },
    async (request, reply) => {
      const { offline, poke } = billingOf(desk);
      if (offline === undefined) throw new Fault(billingFaults.noSuchProvider);
      const { ref, choice } = request.params;
      if (!offline.confirm(ref, choice === "yes")) throw new Fault(billingFaults.noSuchConfirmation);
      poke();
      return page(reply, "<p>Thank you. You may close this page.</p>");
    },
  );
}

function confirmPage(ref: string): string {
  const form = (choice: string, word: string): string =>
    `<form method="post" action="/v1/payments/offline/confirm/${ref}/${choice}"><button>${word}</button></form>`;
  return `<h1>Confirm the payment</h1><p>This stands in place of your bank's page. No money moves.</p>${form("yes", "Confirm")}${form("no", "Refuse")}`;
}

function page(reply: FastifyReply, body: string): FastifyReply {
  const html = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Payment</title>${body}</html>\n`;
  return reply.type("text/html; charset=utf-8").serializer(String).send(html);
}
