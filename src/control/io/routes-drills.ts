// An operator's drills: order one, see how it goes, end it early, read what came of it.
import { z } from "zod";
import { drillIn, mostDrillMs, viewOf } from "#control/drills.ts";
import { drill, drillBody, drillParams, drills } from "#wire/drills.ts";
import { answers } from "./answers.ts";
import { type App, accountOf } from "./app.ts";
import type { Desk } from "./desk.ts";
import { abortDrill, startDrill } from "./drill-room.ts";
import { perMinute } from "./own-limit.ts";

const audience = { config: { audience: "operator" } } as const;
const tags = ["operator"];
const ordersPerMinute = 20;
const params = z.object({ id: z.string().max(64) });

export function drillRoutes(app: App, desk: Desk): void {
  app.post(
    "/v1/ops/appliances/:id/drills/:kind",
    {
      config: { ...audience.config, rateLimit: perMinute(ordersPerMinute) },
      schema: {
        summary:
          "Lose an appliance on purpose for a while: drained, killed, or without a prefix. It begins at once and ends by itself",
        tags,
        params: drillParams,
        body: drillBody,
        response: answers(drill),
      },
    },
    async (request) => {
      const { id: applianceId, kind } = request.params;
      const by = accountOf(request).email;
      return viewOf(await startDrill(desk, { applianceId, kind, body: request.body, by }));
    },
  );
  app.get(
    "/v1/ops/drills",
    {
      ...audience,
      schema: {
        summary: "Drills, newest first, with what is seen of those that run",
        tags,
        response: answers(drills),
      },
    },
    async () => {
      const { settings } = desk.ports;
      const list = desk.state.drills.map(viewOf);
      return {
        drills: list,
        nowMs: desk.clock.wallMs(),
        mostMs: mostDrillMs(settings),
        atOnce: settings.drillsAtOnce,
      };
    },
  );
  app.get(
    "/v1/ops/drills/:id",
    { ...audience, schema: { summary: "One drill", tags, params, response: answers(drill) } },
    async (request) => viewOf(drillIn(desk.state.drills, request.params.id)),
  );
  app.post(
    "/v1/ops/drills/:id/abort",
    {
      ...audience,
      schema: {
        summary: "All back as it was; changes nothing when it is over",
        tags,
        params,
        response: answers(drill),
      },
    },
    async (request) => viewOf(await abortDrill(desk, request.params.id, accountOf(request).email)),
  );
}
