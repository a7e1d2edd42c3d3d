// The catalogue as operators see it: everything that is published or described, and one of them.
import { z } from "zod";
import { stillKept } from "#control/denials.ts";
import { controlFaults } from "#control/faults.ts";
import { type ShelfOrder, shelfOf, shelfTitleOf } from "#control/ops-catalog.ts";
import { Fault } from "#units/fault.ts";
import { opsShelf, opsShelfTitle, shelfQuery } from "#wire/ops-catalog.ts";
import { idText } from "#wire/viewer.ts";
import { answers } from "./answers.ts";
import type { App } from "./app.ts";
import type { Desk } from "./desk.ts";
import { perMinute } from "./own-limit.ts";

const tags = ["operator"];
/** Each walks over the whole catalogue. */
const searchesPerMinute = 600;

export function opsShelfRoutes(app: App, desk: Desk): void {
  app.get(
    "/v1/ops/catalog/titles",
    {
      config: { audience: "operator", rateLimit: perMinute(searchesPerMinute) },
      schema: {
        summary: "Titles and works with their state, newest titles first; q finds a part of a name or an id",
        tags,
        querystring: shelfQuery,
        response: answers(opsShelf),
      },
    },
    async (request) => shelfOf(orderOf(desk), request.query),
  );
  app.get(
    "/v1/ops/catalog/titles/:id",
    {
      config: { audience: "operator" },
      schema: {
        summary:
          "A title, or a work by its own id: package, rights, what the catalogue says, and plans that reach it",
        tags,
        params: z.object({ id: idText }),
        response: answers(opsShelfTitle),
      },
    },
    async (request) => {
      const { id } = request.params;
      const plans = (await desk.billing?.ports.store.plans()) ?? [];
      const found = shelfTitleOf(orderOf(desk), id, plans);
      if (found === undefined) throw new Fault(controlFaults.unknownTitle, { titleId: id });
      return found;
    },
  );
}

function orderOf({ state, works, ports, clock }: Desk): ShelfOrder {
  const nowMs = clock.wallMs();
  const titles = stillKept(state.denials, nowMs).filter(({ kind }) => kind === "title");
  return {
    ...{ catalogue: state.catalogue, view: works.view(), settings: ports.settings, nowMs },
    denied: new Set(titles.map(({ id }) => id)),
  };
}
