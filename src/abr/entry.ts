// What the package `millrace/abr` gives: a rule, players to put it into, and what it takes to write another of either.

export type { NamedRule, Rule } from "#play/rule.ts";
export { named } from "#play/rule.ts";
export type { Context, Film } from "#play/types.ts";
export { attachToDash } from "./dash.ts";
export { defaultRule } from "./default-rule.ts";
export { hlsConfig } from "./hls.ts";
export type { AbrDecision, AbrOptions, PlayerPorts, Throughput, Transfer } from "./session.ts";
export { AbrSession } from "./session.ts";
export { ShakaAbrManager } from "./shaka.ts";
export { attachToShaka } from "./shaka-attach.ts";
