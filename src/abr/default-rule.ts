// What decides unless a page names another rule: the one that the web player uses.
import { decide } from "#play/bba.ts";
import { type NamedRule, named, type Rule } from "#play/rule.ts";

/** It needs no state: all that it remembers is in the context. The wait for room in the buffer is the player's own. */
const rule: Rule<null> = {
  name: "millrace",
  start: () => null,
  decide: (film, state, context) => ({ choice: { rung: decide(film, context).rung, waitMs: 0 }, state }),
  explain: (film, _state, context) => decide(film, context).because,
};

export const defaultRule: NamedRule = named(rule);
