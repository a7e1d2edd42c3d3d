// Where appliances tell the routes they hear, and where an operator sees what came of it.
import { z } from "zod";
import { controlFaults } from "#control/faults.ts";
import { Fault } from "#units/fault.ts";
import { opsRoutes, routeAnswer, routeMessage, routesBytes } from "#wire/routes.ts";
import { idText } from "#wire/viewer.ts";
import { answers } from "./answers.ts";
import type { App } from "./app.ts";
import type { Desk } from "./desk.ts";

export function heardRoutes(app: App, desk: Desk): void {
  app.post(
    "/v1/appliances/:id/routes",
    {
      bodyLimit: routesBytes,
      config: { audience: "appliance" },
      schema: {
        summary: "Routes that an appliance hears; the answer says what arrived, or asks for everything",
        tags: ["appliance"],
        params: z.object({ id: idText }),
        body: routeMessage,
        response: answers(routeAnswer),
      },
    },
    async (request) => {
      const applianceId = request.params.id;
      const appliance = desk.state.network.appliances.get(applianceId);
      if (appliance === undefined) throw new Fault(controlFaults.unknownAppliance, { applianceId });
      return desk.routes.take(appliance, request.body);
    },
  );
  app.get(
    "/v1/ops/routes",
    {
      config: { audience: "operator" },
      schema: {
        summary: "Routes that each appliance told, and how fresh they are",
        tags: ["operator"],
        response: answers(opsRoutes),
      },
    },
    async () => desk.routes.ops(desk.state.network),
  );
}
