// What decides unless a page names another rule: `default` of play's table of rules, without the rest of that table.
import { type NamedRule, named } from "#play/rule.ts";
import { defaultRule as rule } from "#play/rule-default.ts";

export const defaultRule: NamedRule = named(rule);
