// The placement panel: the plan in force, why a file is where it is, and what plans moved from day to day.
import { z } from "zod";
import { controlFaults } from "#control/faults.ts";
import { opsChurnOf, opsExplainFileOf, opsPlacementOf, type PlacementFacts } from "#control/ops-placement.ts";
import { Fault } from "#units/fault.ts";
import { opsPlacement } from "#wire/ops.ts";
import { opsPlacementChurn, opsPlacementExplain } from "#wire/ops-placement.ts";
import { answers } from "./answers.ts";
import type { App } from "./app.ts";
import type { Desk } from "./desk.ts";

export function placementRoutes(app: App, desk: Desk): void {
  const config = { audience: "operator" } as const;
  const tags = ["operator"];

  app.get(
    "/v1/ops/placement",
    { config, schema: { summary: "The placement plan in force", tags, response: answers(opsPlacement) } },
    async () => opsPlacementOf(factsOf(desk)),
  );
  app.get(
    "/v1/ops/placement/churn",
    {
      config,
      schema: { summary: "Bytes that plans moved, by day", tags, response: answers(opsPlacementChurn) },
    },
    async () => opsChurnOf(desk.ports),
  );
  app.get(
    "/v1/ops/placement/explain",
    {
      config,
      schema: {
        summary: "Why a file lies where it lies, with the draw that decided",
        tags,
        querystring: z.object({ file: z.string().min(1).max(256) }),
        response: answers(opsPlacementExplain),
      },
    },
    async (request) => {
      const fileId = request.query.file;
      const found = await opsExplainFileOf(factsOf(desk), fileId, desk.placeSettings.minCopies);
      if (found === undefined) throw new Fault(controlFaults.unknownFile, { fileId });
      return found;
    },
  );
}

function factsOf({ ports, state }: Desk): PlacementFacts {
  const { catalogue, network, inForce } = state;
  if (inForce === undefined) throw new Fault(controlFaults.noPlan);
  return { ports, catalogue, network, inForce };
}
