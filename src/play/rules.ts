// Every rule by its name, as commands and benchmarks ask for it.
import { type NamedRule, named } from "./rule.ts";
import { bba0, bba1, bba2, bba2Op, bbaLog, bbaOthers } from "./rule-bba.ts";
import { defaultRule } from "./rule-default.ts";
import { hybO, hybU } from "./rule-hyb.ts";
import { lowestRule } from "./rule-lowest.ts";
import { mpc, robustMpc } from "./rule-mpc.ts";
import { throughputRule } from "./rule-throughput.ts";
import { bolaRules } from "./rules-bola.ts";

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
    name: "default",
    rule: named(defaultRule),
    replacement: "none",
    sentence: "Climbs to what it can keep for long, and leaves what it cannot keep for the next seconds.",
  },
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
  ...bolaRules,
  {
    name: "bba-0",
    rule: named(bba0),
    replacement: "none",
    sentence:
      "A straight map from the buffer to the rate, beside a reservoir of three eighths of the buffer.",
  },
  {
    name: "bba-1",
    rule: named(bba1),
    replacement: "none",
    sentence: "The map over real segment sizes, and a reservoir as long as the coming segments need.",
  },
  {
    name: "bba-2",
    rule: named(bba2),
    replacement: "none",
    sentence: "BBA-1 with a fast start: a rung up whenever a segment came much faster than it plays.",
  },
  {
    name: "bba-2-op",
    rule: named(bba2Op),
    replacement: "none",
    sentence: "BBA-2 with outage protection: the map moves right while the buffer grows.",
  },
  {
    name: "bba-others",
    rule: named(bbaOthers),
    replacement: "none",
    sentence:
      "BBA-2 that steps up only as far as the segments ahead bear, with a reservoir that never shrinks.",
  },
  {
    name: "bba-log",
    rule: named(bbaLog),
    replacement: "none",
    sentence: "BBA-0 in ln R: equal steps of buffer multiply the rate equally.",
  },
  {
    name: "hyb-o",
    rule: named(hybO),
    replacement: "none",
    sentence: "BBA-LOG with a floor of throughput, and no step up that throughput does not carry.",
  },
  {
    name: "hyb-u",
    rule: named(hybU),
    replacement: "none",
    sentence: "BBA-LOG with a floor of throughput.",
  },
  {
    name: "mpc",
    rule: named(mpc),
    replacement: "none",
    sentence: "The best plan for 5 segments at the harmonic mean of 5 throughputs. A benchmark.",
  },
  {
    name: "robustmpc",
    rule: named(robustMpc),
    replacement: "none",
    sentence: "MPC that takes its forecast for as wrong as the worst of its last 5. A benchmark.",
  },
];

export type RuleNaming =
  | { readonly kind: "known"; readonly row: RuleRow }
  | { readonly kind: "unknown"; readonly name: string; readonly known: readonly string[] };

/** The rule of that name, whatever its letters' case, and with + or - between its parts; otherwise the names that there are. */
export function ruleNamed(name: string, among: readonly RuleRow[] = rules): RuleNaming {
  const row = among.find((one) => one.name === name.trim().toLowerCase().replaceAll("+", "-"));
  if (row !== undefined) return { kind: "known", row };
  return { kind: "unknown", name, known: among.map((one) => one.name) };
}
