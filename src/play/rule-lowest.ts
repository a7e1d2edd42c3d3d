// Always the lowest rung: no rule stalls less, so that what it stalls is the network's and not a rule's.
import type { Rule } from "./rule.ts";

export const lowestRule: Rule<null> = {
  name: "rmin",
  start: () => null,
  decide: (_film, state, context) => ({ choice: { rung: context.minRung, waitMs: 0 }, state }),
  explain: () => "The lowest rung, as always.",
};
