// UPDATE messages from values. A listener sends one kind only, End-of-RIB; the rest is for tests, benchmarks and replay.
import { type AsSegment, segmentKinds } from "./as-path.ts";
import {
  aggregatorCode,
  asPathCode,
  atomicAggregateCode,
  attributeRules,
  clusterListCode,
  communityCode,
  extendedCommunityCode,
  extendedFlag,
  largeCommunityCode,
  localPrefCode,
  medCode,
  nextHopCode,
  originatorCode,
  originCode,
  reachCode,
  unreachCode,
} from "./attribute-rules.ts";
import { afiOf, type Family, unicast } from "./family.ts";
import { joined, messageOf, noData, octets16, octets32, updateType } from "./message.ts";
import { type PathPrefix, writePrefixes } from "./nlri.ts";
import type { PathAttributes } from "./path-attributes.ts";

const originNames = ["igp", "egp", "incomplete"] as const;

/** RFC 4724 §2: that was all of a family. */
export function endOfRib(family: Family): Uint8Array {
  if (family === 4) return messageOf(updateType, octets16(0), octets16(0));
  return updateOf(noData, unreach(family, noData), noData);
}

export function announcement(
  attributes: PathAttributes,
  prefixes: readonly PathPrefix[],
  wire: { readonly asOctets: 2 | 4; readonly withPathId: boolean },
): Uint8Array {
  const run = writePrefixes(prefixes, wire.withPathId);
  const family = prefixes[0]?.prefix.family ?? 4;
  if (family === 4) return updateOf(noData, writeAttributes(attributes, wire.asOctets), run);
  const hop = attributes.nextHop ?? new Uint8Array(16);
  const body = joined([octets16(afiOf(6)), Uint8Array.of(unicast, hop.length), hop, Uint8Array.of(0), run]);
  const rest = writeAttributes({ ...attributes, nextHop: undefined }, wire.asOctets);
  return updateOf(noData, joined([attribute(reachCode, body), rest]), noData);
}

export function withdrawal(prefixes: readonly PathPrefix[], withPathId: boolean): Uint8Array {
  const run = writePrefixes(prefixes, withPathId);
  const family = prefixes[0]?.prefix.family ?? 4;
  return family === 4 ? updateOf(run, noData, noData) : updateOf(noData, unreach(family, run), noData);
}

function updateOf(withdrawn: Uint8Array, attributes: Uint8Array, announced: Uint8Array): Uint8Array {
  const lists = [octets16(withdrawn.length), withdrawn, octets16(attributes.length), attributes];
  return messageOf(updateType, ...lists, announced);
}

function unreach(family: Family, run: Uint8Array): Uint8Array {
  return attribute(unreachCode, joined([octets16(afiOf(family)), Uint8Array.of(unicast), run]));
}

/** Attributes in the order of their codes (RFC 4271 §5), the next hop as NEXT_HOP. */
export function writeAttributes(given: PathAttributes, asOctets: 2 | 4): Uint8Array {
  const parts: Uint8Array[] = [];
  const add = (code: number, value: Uint8Array): number => parts.push(attribute(code, value));
  if (given.origin !== undefined) add(originCode, Uint8Array.of(originNames.indexOf(given.origin)));
  if (given.asPath !== undefined) add(asPathCode, writeAsPath(given.asPath, asOctets));
  if (given.nextHop !== undefined) add(nextHopCode, given.nextHop);
  if (given.med !== undefined) add(medCode, octets32(given.med));
  if (given.localPref !== undefined) add(localPrefCode, octets32(given.localPref));
  if (given.isAtomicAggregate) add(atomicAggregateCode, noData);
  if (given.aggregator !== undefined) {
    const { as, address } = given.aggregator;
    add(aggregatorCode, joined([asOctets === 4 ? octets32(as) : octets16(as), octets32(address)]));
  }
  addList(add, communityCode, given.communities.map(octets32));
  if (given.originatorId !== undefined) add(originatorCode, octets32(given.originatorId));
  addList(add, clusterListCode, given.clusterList.map(octets32));
  const wide = given.extendedCommunities.map((value) =>
    joined([octets32(Number(value >> 32n)), octets32(Number(value & 0xffffffffn))]),
  );
  addList(add, extendedCommunityCode, wide);
  addList(
    add,
    largeCommunityCode,
    given.largeCommunities.map((three) => joined(three.map(octets32))),
  );
  return joined(parts);
}

function addList(
  add: (code: number, value: Uint8Array) => void,
  code: number,
  values: readonly Uint8Array[],
): void {
  if (values.length > 0) add(code, joined(values));
}

export function writeAsPath(path: readonly AsSegment[], asOctets: 2 | 4): Uint8Array {
  return joined(
    path.flatMap(({ kind, members }) => [
      Uint8Array.of(segmentKinds.indexOf(kind) + 1, members.length),
      ...members.map((as) => (asOctets === 4 ? octets32(as) : octets16(as))),
    ]),
  );
}

/** One attribute with the flags of its rule. */
export function attribute(code: number, value: Uint8Array): Uint8Array {
  const flags = attributeRules[code]?.flags ?? 0;
  const head =
    value.length > 255
      ? joined([Uint8Array.of(flags | extendedFlag, code), octets16(value.length)])
      : Uint8Array.of(flags, code, value.length);
  return joined([head, value]);
}
