// The UPDATE message, taken apart without reading what has been read before: where its prefixes lie, and its path
// attributes as one run of octets that is the same whenever the attributes are. Source: RFC 4271 §4.3; RFC 4760; RFC 7606.
import {
  extendedFlag,
  nextHopCode,
  optionalFlag,
  reachCode,
  transitiveFlag,
  unreachCode,
} from "./attribute-rules.ts";
import { type Family, familyOf } from "./family.ts";
import { headerLength, longLimit, type ProtocolError, protocolError, u16 } from "./message.ts";
import { type PrefixRun, runError } from "./nlri.ts";
import type { AttributeTerms } from "./path-attributes.ts";

/** What the session's sides agreed on, as far as an UPDATE reads differently by it. */
export interface UpdateTerms extends AttributeTerms {
  /** Families that were agreed on; others are passed over. */
  readonly families: readonly Family[];
  /** Families in which prefixes carry path ids. */
  readonly addPath: readonly Family[];
}

/** One message taken apart; used again for the next one. */
export interface UpdateParts {
  readonly withdrawn: PrefixRun[];
  readonly announced: PrefixRun[];
  /** The attributes without MP_UNREACH_NLRI, and with MP_REACH_NLRI cut down to its next hop. */
  readonly key: Uint8Array;
  keyLength: number;
  endOfRib: Family | undefined;
  /** What makes the attributes unreadable though the prefixes are found (RFC 7606 §4). */
  flawed: string | undefined;
  /** The message spoke of a family that was not agreed on. */
  isForeign: boolean;
}

export function updateParts(): UpdateParts {
  return {
    withdrawn: [],
    announced: [],
    key: new Uint8Array(longLimit),
    keyLength: 0,
    endOfRib: undefined,
    flawed: undefined,
    isForeign: false,
  };
}

/** Takes the message at [start, end) apart. The error is one after which prefixes cannot be found: the session ends. */
export function splitUpdate(
  bytes: Uint8Array,
  start: number,
  end: number,
  terms: UpdateTerms,
  parts: UpdateParts,
): ProtocolError | undefined {
  parts.withdrawn.length = 0;
  parts.announced.length = 0;
  parts.keyLength = 0;
  parts.endOfRib = undefined;
  parts.flawed = undefined;
  parts.isForeign = false;
  const withdrawnAt = start + headerLength + 2;
  const attributesAt = withdrawnAt + u16(bytes, withdrawnAt - 2) + 2;
  if (attributesAt > end) return listError("the withdrawn routes are longer than the message");
  const announcedAt = attributesAt + u16(bytes, attributesAt - 2);
  if (announcedAt > end) return listError("the path attributes are longer than the message");
  if (end - start === headerLength + 4 && terms.families.includes(4)) parts.endOfRib = 4;
  const { withdrawn, announced } = parts;
  const withPathId = terms.addPath.includes(4);
  const error =
    addRun(withdrawn, 10, bytes, withdrawnAt, attributesAt - 2, 4, withPathId) ??
    addRun(announced, 10, bytes, announcedAt, end, 4, withPathId);
  if (withdrawn.length + announced.length > 0 && !terms.families.includes(4)) {
    parts.isForeign = true;
    withdrawn.length = 0;
    announced.length = 0;
  }
  return error ?? splitAttributes({ bytes, start: attributesAt, end: announcedAt, terms, parts });
}

/** The same for one prefix and its attributes, as a dump has them. */
export function takeRoute(parts: UpdateParts, run: PrefixRun, start: number, end: number): void {
  parts.withdrawn.length = 0;
  parts.announced.length = 0;
  parts.announced.push(run);
  parts.keyLength = 0;
  parts.endOfRib = undefined;
  parts.flawed = undefined;
  parts.isForeign = false;
  copyToKey(parts, run.bytes, start, end);
}

interface Section {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  readonly terms: UpdateTerms;
  readonly parts: UpdateParts;
}

/** Walks the attributes once: copies them into the key, and finds the prefixes inside. */
function splitAttributes(section: Section): ProtocolError | undefined {
  const { bytes, start, end, parts } = section;
  let at = start;
  let seen = 0;
  // MP_REACH_NLRI brings its own next hop; prefixes at the message's end need the attribute.
  let isHopMissing = parts.announced.length > 0;
  while (at < end) {
    const head = ((bytes[at] ?? 0) & extendedFlag) === 0 ? 3 : 4;
    const length = head === 3 ? (bytes[at + 2] ?? 0) : u16(bytes, at + 2);
    const code = bytes[at + 1] ?? 0;
    const from = at + head;
    const to = from + length;
    if (to > end) {
      parts.flawed = `attribute ${code} is longer than the rest`;
      return undefined;
    }
    if (code === reachCode || code === unreachCode) {
      const mark = code === reachCode ? 1 : 2;
      if ((seen & mark) !== 0) return listError(`attribute ${code} comes twice`);
      seen |= mark;
      if (((bytes[at] ?? 0) & (optionalFlag | transitiveFlag)) !== optionalFlag) {
        parts.flawed = `attribute ${code} has flags 0x${(bytes[at] ?? 0).toString(16)}`;
      }
      const error = code === reachCode ? splitReach(section, from, to) : splitUnreach(section, from, to);
      if (error !== undefined) return error;
    } else {
      if (code === nextHopCode) isHopMissing = false;
      copyToKey(parts, bytes, at, to);
    }
    at = to;
  }
  if (isHopMissing) parts.flawed ??= "NEXT_HOP is missing";
  return undefined;
}

/** AFI, SAFI, length of the next hop, next hop, an octet of nothing, prefixes (RFC 4760 §3). */
function splitReach({ bytes, terms, parts }: Section, from: number, to: number): ProtocolError | undefined {
  if (to - from < 5) return reachError(`MP_REACH_NLRI has ${to - from} octets`);
  const family = agreed(bytes, from, terms);
  if (family === undefined) {
    parts.isForeign = true;
    return undefined;
  }
  const hopLength = bytes[from + 3] ?? 0;
  const prefixesAt = from + 4 + hopLength + 1;
  if (prefixesAt > to) return reachError("the next hop is longer than MP_REACH_NLRI");
  if (hopLength !== 16 && hopLength !== 32 && !(hopLength === 4 && family === 4)) {
    return reachError(`the next hop has ${hopLength} octets`);
  }
  const { key, keyLength } = parts;
  key[keyLength] = optionalFlag;
  key[keyLength + 1] = reachCode;
  key[keyLength + 2] = hopLength + 1;
  parts.keyLength += 3;
  copyToKey(parts, bytes, from + 3, from + 4 + hopLength);
  const withPathId = terms.addPath.includes(family);
  return addRun(parts.announced, 9, bytes, prefixesAt, to, family, withPathId);
}

function splitUnreach(
  { bytes, start, end, terms, parts }: Section,
  from: number,
  to: number,
): ProtocolError | undefined {
  if (to - from < 3) return reachError(`MP_UNREACH_NLRI has ${to - from} octets`);
  const family = agreed(bytes, from, terms);
  if (family === undefined) {
    parts.isForeign = true;
    return undefined;
  }
  // RFC 4724 §2: nothing in the message but an empty MP_UNREACH_NLRI.
  const isAlone =
    from - start <= 4 && to === end && parts.withdrawn.length === 0 && parts.announced.length === 0;
  if (to - from === 3 && isAlone) parts.endOfRib = family;
  const withPathId = terms.addPath.includes(family);
  return addRun(parts.withdrawn, 9, bytes, from + 3, to, family, withPathId);
}

function agreed(bytes: Uint8Array, at: number, terms: UpdateTerms): Family | undefined {
  const family = familyOf(u16(bytes, at), bytes[at + 2] ?? 0);
  return family !== undefined && terms.families.includes(family) ? family : undefined;
}

/** Takes its arguments one by one: most messages have one run, and an object for each that is empty would cost more. */
function addRun(
  runs: PrefixRun[],
  subcode: number,
  bytes: Uint8Array,
  start: number,
  end: number,
  family: Family,
  withPathId: boolean,
): ProtocolError | undefined {
  if (start === end) return undefined;
  const run = { bytes, start, end, family, withPathId };
  const because = runError(run);
  if (because !== undefined) return protocolError(3, subcode, because);
  runs.push(run);
  return undefined;
}

function copyToKey(parts: UpdateParts, bytes: Uint8Array, start: number, end: number): void {
  const { key } = parts;
  let to = parts.keyLength;
  // Faster than set(subarray()) for the few dozen octets of an attribute.
  for (let at = start; at < end; at++) key[to++] = bytes[at] ?? 0;
  parts.keyLength = to;
}

function listError(because: string): ProtocolError {
  return protocolError(3, 1, because);
}

function reachError(because: string): ProtocolError {
  return protocolError(3, 9, because);
}
