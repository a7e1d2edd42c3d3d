// IP addresses and prefixes: text in, canonical value out. An IPv4-mapped IPv6 address is the IPv4 address it stands for.
// Text forms: RFC 4291 §2.2 (reading), RFC 5952 §4 (writing).

export interface IpAddress {
  readonly family: 4 | 6;
  /** 32 or 128 bits. */
  readonly value: bigint;
}

/** The first `length` bits of an address; the other bits are 0. */
export interface IpPrefix extends IpAddress {
  readonly length: number;
}

export type AddressReading =
  | { readonly kind: "address"; readonly address: IpAddress }
  | { readonly kind: "refused"; readonly because: string };

export type PrefixReading =
  | { readonly kind: "prefix"; readonly prefix: IpPrefix }
  | { readonly kind: "refused"; readonly because: string };

const mapped = 0xffffn << 32n;

export function bitsOf(family: 4 | 6): number {
  return family === 4 ? 32 : 128;
}

export function readAddress(text: string): AddressReading {
  const address = text.includes(":") ? readV6(text) : readV4(text);
  if (address === undefined) {
    return { kind: "refused", because: `"${text.slice(0, 60)}" is not an IPv4 or IPv6 address` };
  }
  return { kind: "address", address: unmapped(address) };
}

/** Host bits are cleared: "203.0.113.7/24" is 203.0.113.0/24. */
export function readPrefix(text: string): PrefixReading {
  const [, base = "", digits = ""] = /^([^/]+)\/(0|[1-9]\d{0,2})$/.exec(text) ?? [];
  const address = base.includes(":") ? readV6(base) : readV4(base);
  const length = Number(digits);
  if (address === undefined || digits === "" || length > bitsOf(address.family)) {
    return {
      kind: "refused",
      because: `"${text.slice(0, 60)}" is not a prefix such as 203.0.113.0/24 or 2001:db8::/32`,
    };
  }
  const isMapped = address.family === 6 && length >= 96 && address.value >> 32n === 0xffffn;
  if (isMapped) return { kind: "prefix", prefix: prefixOf(unmapped(address), length - 96) };
  return { kind: "prefix", prefix: prefixOf(address, length) };
}

export function prefixOf(address: IpAddress, length: number): IpPrefix {
  const hostBits = BigInt(bitsOf(address.family) - length);
  return { family: address.family, value: (address.value >> hostBits) << hostBits, length };
}

export function covers(prefix: IpPrefix, address: IpAddress): boolean {
  if (prefix.family !== address.family) return false;
  const hostBits = BigInt(bitsOf(prefix.family) - prefix.length);
  return prefix.value >> hostBits === address.value >> hostBits;
}

export function writeAddress(address: IpAddress): string {
  return address.family === 4 ? writeV4(address.value) : writeV6(address.value);
}

export function writePrefix(prefix: IpPrefix): string {
  return `${writeAddress(prefix)}/${prefix.length}`;
}

function unmapped(address: IpAddress): IpAddress {
  if (address.family === 4 || address.value >> 32n !== 0xffffn) return address;
  return { family: 4, value: address.value - mapped };
}

/** Four decimals. A leading zero is refused, because some programs read it as octal. */
function readV4(text: string): IpAddress | undefined {
  const parts = text.split(".");
  if (parts.length !== 4) return undefined;
  let value = 0;
  for (const part of parts) {
    if (!/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return undefined;
    value = 256 * value + Number(part);
  }
  return { family: 4, value: BigInt(value) };
}

function readV6(text: string): IpAddress | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map((half) => groupsOf(half));
  if (head === undefined || (halves.length === 2 && tail === undefined)) return undefined;
  // The dotted form may only be the very end.
  if (halves.length === 2 && (halves[0] ?? "").includes(".")) return undefined;
  const known = head.length + (tail?.length ?? 0);
  if (tail === undefined ? known !== 8 : known > 7) return undefined;
  const groups = [...head, ...new Array<number>(8 - known).fill(0), ...(tail ?? [])];
  return { family: 6, value: groups.reduce((value, group) => (value << 16n) | BigInt(group), 0n) };
}

/** The 16-bit groups of one side of "::"; undefined when it is not written as such. */
function groupsOf(half: string): number[] | undefined {
  if (half === "") return [];
  const parts = half.split(":");
  const groups: number[] = [];
  for (const [i, part] of parts.entries()) {
    if (/^[0-9a-fA-F]{1,4}$/.test(part)) {
      groups.push(Number.parseInt(part, 16));
      continue;
    }
    const dotted = i === parts.length - 1 ? readV4(part) : undefined;
    if (dotted === undefined) return undefined;
    groups.push(Number(dotted.value >> 16n), Number(dotted.value & 0xffffn));
  }
  return groups;
}

function writeV4(value: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => `${(value >> shift) & 0xffn}`).join(".");
}

/** Lower case, no leading zeros, the first longest run of two or more zero groups as "::". */
function writeV6(value: bigint): string {
  const groups = Array.from({ length: 8 }, (_, i) => Number((value >> BigInt(112 - 16 * i)) & 0xffffn));
  const run = longestZeroRun(groups);
  const hex = (part: readonly number[]): string => part.map((group) => group.toString(16)).join(":");
  if (run.length < 2) return hex(groups);
  return `${hex(groups.slice(0, run.start))}::${hex(groups.slice(run.start + run.length))}`;
}

function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  let start = 0;
  groups.forEach((group, i) => {
    if (group !== 0) start = i + 1;
    else if (i + 1 - start > best.length) best = { start, length: i + 1 - start };
  });
  return best;
}
