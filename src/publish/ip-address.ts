// Which addresses are nobody's on the public internet. Nothing is ever fetched from them.
// The networks are model/special-networks.ts; text forms are RFC 4291 §2.2.
import { specialNetworks } from "#model/special-networks.ts";

interface Bits {
  readonly family: 4 | 6;
  readonly value: bigint;
}

const refused = specialNetworks.map(({ prefix, use }) => {
  const [base = "", length = ""] = prefix.split("/");
  const bits = bitsOf(base);
  return { ...(bits ?? { family: 4 as const, value: 0n }), length: Number(length), use };
});

/**
 * Why nothing is fetched from an address, or undefined when it is public. What is no address in its plain form is refused:
 * resolvers answer in that form, and other spellings (octal, one number, a zone) are for deceiving.
 *
 * IPv4 inside IPv6 is refused whole (mapped, compatible, NAT64, 6to4, Teredo): who means IPv4 writes IPv4.
 */
export function refusedUse(address: string): string | undefined {
  const bits = bitsOf(address);
  if (bits === undefined) return "no address in its plain form";
  const width = bits.family === 4 ? 32 : 128;
  const inside = refused.find(({ family, value, length }) => {
    const rest = BigInt(width - length);
    return family === bits.family && value >> rest === bits.value >> rest;
  });
  if (inside !== undefined) return inside.use;
  // Source: RFC 4291 §2.4 with IANA's registry: only 2000::/3 is given out.
  return bits.family === 6 && bits.value >> 125n !== 1n ? "no global unicast (RFC 4291)" : undefined;
}

function bitsOf(text: string): Bits | undefined {
  const value = text.includes(":") ? valueOf6(text) : valueOf4(text);
  return value === undefined ? undefined : { family: text.includes(":") ? 6 : 4, value };
}

function valueOf4(text: string): bigint | undefined {
  if (!/^(?:(?:0|[1-9]\d{0,2})(?:\.|$)){4}$/.test(text) || text.endsWith(".")) return undefined;
  const parts = text.split(".").map(Number);
  if (parts.some((part) => part > 255)) return undefined;
  return parts.reduce((value, part) => (value << 8n) | BigInt(part), 0n);
}

function valueOf6(text: string): bigint | undefined {
  const [head = "", tail, ...more] = text.split("::");
  if (more.length > 0) return undefined;
  const left = groupsOf(head, tail === undefined);
  const right = tail === undefined ? [] : groupsOf(tail, true);
  if (left === undefined || right === undefined) return undefined;
  const missing = 8 - left.length - right.length;
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined;
  const groups = [...left, ...Array<bigint>(missing).fill(0n), ...right];
  return groups.reduce((value, group) => (value << 16n) | group, 0n);
}

/** Groups of 16 bits. Only the last may be an IPv4 address, which is two. */
function groupsOf(text: string, isEnd: boolean): readonly bigint[] | undefined {
  if (text === "") return [];
  const parts = text.split(":");
  const groups: bigint[] = [];
  for (const [index, part] of parts.entries()) {
    if (part.includes(".")) {
      const v4 = isEnd && index === parts.length - 1 ? valueOf4(part) : undefined;
      if (v4 === undefined) return undefined;
      groups.push(v4 >> 16n, v4 & 0xffffn);
    } else {
      if (!/^[0-9a-f]{1,4}$/i.test(part)) return undefined;
      groups.push(BigInt(`0x${part}`));
    }
  }
  return groups;
}
