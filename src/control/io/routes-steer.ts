// Why a viewer would be sent where: the decision of this moment in words, for operators.
import { z } from "zod";
import { readAddress, writeAddress } from "#bgp/address.ts";
import { controlFaults } from "#control/faults.ts";
import { explanationOf } from "#control/steering.ts";
import { type Explanation, explainText } from "#steer/explain.ts";
import { Fault } from "#units/fault.ts";
import { type OpsExplain, opsExplain } from "#wire/ops.ts";
import { idText } from "#wire/viewer.ts";
import { answers } from "./answers.ts";
import type { App } from "./app.ts";
import { type Desk, steeringOrder } from "./desk.ts";

const namedOut = 50;

export function steerRoutes(app: App, desk: Desk): void {
  app.get(
    "/v1/ops/steer/explain",
    {
      config: { audience: "operator" },
      schema: {
        summary: "Which sources a viewer would get now, and what each rule left out",
        tags: ["operator"],
        querystring: z.object({
          client: z.string().max(64),
          title: idText.optional(),
          session: z.string().max(128).default("session"),
        }),
        response: answers(opsExplain),
      },
    },
    async (request) => {
      const { client, title: titleId, session } = request.query;
      const reading = readAddress(client);
      if (reading.kind === "refused") throw new Fault(controlFaults.noAddress, { because: reading.because });
      const title = titleId === undefined ? undefined : desk.state.catalogue.titles.get(titleId);
      if (titleId !== undefined && title === undefined) {
        throw new Fault(controlFaults.unknownTitle, { titleId });
      }
      const address = writeAddress(reading.address);
      const viewpoint = [...desk.state.network.viewpoints.values()].find(
        (point) => point.address === address,
      );
      const place = { address, viewpoint: viewpoint?.id ?? "" };
      const explanation = explanationOf(steeringOrder(desk, title, place, session));
      return { address, text: explainText(explanation), ...asData(explanation) };
    },
  );
}

function asData({ location, ranking }: Explanation): Omit<OpsExplain, "address" | "text"> {
  const { ranked, eliminated } = ranking;
  const groups = Map.groupBy(eliminated, ({ by }) => by);
  return {
    location: location === undefined ? null : { latitude: location.latitude, longitude: location.longitude },
    ranked: ranked.map(({ id, siteName, rule, because, prefix, asPathLength, med, distanceKm }) => ({
      ...{ id, siteName, rule, because },
      ...{ prefix: prefix ?? null, asPathLength: asPathLength ?? null },
      ...{ med: med ?? null, distanceKm: distanceKm ?? null },
    })),
    eliminated: eliminated.slice(0, namedOut).map(({ id, by, because }) => ({ id, by, because })),
    leftOut: [...groups].map(([by, group]) => ({ by, appliances: group.length })),
  };
}
