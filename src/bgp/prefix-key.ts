// A prefix as a short string, to look routes up by: one character for family and length, then as few octets as hold the
// prefix, one character each. The same octets travel to control (NLRI of RFC 4271 §4.3 with the family in the length).
import type { IpPrefix } from "./address.ts";

/** Characters 0 to 255 only. Equal prefixes have equal keys. */
export type PrefixKey = string;

/** IPv4 lengths are 0 to 32; an IPv6 length is written this much higher. */
const v6From = 64;
/** ::ffff:0:0/96, the addresses that are IPv4's (RFC 4291 §2.5.5.2). */
const mappedOctets = `${"\0".repeat(10)}\xff\xff`;

export function keyOf({ family, value, length }: IpPrefix): PrefixKey {
  const octets = (length + 7) >> 3;
  const bits = family === 4 ? 32 : 128;
  const codes = [family === 4 ? length : v6From + length];
  for (let i = 1; i <= octets; i++) codes.push(Number((value >> BigInt(bits - 8 * i)) & 0xffn));
  return String.fromCharCode(...codes);
}

/** The same from 32-bit words, of which IPv4 has one and IPv6 four; bits beyond the length are 0. */
export function keyOfWords(family: 4 | 6, words: Uint32Array, length: number): PrefixKey {
  const octet = (i: number): number => ((words[i >> 2] ?? 0) >>> (24 - 8 * (i & 3))) & 255;
  const first = family === 4 ? length : v6From + length;
  const octets = (length + 7) >> 3;
  // Most prefixes of the Internet are /24 or of IPv6: no array for those of three octets.
  if (octets === 3) return String.fromCharCode(first, octet(0), octet(1), octet(2));
  const codes = [first];
  for (let i = 0; i < octets; i++) codes.push(octet(i));
  return String.fromCharCode(...codes);
}

/** The other way round; returns the length. */
export function wordsOfKey(key: PrefixKey, words: Uint32Array): number {
  words.fill(0);
  for (let i = 0; i < key.length - 1; i++) {
    words[i >> 2] = (words[i >> 2] ?? 0) | (key.charCodeAt(i + 1) << (24 - 8 * (i & 3)));
  }
  return key.charCodeAt(0) - (familyOf(key) === 4 ? 0 : v6From);
}

export function prefixOfKey(key: PrefixKey): IpPrefix {
  const family = familyOf(key);
  let value = 0n;
  for (let i = 1; i < key.length; i++) value = (value << 8n) | BigInt(key.charCodeAt(i));
  const bits = family === 4 ? 32 : 128;
  const length = key.charCodeAt(0) - (family === 4 ? 0 : v6From);
  return { family, value: value << BigInt(bits - 8 * (key.length - 1)), length };
}

export function familyOf(key: PrefixKey): 4 | 6 {
  return key.charCodeAt(0) < v6From ? 4 : 6;
}

/**
 * The key that begins at `at`; undefined when none is written there: cut off, too long for its family, bits set beyond
 * the length, or an IPv4 prefix written as one of IPv6.
 */
export function keyAt(octets: string, at: number): PrefixKey | undefined {
  const code = octets.charCodeAt(at);
  const isV6 = code >= v6From;
  const length = isV6 ? code - v6From : code;
  // Written so that the NaN of a text that ends here is refused as well.
  if (!(length <= (isV6 ? 128 : 32))) return undefined;
  const end = at + 1 + ((length + 7) >> 3);
  if (end > octets.length) return undefined;
  const spare = length & 7;
  if (spare !== 0 && (octets.charCodeAt(end - 1) & (0xff >> spare)) !== 0) return undefined;
  if (isV6 && length >= 96 && octets.startsWith(mappedOctets, at + 1)) return undefined;
  return copied(octets, at, end);
}

/** From this length on V8's `slice` is a view that keeps the whole text alive: a megabyte for one route. */
const viewedFrom = 13;

function copied(text: string, at: number, end: number): string {
  if (end - at < viewedFrom) return text.slice(at, end);
  const codes: number[] = [];
  for (let i = at; i < end; i++) codes.push(text.charCodeAt(i));
  return String.fromCharCode(...codes);
}
