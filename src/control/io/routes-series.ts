// Figures over time, as operators ask for them, without any monitoring beside the control plane.
import { seriesOf, seriesTagsOf } from "#control/series.ts";
import { seriesAnswer, seriesQuery, seriesTags, seriesTagsQuery } from "#wire/series.ts";
import { answers, asItIs } from "./answers.ts";
import { type App, accountOf } from "./app.ts";
import type { Desk } from "./desk.ts";

export function seriesRoutes(app: App, { series, clock, ports }: Desk): void {
  const config = {
    audience: "operator",
    rateLimit: {
      max: ports.settings.seriesQueriesPerMinute,
      timeWindow: 60_000,
      hook: "preHandler",
      keyGenerator: (request: Parameters<typeof accountOf>[0]) => accountOf(request).id,
    },
  } as const;
  app.get(
    "/v1/ops/series",
    {
      config,
      schema: {
        summary: "Figures over time: lines, by a query in Atlas's stack language",
        tags: ["operator"],
        querystring: seriesQuery,
        response: answers(seriesAnswer),
      },
      serializerCompiler: asItIs,
    },
    async (request) => seriesOf(series, request.query, clock.wallMs()),
  );
  app.get(
    "/v1/ops/series/tags",
    {
      config,
      schema: {
        summary: "Which figures are remembered: the tags of their series, and the values of each",
        tags: ["operator"],
        querystring: seriesTagsQuery,
        response: answers(seriesTags),
      },
    },
    async (request) => seriesTagsOf(series, request.query.q),
  );
}
