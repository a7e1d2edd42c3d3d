// What machines ask: appliances for their desired state, probes for health, Prometheus for figures.
import { z } from "zod";
import { controlFaults } from "#control/faults.ts";
import { originOf } from "#control/network.ts";
import { Fault } from "#units/fault.ts";
import { applianceReport, reportAnswer } from "#wire/appliance.ts";
import { idText } from "#wire/viewer.ts";
import { answers } from "./answers.ts";
import type { App } from "./app.ts";
import { type Desk, takeReport } from "./desk.ts";
import { keepServed } from "./ledger-desk.ts";
import { takeStates } from "./states.ts";

/** A box with 200 000 files lists them in about 16 MiB. */
const reportBytes = 16 * 1024 * 1024;

const health = z.object({ alive: z.literal(true) });
const readiness = z.object({
  ready: z.boolean(),
  reasons: z.array(z.string()),
  /** What is not yet as it will be, while everything can be answered; absent when there is nothing. */
  notes: z.array(z.string()).optional(),
});

export function machineRoutes(app: App, desk: Desk): void {
  app.post(
    "/v1/appliances/:id/report",
    {
      bodyLimit: reportBytes,
      config: { audience: "appliance" },
      schema: {
        summary: "An agent's report; the answer is the state its box should be in",
        tags: ["appliance"],
        params: z.object({ id: idText }),
        body: applianceReport,
        response: answers(reportAnswer),
      },
    },
    async (request) => {
      const applianceId = request.params.id;
      const appliance = desk.state.network.appliances.get(applianceId);
      if (appliance === undefined) throw new Fault(controlFaults.unknownAppliance, { applianceId });
      if (originOf(request.body.baseUrl) === undefined) {
        const what = "wanted http://HOST:PORT or https://HOST:PORT with nothing behind it";
        throw new Fault(controlFaults.badRequest, { where: "body.baseUrl", what });
      }
      const answer = takeReport(desk, appliance, request.body);
      const servedBatch = await keepServed(desk, appliance, request.body);
      return { ...answer, ...(servedBatch !== undefined && { servedBatch }) };
    },
  );

  app.get(
    "/healthz",
    {
      config: { audience: "anyone", load: "health" },
      schema: { summary: "Alive", tags: ["probe"], response: { 200: health } },
    },
    async () => ({ alive: true as const }),
  );
  app.get(
    "/readyz",
    {
      config: { audience: "anyone", load: "health" },
      schema: {
        summary: "Ready to serve, or why not",
        tags: ["probe"],
        response: { 200: readiness, 503: readiness },
      },
    },
    async (_request, reply) => {
      const reasons = await reasonsAgainst(desk);
      return reply
        .code(reasons.length === 0 ? 200 : 503)
        .send({ ready: reasons.length === 0, reasons, ...notesOn(desk) });
    },
  );
  app.get(
    "/metrics",
    {
      config: { audience: "anyone", load: "operator" },
      schema: {
        summary: "Figures, as Prometheus reads them",
        tags: ["probe"],
        produces: ["text/plain"],
        response: { 200: z.string().describe("Prometheus text") },
      },
    },
    async (_request, reply) => {
      takeStates(desk);
      return reply.type(desk.meters.contentType).send(await desk.meters.text());
    },
  );
}

/** Codes only: anyone may ask, and the sentences name hosts and folders. The log has them. */
async function reasonsAgainst(desk: Desk): Promise<string[]> {
  const { stores, log } = desk.ports;
  const codeOf = (error: unknown): string => (error instanceof Fault ? error.code : "internal");
  const database = await stores.ping().then(
    () => [],
    (error: unknown) => [`the database does not answer (${codeOf(error)})`],
  );
  const trouble = log.trouble();
  return [...database, ...(trouble === undefined ? [] : [`beacons are not taken (${trouble.code})`])];
}

function notesOn(desk: Desk): { readonly notes?: string[] } {
  const count = desk.routes.waitingFor();
  const routes = count === 0 ? [] : [`waiting for routes of ${count} appliance${count === 1 ? "" : "s"}`];
  const trouble = desk.ports.stores.history.trouble();
  const history = trouble === undefined ? [] : [`plays start without resume points (${trouble})`];
  const notes = [...routes, ...history];
  return notes.length === 0 ? {} : { notes };
}
