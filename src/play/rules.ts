// Every rule by its name, as commands and benchmarks ask for it.
import { type NamedRule, named } from "./rule.ts";
import { lowestRule } from "./rule-lowest.ts";
import { throughputRule } from "./rule-throughput.ts";

export interface RuleRow {
  readonly name: string;
  readonly rule: NamedRule;
  /** `left`: with room in the buffer, segments of a lower rung are fetched again ("fast switching"). */
  readonly replacement: "none" | "left";
  readonly sentence: string;
}

/** Names are in lower case; those of published rules are the published ones. */
export const rules: readonly RuleRow[] = [
  {
    name: "rmin",
    rule: named(lowestRule),
    replacement: "none",
    sentence: "Always the lowest rung: what it stalls is the network's.",
  },
  {
    name: "throughput",
    rule: named(throughputRule),
    replacement: "none",
    sentence: "The highest rung that nine tenths of the measured throughput carry.",
  },
];

export type RuleNaming =
  | { readonly kind: "known"; readonly row: RuleRow }
  | { readonly kind: "unknown"; readonly name: string; readonly known: readonly string[] };

/** The rule of that name, whatever its letters' case; otherwise the names that there are. */
export function ruleNamed(name: string, among: readonly RuleRow[] = rules): RuleNaming {
  const row = among.find((one) => one.name === name.trim().toLowerCase());
  if (row !== undefined) return { kind: "known", row };
  return { kind: "unknown", name, known: among.map((one) => one.name) };
}
