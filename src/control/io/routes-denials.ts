// An operator denies a session or a title, and allows it again. Appliances hear of it with their next report.
import { z } from "zod";
import { allowed, denied, stillKept } from "#control/denials.ts";
import { controlFaults } from "#control/faults.ts";
import { type Denial, mostDenials } from "#model/denial.ts";
import { Fault } from "#units/fault.ts";
import { idText } from "#wire/viewer.ts";
import { nothing } from "./answers.ts";
import { type App, accountOf } from "./app.ts";
import { setDenials } from "./deny-list.ts";
import type { Desk } from "./desk.ts";

export function denialRoutes(app: App, desk: Desk): void {
  for (const kind of ["session", "title"] as const) {
    for (const wish of ["deny", "allow"] as const) denialRoute(app, desk, kind, wish);
  }
}

function denialRoute(app: App, desk: Desk, kind: Denial["kind"], wish: "deny" | "allow"): void {
  app.post(
    `/v1/ops/${kind}s/:id/${wish}`,
    {
      config: { audience: "operator" },
      schema: {
        summary: wish === "deny" ? `Nobody is served this ${kind} any more` : `This ${kind} is served again`,
        tags: ["operator"],
        params: z.object({ id: idText }),
        response: nothing("Done"),
      },
    },
    async (request, reply) => {
      const what = { kind, id: request.params.id };
      if (kind === "title" && !desk.state.catalogue.titles.has(what.id)) {
        throw new Fault(controlFaults.unknownTitle, { titleId: what.id });
      }
      await (wish === "deny" ? deny(desk, what) : allow(desk, what));
      desk.logger.info({ ...what, wish, by: accountOf(request).email }, "denial wish taken");
      return reply.code(204).send();
    },
  );
}

/** Takes effect at once, and is then kept. */
async function deny(desk: Desk, what: Pick<Denial, "kind" | "id">): Promise<void> {
  const { stores, settings } = desk.ports;
  const nowMs = desk.clock.wallMs();
  const before = desk.state.denials;
  const answer = denied(before, what, settings.playHours, nowMs);
  if (answer.kind === "full") throw new Fault(controlFaults.denyListFull, { most: mostDenials });
  setDenials(desk, answer.denials);
  const kept = new Set(stillKept(before, nowMs));
  for (const over of before) if (!kept.has(over)) await stores.denials.remove(over);
  await stores.denials.add(answer.denial);
}

async function allow(desk: Desk, what: Pick<Denial, "kind" | "id">): Promise<void> {
  setDenials(desk, allowed(desk.state.denials, what));
  await desk.ports.stores.denials.remove(what);
}
