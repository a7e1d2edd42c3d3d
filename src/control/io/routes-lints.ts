// What an operator should ask a neighbour about, from the routes that the sites hear.
import { type LintFacts, opsLintsOf, tooManyFor } from "#control/lints.ts";
import { seldom } from "#control/seldom.ts";
import { type OpsLints, opsLints } from "#wire/lints.ts";
import { answers } from "./answers.ts";
import type { App } from "./app.ts";
import type { Desk } from "./desk.ts";

export function lintsRoute(app: App, desk: Desk): void {
  const known = remembering(desk);
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
function remembering({ ports, routes, clock }: Desk): (desk: Desk) => OpsLints {
  const lintsOf = seldom({
    clock,
    compute: (facts: Pick<LintFacts, "network" | "table">) => opsLintsOf({ ...facts, heard: routes.heard() }),
    compare: (last, now) =>
      last.network !== now.network ? "other" : last.table === now.table ? "same" : "stale",
  });
  return ({ state: { network } }) => {
    const { heardCount, table } = routes;
    return heardCount > ports.settings.lintRoutes
      ? tooManyFor(network, heardCount)
      : lintsOf({ network, table });
  };
}
