// Path attributes: octets in, one readonly record out, with what was wrong on the way. MP_REACH_NLRI is read in the
// short form (next hop alone) that MRT uses; update.ts brings it to that form. Source: RFC 4271 §4.3, §5; RFC 7606.
import { type AsSegment, holdsAs, isConfederation, mergedPath, readAsPath } from "./as-path.ts";
import {
  type AttributeRule,
  aggregatorCode,
  as4AggregatorCode,
  as4PathCode,
  asPathCode,
  atomicAggregateCode,
  attributeRules,
  type Cost,
  clusterListCode,
  communityCode,
  extendedCommunityCode,
  extendedFlag,
  fits,
  largeCommunityCode,
  localPrefCode,
  medCode,
  nextHopCode,
  optionalFlag,
  originatorCode,
  originCode,
  reachCode,
  transitiveFlag,
} from "./attribute-rules.ts";
import { u16, u32 } from "./message.ts";
import { asTrans } from "./open.ts";

export interface Aggregator {
  readonly as: number;
  /** IPv4 address of the speaker that aggregated. */
  readonly address: number;
}

export type Origin = "igp" | "egp" | "incomplete";

export interface PathAttributes {
  readonly origin: Origin | undefined;
  /** AS4_PATH is already worked in. */
  readonly asPath: readonly AsSegment[] | undefined;
  /** 4, 16 or 32 octets (IPv6 with its link-local twin). */
  readonly nextHop: Uint8Array | undefined;
  readonly med: number | undefined;
  readonly localPref: number | undefined;
  readonly isAtomicAggregate: boolean;
  readonly aggregator: Aggregator | undefined;
  readonly communities: readonly number[];
  readonly extendedCommunities: readonly bigint[];
  /** [global administrator, two local words] (RFC 8092). */
  readonly largeCommunities: readonly (readonly [number, number, number])[];
  readonly originatorId: number | undefined;
  readonly clusterList: readonly number[];
}

/** What the session's sides agreed on, as far as attributes read differently by it. */
export interface AttributeTerms {
  /** Octets of an AS number in AS_PATH and AGGREGATOR. */
  readonly asOctets: 2 | 4;
  /** The neighbour is another AS. */
  readonly isExternal: boolean;
  /** Flags are not looked at: in dumps, where BIRD leaves them out on its own routes. */
  readonly areFlagsLoose?: boolean;
}

export interface AttributeFault {
  readonly code: number;
  readonly cost: Cost;
  readonly subcode: number;
  readonly because: string;
}

export interface AttributesReading {
  readonly attributes: PathAttributes;
  readonly faults: readonly AttributeFault[];
}

type Draft = {
  -readonly [K in keyof PathAttributes]: PathAttributes[K];
} & { as4Path: readonly AsSegment[] | undefined; as4Aggregator: Aggregator | undefined };

const origins: readonly Origin[] = ["igp", "egp", "incomplete"];

const emptyDraft: Draft = {
  origin: undefined,
  asPath: undefined,
  nextHop: undefined,
  med: undefined,
  localPref: undefined,
  isAtomicAggregate: false,
  aggregator: undefined,
  communities: [],
  extendedCommunities: [],
  largeCommunities: [],
  originatorId: undefined,
  clusterList: [],
  as4Path: undefined,
  as4Aggregator: undefined,
};

/** Reads the attributes at [start, end). One that runs over the end is a fault that costs the prefixes (RFC 7606 §4). */
export function readAttributes(
  bytes: Uint8Array,
  start: number,
  end: number,
  terms: AttributeTerms,
): AttributesReading {
  const draft: Draft = { ...emptyDraft };
  const faults: AttributeFault[] = [];
  const seen = new Set<number>();
  let at = start;
  while (at < end) {
    const flags = bytes[at] ?? 0;
    const code = bytes[at + 1] ?? 0;
    const head = (flags & extendedFlag) === 0 ? 3 : 4;
    const length = head === 3 ? (bytes[at + 2] ?? 0) : u16(bytes, at + 2);
    const from = at + head;
    if (from + length > end) {
      faults.push({
        code,
        cost: "withdraw",
        subcode: 1,
        because: `attribute ${code} is longer than the rest`,
      });
      break;
    }
    at = from + length;
    // RFC 7606 §3.g: of an attribute that comes twice, the first counts.
    if (seen.has(code)) {
      faults.push({ code, cost: "discard", subcode: 1, because: `attribute ${code} comes twice` });
      continue;
    }
    seen.add(code);
    const fault = takeAttribute(draft, { bytes, from, to: at, flags, code, terms });
    if (fault !== undefined) faults.push(fault);
  }
  return { attributes: finished(draft, terms), faults };
}

interface Tlv {
  readonly bytes: Uint8Array;
  readonly from: number;
  readonly to: number;
  readonly flags: number;
  readonly code: number;
  readonly terms: AttributeTerms;
}

function takeAttribute(draft: Draft, tlv: Tlv): AttributeFault | undefined {
  const { code, flags, from, to } = tlv;
  const rule = attributeRules[code];
  if (rule === undefined) {
    if ((flags & optionalFlag) !== 0) return undefined;
    // RFC 4271 §6.3: what every speaker must know and this one does not.
    return { code, cost: "reset", subcode: 2, because: `attribute ${code} is well-known, but not here` };
  }
  if (rule.onlyInside && tlv.terms.isExternal) return undefined;
  const areFlagsRight = (flags & (optionalFlag | transitiveFlag)) === rule.flags;
  if (!areFlagsRight && tlv.terms.areFlagsLoose !== true) {
    return { code, cost: "withdraw", subcode: 4, because: `${rule.name} has flags 0x${flags.toString(16)}` };
  }
  if (!fits(rule, to - from)) return bad(code, rule, `has ${to - from} octets`);
  return takeValue(draft, tlv) ? undefined : bad(code, rule, "is malformed");
}

function bad(code: number, rule: AttributeRule, what: string): AttributeFault {
  return { code, cost: rule.cost, subcode: rule.subcode, because: `${rule.name} ${what}` };
}

/** False when the content is malformed. */
function takeValue(draft: Draft, { bytes, from, to, code, terms }: Tlv): boolean {
  switch (code) {
    case originCode:
      draft.origin = origins[bytes[from] ?? 0];
      return draft.origin !== undefined;
    case asPathCode:
      draft.asPath = usablePath(readAsPath(bytes, from, to, terms.asOctets), terms.isExternal);
      return draft.asPath !== undefined;
    case nextHopCode:
      draft.nextHop ??= bytes.slice(from, to);
      return true;
    case reachCode:
      draft.nextHop = readReach(bytes, from, to);
      return draft.nextHop !== undefined;
    case medCode:
      draft.med = u32(bytes, from);
      return true;
    case localPrefCode:
      draft.localPref = u32(bytes, from);
      return true;
    case atomicAggregateCode:
      draft.isAtomicAggregate = true;
      return true;
    case aggregatorCode:
      draft.aggregator = readAggregator(bytes, from, to, terms.asOctets);
      return draft.aggregator !== undefined;
    case as4AggregatorCode:
      draft.as4Aggregator = readAggregator(bytes, from, to, 4);
      return draft.as4Aggregator !== undefined;
    case as4PathCode:
      // Confederations in it are left out when it is worked in (RFC 6793 §6), whoever sent it.
      draft.as4Path = usablePath(readAsPath(bytes, from, to, 4), false);
      return draft.as4Path !== undefined;
    case originatorCode:
      draft.originatorId = u32(bytes, from);
      return true;
    default:
      takeList(draft, bytes, from, to, code);
      return true;
  }
}

/** No path goes through AS 0 (RFC 7607 §2), and none shows another AS's confederation (RFC 5065 §5). */
function usablePath(
  path: readonly AsSegment[] | undefined,
  isExternal: boolean,
): readonly AsSegment[] | undefined {
  if (path === undefined || holdsAs(path, 0)) return undefined;
  return isExternal && path.some(isConfederation) ? undefined : path;
}

/** The next hop, of the short form or of the whole one, which begins with an AFI below 256 and thus with a 0. */
function readReach(bytes: Uint8Array, from: number, to: number): Uint8Array | undefined {
  const at = bytes[from] === 0 ? from + 3 : from;
  const length = bytes[at] ?? 0;
  const isInside = at === from ? at + 1 + length === to : at + 1 + length <= to;
  if (!isInside || ![4, 16, 32].includes(length)) return undefined;
  return bytes.slice(at + 1, at + 1 + length);
}

function takeList(draft: Draft, bytes: Uint8Array, from: number, to: number, code: number): void {
  const every = (unit: number): readonly number[] =>
    Array.from({ length: (to - from) / unit }, (_, i) => from + i * unit);
  if (code === communityCode) draft.communities = every(4).map((at) => u32(bytes, at));
  if (code === clusterListCode) draft.clusterList = every(4).map((at) => u32(bytes, at));
  if (code === extendedCommunityCode) {
    draft.extendedCommunities = every(8).map(
      (at) => (BigInt(u32(bytes, at)) << 32n) | BigInt(u32(bytes, at + 4)),
    );
  }
  if (code === largeCommunityCode) {
    draft.largeCommunities = every(12).map((at) => [u32(bytes, at), u32(bytes, at + 4), u32(bytes, at + 8)]);
  }
}

function readAggregator(bytes: Uint8Array, from: number, to: number, octets: 2 | 4): Aggregator | undefined {
  if (to - from !== octets + 4) return undefined;
  const as = octets === 2 ? u16(bytes, from) : u32(bytes, from);
  return as === 0 ? undefined : { as, address: u32(bytes, from + octets) };
}

/** Works in what a two-octet neighbour passed on in four octets (RFC 6793 §4.2.3); from others it means nothing. */
function finished(draft: Draft, terms: AttributeTerms): PathAttributes {
  const { as4Path, as4Aggregator, ...attributes } = draft;
  const { asPath, aggregator } = attributes;
  // An aggregator that is not AS_TRANS was set by a two-octet speaker: what came before is out of date.
  const isStale = aggregator !== undefined && as4Aggregator !== undefined && aggregator.as !== asTrans;
  if (terms.asOctets === 4 || isStale) return attributes;
  return {
    ...attributes,
    asPath: asPath === undefined || as4Path === undefined ? asPath : mergedPath(asPath, as4Path),
    aggregator: aggregator === undefined ? undefined : (as4Aggregator ?? aggregator),
  };
}
