// The operator page's panels, and the one thing it can do: take an appliance out of new plays and back.
import { z } from "zod";
import { controlFaults } from "#control/faults.ts";
import { drain, opsAppliancesOf } from "#control/fleet.ts";
import { opsEncodeOf, opsPlacementOf, opsSessionsOf, opsTitlesOf } from "#control/ops.ts";
import { Fault } from "#units/fault.ts";
import { opsAppliances, opsEncode, opsPlacement, opsSessions, opsTitles } from "#wire/ops.ts";
import { idText } from "#wire/viewer.ts";
import { answers, nothing } from "./answers.ts";
import { type App, accountOf } from "./app.ts";
import { type Desk, momentOf } from "./desk.ts";

export function opsRoutes(app: App, desk: Desk): void {
  const audience = { config: { audience: "operator" } } as const;
  const tags = ["operator"];
  const { ports } = desk;

  app.get(
    "/v1/ops/appliances",
    {
      ...audience,
      schema: { summary: "Appliances: health, load, fill", tags, response: answers(opsAppliances) },
    },
    async () => appliancesNow(desk),
  );
  app.get(
    "/v1/ops/placement",
    {
      ...audience,
      schema: { summary: "The placement plan in force", tags, response: answers(opsPlacement) },
    },
    async () => {
      if (desk.state.inForce === undefined) throw new Fault(controlFaults.noPlan);
      return opsPlacementOf(ports, desk.state.catalogue, desk.state.inForce);
    },
  );
  app.get(
    "/v1/ops/titles",
    { ...audience, schema: { summary: "All titles", tags, response: answers(opsTitles) } },
    async () => opsTitlesOf(desk.state.catalogue),
  );
  app.get(
    "/v1/ops/titles/:id/encode",
    {
      ...audience,
      schema: {
        summary: "The encode report of a title",
        tags,
        params: z.object({ id: idText }),
        response: answers(opsEncode),
      },
    },
    async (request) => {
      const titleId = request.params.id;
      const answer = await opsEncodeOf(ports, titleId);
      if (answer.kind === "unknown-title") throw new Fault(controlFaults.unknownTitle, { titleId });
      if (answer.kind === "no-report") throw new Fault(controlFaults.noReport, { titleId });
      return answer.report;
    },
  );
  app.get(
    "/v1/ops/sessions",
    { ...audience, schema: { summary: "Recent sessions", tags, response: answers(opsSessions) } },
    async () => opsSessionsOf(ports),
  );
  for (const wish of ["drain", "undrain"] as const) drainRoute(app, desk, wish);
}

function drainRoute(app: App, desk: Desk, wish: "drain" | "undrain"): void {
  app.post(
    `/v1/ops/appliances/:id/${wish}`,
    {
      config: { audience: "operator" },
      schema: {
        summary: wish === "drain" ? "No new plays are sent there" : "New plays may be sent there again",
        tags: ["operator"],
        params: z.object({ id: idText }),
        response: nothing("Done"),
      },
    },
    async (request, reply) => {
      const applianceId = request.params.id;
      if (!desk.state.network.appliances.has(applianceId)) {
        throw new Fault(controlFaults.unknownAppliance, { applianceId });
      }
      const { drains } = desk.ports.stores;
      await (wish === "drain" ? drains.add(applianceId) : drains.remove(applianceId));
      desk.state.fleet = drain(desk.state.fleet, applianceId, wish);
      desk.logger.info({ appliance: applianceId, wish, by: accountOf(request).email }, "drain wish taken");
      return reply.code(204).send();
    },
  );
}

export function appliancesNow(desk: Desk): ReturnType<typeof opsAppliancesOf> {
  const { fleet, network, inForce, fillBooks } = desk.state;
  const tonight = (id: string) => fillBooks.get(id)?.tonight;
  return opsAppliancesOf({ fleet, network, plan: inForce?.plan, tonight, now: momentOf(desk) });
}
