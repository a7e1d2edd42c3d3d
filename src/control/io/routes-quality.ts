// How well people watch, for operators: by appliance, title, network or device, and what the figures mean.
import { controlFaults } from "#control/faults.ts";
import { missesOf } from "#control/miss-view.ts";
import { breakdownAsked, breakdownOf } from "#control/quality-breakdown.ts";
import { askedOf, qualityDefinitions } from "#control/quality-view.ts";
import { Fault } from "#units/fault.ts";
import { missQuery, opsMisses } from "#wire/misses.ts";
import {
  breakdownQuery,
  opsQuality,
  opsQualityBreakdown,
  opsQualityDefinitions,
  qualityQuery,
} from "#wire/quality.ts";
import { answers } from "./answers.ts";
import type { App } from "./app.ts";
import type { Desk } from "./desk.ts";
import { perMinute } from "./own-limit.ts";

/** Each adds up every session of up to four weeks; an open page asks twice a minute. */
const breakdownsPerMinute = 30;

export function qualityRoutes(app: App, desk: Desk): void {
  app.get(
    "/v1/ops/qoe",
    {
      config: { audience: "operator" },
      schema: {
        summary:
          "How well people watch: start-up, failures, stalls, bitrate and height by window, with what came late added in",
        tags: ["operator"],
        querystring: qualityQuery,
        response: answers(opsQuality),
      },
    },
    async (request) => {
      const asked = askedOf(request.query, desk.clock.wallMs());
      if (asked.kind === "too-long") {
        const what = `wanted ${asked.most} at most`;
        throw new Fault(controlFaults.badRequest, { where: "from", what });
      }
      return desk.quality.told(asked.query);
    },
  );
  app.get(
    "/v1/ops/qoe/breakdown",
    {
      config: { audience: "operator", rateLimit: perMinute(breakdownsPerMinute) },
      schema: {
        summary:
          "Sessions that are over by up to three dimensions, of 28 days at most: measures, and how sessions are spread",
        tags: ["operator"],
        querystring: breakdownQuery,
        response: answers(opsQualityBreakdown),
      },
    },
    async (request) => {
      const asked = breakdownAsked(request.query, desk.clock.wallMs());
      if (asked.kind === "too-long") {
        const what = `wanted ${asked.most} at most`;
        throw new Fault(controlFaults.badRequest, { where: "from", what });
      }
      return breakdownOf(asked.query, await desk.ports.stores.qoe.breakdown(asked.query));
    },
  );
  app.get(
    "/v1/ops/qoe/definitions",
    {
      config: { audience: "operator" },
      schema: {
        summary: "What each figure of quality means, its unit and its formula",
        tags: ["operator"],
        response: answers(opsQualityDefinitions),
      },
    },
    async () => qualityDefinitions(),
  );
  app.get(
    "/v1/ops/misses",
    {
      config: { audience: "operator" },
      schema: {
        summary:
          "Where bytes came from by site and minute: how much the origin was spared, and what kept the best-placed appliances from serving the rest",
        tags: ["operator"],
        querystring: missQuery,
        response: answers(opsMisses),
      },
    },
    async (request) => {
      const asked = askedOf({ ...request.query, by: "appliance", step: "60" }, desk.clock.wallMs());
      if (asked.kind === "too-long") {
        const what = `wanted ${asked.most} at most`;
        throw new Fault(controlFaults.badRequest, { where: "from", what });
      }
      const rows = await desk.ports.stores.qoe.misses(asked.query);
      return missesOf(asked.query, rows, desk.quality.missesUntilMs);
    },
  );
}
