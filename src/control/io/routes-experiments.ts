// An operator's experiments: order one, start it, abort it, read what came of it.
import { z } from "zod";
import { experimentIn, gather, orderOf, recordOf, reportOf, started } from "#control/experiments.ts";
import { controlFaults } from "#control/faults.ts";
import { Fault } from "#units/fault.ts";
import { experiment, experimentBody, experimentReport, experiments } from "#wire/experiment.ts";
import { answers } from "./answers.ts";
import { type App, accountOf } from "./app.ts";
import type { Desk } from "./desk.ts";
import { happened, keepExperiment } from "./laboratory.ts";
import { perMinute } from "./own-limit.ts";

const audience = { config: { audience: "operator" } } as const;
const tags = ["operator"];
const ordersPerMinute = 60;
const params = z.object({ id: z.string().max(64) });

export function experimentRoutes(app: App, desk: Desk): void {
  app.get(
    "/v1/ops/experiments",
    {
      ...audience,
      schema: { summary: "Broken-segment experiments, newest first", tags, response: answers(experiments) },
    },
    async () => ({ experiments: desk.state.laboratory.experiments.map(recordOf) }),
  );
  app.post(
    "/v1/ops/experiments",
    {
      config: { ...audience.config, rateLimit: perMinute(ordersPerMinute) },
      schema: {
        summary: "Order an experiment; nothing happens before it is started",
        tags,
        body: experimentBody,
        response: answers(experiment),
      },
    },
    async (request) => {
      const id = `x${desk.ports.digest(desk.ports.chance.newId()).slice(0, 8)}`;
      const order = orderOf(request.body, desk.ports.settings);
      const { applianceId } = order;
      if (applianceId !== undefined && !desk.state.network.appliances.has(applianceId)) {
        throw new Fault(controlFaults.unknownAppliance, { applianceId });
      }
      const made = { id, createdAtMs: desk.clock.wallMs(), order, state: { kind: "created" } } as const;
      await keepExperiment(desk, made);
      return recordOf(made);
    },
  );
  app.get(
    "/v1/ops/experiments/:id",
    { ...audience, schema: { summary: "One experiment", tags, params, response: answers(experiment) } },
    async (request) => recordOf(experimentIn(desk.state.laboratory, request.params.id)),
  );
  app.get(
    "/v1/ops/experiments/:id/report",
    {
      ...audience,
      schema: {
        summary: "Survival, stalls and switches by arm, with confidence intervals",
        tags,
        params,
        response: answers(experimentReport),
      },
    },
    async (request) => {
      const { ports, state } = desk;
      const asked = experimentIn(state.laboratory, request.params.id);
      return reportOf(asked, await gather(ports, state.catalogue, asked, desk.clock.wallMs()));
    },
  );
  startRoute(app, desk);
  abortRoute(app, desk);
}

function startRoute(app: App, desk: Desk): void {
  app.post(
    "/v1/ops/experiments/:id/start",
    {
      ...audience,
      schema: { summary: "Break segments from now on", tags, params, response: answers(experiment) },
    },
    async (request) => {
      const { id } = request.params;
      const running = started(desk.state.laboratory, id, desk.clock.wallMs());
      desk.state.laboratory = { ...desk.state.laboratory, underWay: new Map() };
      await keepExperiment(desk, running).catch(async (error: unknown) => {
        const because = "its start could not be kept";
        await happened(desk, id, { kind: "abort", because }).catch(() => undefined);
        throw error;
      });
      desk.logger.warn({ experiment: id, by: accountOf(request).email }, "an operator started an experiment");
      return recordOf(running);
    },
  );
}

function abortRoute(app: App, desk: Desk): void {
  app.post(
    "/v1/ops/experiments/:id/abort",
    {
      ...audience,
      schema: {
        summary: "Break nothing more; changes nothing when it is over",
        tags,
        params,
        response: answers(experiment),
      },
    },
    async (request) => {
      const because = `${accountOf(request).email} aborted it`;
      return recordOf(await happened(desk, request.params.id, { kind: "abort", because }));
    },
  );
}
