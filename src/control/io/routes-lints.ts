// What an operator should ask a neighbour about, from the routes that the sites hear.
import { type LintFacts, opsLintsOf, tooManyFor } from "#control/lints.ts";
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
    async () => known({ network: desk.state.network, heard: desk.heard, table: desk.table }),
  );
}

/** Computed once per routes and sites, if they are not too many: over a full table it takes seconds. */
function remembering(most: number): (facts: LintFacts) => OpsLints {
  let last: { readonly facts: LintFacts; readonly lints: OpsLints } | undefined;
  return (facts) => {
    const { network, heard, table } = facts;
    if (heard.length > most) return tooManyFor(facts);
    const isSame =
      last?.facts.network === network && last.facts.heard === heard && last.facts.table === table;
    const lints = isSame && last !== undefined ? last.lints : opsLintsOf(facts);
    last = { facts, lints };
    return lints;
  };
}
