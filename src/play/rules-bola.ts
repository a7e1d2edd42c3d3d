// The BOLA family and DYNAMIC by their published names.
import { type NamedRule, named, type Rule } from "./rule.ts";
import { bola } from "./rule-bola.ts";
import { bolaE } from "./rule-bola-e.ts";
import { dynamic } from "./rule-dynamic.ts";
import { throughputRule } from "./rule-throughput.ts";
import type { RuleRow } from "./rules.ts";

const basicU = bola({ name: "bola-basic-u", horizon: "basic", guard: "one-above" });
const basicO = bola({ name: "bola-basic-o", horizon: "basic", guard: "wait" });
const finiteU = bola({ name: "bola-finite-u", horizon: "finite", guard: "one-above" });
const finiteO = bola({ name: "bola-finite-o", horizon: "finite", guard: "wait" });
const placeholderO = bolaE({ name: "bola-pl-o", guard: "wait", insufficientBufferRule: false });
const enhancedU = bolaE({ name: "bola-e-u", guard: "one-above", insufficientBufferRule: true });
const enhancedO = bolaE({ name: "bola-e-o", guard: "wait", insufficientBufferRule: true });

export const bolaRules: readonly RuleRow[] = [
  row(basicU, "BOLA with the largest V; above what the network carries, one rung at most."),
  row(basicO, "BOLA with the largest V; above what the network carries it waits."),
  row(finiteU, "BOLA whose V follows what was played and is left; one rung above the network at most."),
  row(finiteO, "BOLA whose V follows what was played and is left; waits for what the network carries."),
  row(placeholderO, "BOLA with a placeholder for the buffer not yet there."),
  row(enhancedU, "BOLA-E: placeholder and insufficient-buffer rule; one rung above the network at most."),
  row(enhancedO, "BOLA-E: placeholder and insufficient-buffer rule; waits for what the network carries."),
  row(dynamicOf("dynamic", finiteO), "Throughput at a small buffer, BOLA-FINITE-O above 10 s."),
  row(dynamicOf("dynamic-u", finiteU), "Throughput at a small buffer, BOLA-FINITE-U above 10 s."),
  row(dynamicOf("dynamic-basic-o", basicO), "Throughput at a small buffer, BOLA-BASIC-O above 10 s."),
  row(
    dynamic({ name: "dynamicdash", bola: enhancedO, throughput: throughputRule, by: "buffer" }),
    "Throughput below 5 s, BOLA-E-O above 10 s.",
  ),
  fastSwitching("bola-e-fs", enhancedO, "BOLA-E-O that fetches segments of a lower rung again."),
  fastSwitching(
    "dynamic-fs",
    dynamicOf("dynamic-fs", finiteO),
    "DYNAMIC that fetches segments of a lower rung again.",
  ),
];

function dynamicOf<B>(name: string, bolaRule: Rule<B>) {
  return dynamic({ name, bola: bolaRule, throughput: throughputRule, by: "choices" });
}

function row<State>(rule: Rule<State>, sentence: string): RuleRow {
  return { name: rule.name, rule: named(rule), replacement: "none", sentence };
}

function fastSwitching<State>(name: string, rule: Rule<State>, sentence: string): RuleRow {
  const again: NamedRule = named({ ...rule, name });
  return { name, rule: again, replacement: "left", sentence };
}
