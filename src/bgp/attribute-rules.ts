// Which form each path attribute must have, and what a bad one costs. RFC 7606 §7 as a table.

export const originCode = 1;
export const asPathCode = 2;
export const nextHopCode = 3;
export const medCode = 4;
export const localPrefCode = 5;
export const atomicAggregateCode = 6;
export const aggregatorCode = 7;
export const communityCode = 8;
export const originatorCode = 9;
export const clusterListCode = 10;
export const reachCode = 14;
export const unreachCode = 15;
export const extendedCommunityCode = 16;
export const as4PathCode = 17;
export const as4AggregatorCode = 18;
export const v6ExtendedCommunityCode = 25;
export const largeCommunityCode = 32;

export const optionalFlag = 0x80;
export const transitiveFlag = 0x40;
export const extendedFlag = 0x10;

/**
 * `discard`: as if the attribute were not there. `withdraw`: the message's prefixes are taken as withdrawn.
 * `reset`: the session ends. The dearest of a message counts (RFC 7606 §3).
 */
export type Cost = "discard" | "withdraw" | "reset";

export interface AttributeRule {
  readonly name: string;
  /** The flags OPTIONAL and TRANSITIVE as they must stand. */
  readonly flags: number;
  /** Exact octets, or a unit of which there must be one or more; undefined where the content decides. */
  readonly octets?: number | { readonly unit: number };
  /** What a bad length or content costs. Bad flags always cost a withdrawal (RFC 7606 §3.c). */
  readonly cost: Cost;
  /** Means nothing when it comes from another AS, and is then not looked at (RFC 7606 §7.5, §7.9, §7.10). */
  readonly onlyInside?: true;
  /** Its error subcode when the session is reset (RFC 4271 §6.3). */
  readonly subcode: number;
}

const wellKnown = transitiveFlag;
const nonTransitive = optionalFlag;
const transitive = optionalFlag | transitiveFlag;
const badLength = 5;
const badOptional = 9;

export const attributeRules: Readonly<Record<number, AttributeRule>> = {
  [originCode]: { name: "ORIGIN", flags: wellKnown, octets: 1, cost: "withdraw", subcode: 6 },
  [asPathCode]: { name: "AS_PATH", flags: wellKnown, cost: "withdraw", subcode: 11 },
  [nextHopCode]: { name: "NEXT_HOP", flags: wellKnown, octets: 4, cost: "withdraw", subcode: 8 },
  [medCode]: {
    name: "MULTI_EXIT_DISC",
    flags: nonTransitive,
    octets: 4,
    cost: "withdraw",
    subcode: badLength,
  },
  [localPrefCode]: {
    name: "LOCAL_PREF",
    flags: wellKnown,
    octets: 4,
    cost: "withdraw",
    onlyInside: true,
    subcode: badLength,
  },
  [atomicAggregateCode]: {
    name: "ATOMIC_AGGREGATE",
    flags: wellKnown,
    octets: 0,
    cost: "discard",
    subcode: badLength,
  },
  // 6 or 8 octets, by the width of AS numbers in the session.
  [aggregatorCode]: { name: "AGGREGATOR", flags: transitive, cost: "discard", subcode: badOptional },
  [communityCode]: {
    name: "COMMUNITY",
    flags: transitive,
    octets: { unit: 4 },
    cost: "withdraw",
    subcode: badOptional,
  },
  [originatorCode]: {
    name: "ORIGINATOR_ID",
    flags: nonTransitive,
    octets: 4,
    cost: "withdraw",
    onlyInside: true,
    subcode: badOptional,
  },
  [clusterListCode]: {
    name: "CLUSTER_LIST",
    flags: nonTransitive,
    octets: { unit: 4 },
    cost: "withdraw",
    onlyInside: true,
    subcode: badOptional,
  },
  [reachCode]: { name: "MP_REACH_NLRI", flags: nonTransitive, cost: "reset", subcode: badOptional },
  [unreachCode]: { name: "MP_UNREACH_NLRI", flags: nonTransitive, cost: "reset", subcode: badOptional },
  [extendedCommunityCode]: {
    name: "EXTENDED COMMUNITIES",
    flags: transitive,
    octets: { unit: 8 },
    cost: "withdraw",
    subcode: badOptional,
  },
  [as4PathCode]: { name: "AS4_PATH", flags: transitive, cost: "discard", subcode: badOptional },
  [as4AggregatorCode]: {
    name: "AS4_AGGREGATOR",
    flags: transitive,
    octets: 8,
    cost: "discard",
    subcode: badOptional,
  },
  [v6ExtendedCommunityCode]: {
    name: "IPv6 EXTENDED COMMUNITIES",
    flags: transitive,
    octets: { unit: 20 },
    cost: "withdraw",
    subcode: badOptional,
  },
  [largeCommunityCode]: {
    name: "LARGE_COMMUNITY",
    flags: transitive,
    octets: { unit: 12 },
    cost: "withdraw",
    subcode: badOptional,
  },
};

const dearness: readonly Cost[] = ["discard", "withdraw", "reset"];

export function dearer(one: Cost | undefined, other: Cost): Cost {
  if (one === undefined) return other;
  return dearness.indexOf(one) >= dearness.indexOf(other) ? one : other;
}

/** Whether this many octets may be an attribute's value, as far as the table says. */
export function fits(rule: AttributeRule, octets: number): boolean {
  if (rule.octets === undefined) return true;
  if (typeof rule.octets === "number") return octets === rule.octets;
  return octets > 0 && octets % rule.octets.unit === 0;
}
