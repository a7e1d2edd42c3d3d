// What an operator should ask a neighbour about, from the routes that the sites hear.
import { opsLintsOf, tooManyFor } from "#control/lints.ts";
import { type OpsLints, opsLints } from "#wire/lints.ts";
import { answers } from "./answers.ts";
import type { App } from "./app.ts";
import type { Desk } from "./desk.ts";

export function lintsRoute(app: App, desk: Desk): void {
  const known = remembering(desk.ports.settings.lintRoutes);
  app.get(
    "/v1/ops/lints",
    {
      config: { audience: "operator" },
      schema: {
        summary: "What is odd about the routes that the sites hear",
        tags: ["operator"],
        response: answers(opsLints),
      },
    },
    async () => known(desk),
  );
}

/** Computed once per routes and sites, if they are not too many: over a full table it takes seconds. */
function remembering(most: number): (desk: Desk) => OpsLints {
  let last: { readonly network: unknown; readonly table: unknown; readonly lints: OpsLints } | undefined;
  return ({ state, routes }) => {
    const [{ network }, { table, heardCount }] = [state, routes];
    if (heardCount > most) return tooManyFor(network, heardCount);
    if (last?.network !== network || last.table !== table) {
      last = { network, table, lints: opsLintsOf({ network, table, heard: routes.heard() }) };
    }
    return last.lints;
  };
}
