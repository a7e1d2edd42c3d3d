// Where players post their CMCD events.
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";
import { eventLabel, sourceLabel, takeCmcd } from "#control/cmcd.ts";
import { controlFaults } from "#control/faults.ts";
import { Fault } from "#units/fault.ts";
import { type CmcdEvent, cmcdType } from "#wire/cmcd.ts";
import { nothing } from "./answers.ts";
import type { App } from "./app.ts";
import { crowded } from "./crowded.ts";
import type { Desk } from "./desk.ts";

const cmcdBytes = 64 * 1024;

/** In a scope of its own: only here a body of CMCD's type is taken. */
export function cmcdRoute(app: App, desk: Desk): void {
  app.register(async (scope) => {
    scope.addContentTypeParser(cmcdType, { parseAs: "string" }, (_request, body, done) => done(null, body));
    scope.withTypeProvider<ZodTypeProvider>().post(
      "/v1/cmcd",
      {
        bodyLimit: cmcdBytes,
        config: {
          audience: "anyone",
          load: "telemetry",
          proofInBody: true,
          rateLimit: {
            max: desk.ports.settings.beaconPostsPerMinute,
            timeWindow: 60_000,
            hook: "preHandler",
            keyGenerator: (request) => tokenOf(request.headers.authorization) ?? request.ip,
          },
        },
        schema: {
          summary:
            "CMCD events of one session (application/cmcd, a line each), with its token as a bearer token; on disk before the answer",
          tags: ["viewer"],
          body: z.string(),
          response: nothing("Every event is on disk"),
        },
      },
      async (request, reply) => {
        const token = tokenOf(request.headers.authorization) ?? "";
        const nowMs = desk.clock.wallMs();
        const outcome = takeCmcd(desk.ports.seal, { token, body: request.body }, nowMs);
        switch (outcome.kind) {
          case "taken":
            await desk.ports.intake
              .keepReports(outcome.sessionId, outcome.events, nowMs)
              .catch((error: unknown) => Promise.reject(crowded(error)));
            count(desk, outcome.events);
            return reply.code(204).send();
          case "unreadable":
            throw new Fault(controlFaults.badRequest, { where: outcome.where, what: outcome.what });
          case "foreign":
            throw new Fault(controlFaults.foreignSession);
          case "over":
            throw new Fault(controlFaults.sessionOver);
        }
      },
    );
  });
}

function count({ meters, state }: Desk, events: readonly CmcdEvent[]): void {
  for (const event of events) {
    meters.cmcdEvents.inc({ event: eventLabel(event) });
    if (event.bs === true) meters.cmcdStarved.inc();
    if (event.ttfb === undefined) continue;
    const source = sourceLabel(event, state.network.appliances);
    meters.cmcdFirstByte.observe({ source }, event.ttfb / 1000);
  }
}

function tokenOf(authorization: string | undefined): string | undefined {
  return /^Bearer (\S{1,256})$/i.exec(authorization ?? "")?.[1];
}
