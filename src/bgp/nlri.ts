// Prefixes as UPDATE messages carry them: length in bits, then as few octets as hold them, with a path id before
// where add-path was agreed on. Source: RFC 4271 §4.3; RFC 4760 §5; RFC 7911 §3.
import type { IpPrefix } from "./address.ts";
import type { Family } from "./family.ts";
import { joined, octets32, u32 } from "./message.ts";

/** One prefix in numbers; the same object again and again, so that a full table makes no garbage. */
export interface HeardPrefix {
  family: Family;
  /** The address as one (IPv4) or four (IPv6) words, first bits first; host bits are 0. */
  readonly words: Uint32Array;
  length: number;
  /** 0 where add-path is not spoken. */
  pathId: number;
}

export function heardPrefix(): HeardPrefix {
  return { family: 4, words: new Uint32Array(4), length: 0, pathId: 0 };
}

export interface PrefixRun {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  readonly family: Family;
  readonly withPathId: boolean;
  /** The path id of all of them, where it stands elsewhere. */
  readonly pathId?: number;
}

/** What is wrong with a run of prefixes; undefined when every one lies inside. Source: RFC 7606 §5.3. */
export function runError({ bytes, start, end, family, withPathId }: PrefixRun): string | undefined {
  const most = family === 4 ? 32 : 128;
  let at = start;
  while (at < end) {
    if (withPathId) at += 4;
    if (at >= end) return "a prefix ends after its path id";
    const length = bytes[at] ?? 0;
    if (length > most) return `a prefix of ${length} bits; at most ${most} exist`;
    at += 1 + ((length + 7) >> 3);
  }
  return at > end ? "the last prefix is cut off" : undefined;
}

/** Shows each prefix of a run that has no error. */
export function eachPrefix(run: PrefixRun, into: HeardPrefix, visit: (heard: HeardPrefix) => void): void {
  const { bytes, end, family, withPathId } = run;
  into.family = family;
  into.pathId = run.pathId ?? 0;
  let at = run.start;
  while (at < end) {
    if (withPathId) {
      into.pathId = u32(bytes, at);
      at += 4;
    }
    const length = bytes[at] ?? 0;
    into.length = length;
    at = family === 4 ? readV4(bytes, at + 1, length, into.words) : readV6(bytes, at + 1, length, into.words);
    visit(into);
  }
}

/** Bits beyond the length are of no meaning (RFC 4271 §4.3) and are cleared. */
function readV4(bytes: Uint8Array, at: number, length: number, words: Uint32Array): number {
  const octets = (length + 7) >> 3;
  let word = 0;
  for (let i = 0; i < octets; i++) word |= (bytes[at + i] ?? 0) << (24 - 8 * i);
  words[0] = length === 0 ? 0 : word & (-1 << (32 - length));
  return at + octets;
}

function readV6(bytes: Uint8Array, at: number, length: number, words: Uint32Array): number {
  const octets = (length + 7) >> 3;
  for (let w = 0; w < 4; w++) {
    let word = 0;
    const first = w * 4;
    const rest = Math.min(octets - first, 4);
    for (let i = 0; i < rest; i++) word |= (bytes[at + first + i] ?? 0) << (24 - 8 * i);
    const bits = length - w * 32;
    words[w] = bits >= 32 ? word : bits <= 0 ? 0 : word & (-1 << (32 - bits));
  }
  return at + octets;
}

/** A prefix as the rest of the project names it. */
export function prefixValue(heard: Pick<HeardPrefix, "family" | "words" | "length">): IpPrefix {
  const { family, words, length } = heard;
  const count = family === 4 ? 1 : 4;
  let value = 0n;
  for (let w = 0; w < count; w++) value = (value << 32n) | BigInt(words[w] ?? 0);
  return { family, value, length };
}

/** The other way round. */
export function setPrefix(into: HeardPrefix, prefix: IpPrefix, pathId = 0): HeardPrefix {
  into.family = prefix.family;
  into.length = prefix.length;
  into.pathId = pathId;
  const count = prefix.family === 4 ? 1 : 4;
  for (let w = 0; w < count; w++) {
    into.words[w] = Number((prefix.value >> BigInt(32 * (count - 1 - w))) & 0xffffffffn);
  }
  return into;
}

export interface PathPrefix {
  readonly prefix: IpPrefix;
  readonly pathId: number;
}

export function writePrefixes(prefixes: readonly PathPrefix[], withPathId: boolean): Uint8Array {
  return joined(
    prefixes.map(({ prefix, pathId }) => {
      const { words, length } = setPrefix(heardPrefix(), prefix);
      const octets = joined([...words].map(octets32)).subarray(0, (length + 7) >> 3);
      return joined([withPathId ? octets32(pathId) : new Uint8Array(0), Uint8Array.of(length), octets]);
    }),
  );
}
