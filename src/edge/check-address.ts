// Public addresses of this machine, from `ip -j addr`. Public is what no special-purpose registry claims (RFC 6890).
import type { CheckFinding } from "#model/site-check.ts";
import { specialNetworks } from "#model/special-networks.ts";
import { cannotTell, holds, holdsNot, printable, type Question, type Told } from "./check.ts";
import type { Requirements } from "./check-requirements.ts";

export interface HeldAddress {
  readonly device: string;
  readonly family: 4 | 6;
  readonly address: string;
  readonly prefixLength: number;
}

/** Undefined when the text is not what `ip` prints. Loopback and addresses that may not be used are left out. */
export function readAddresses(json: string): readonly HeldAddress[] | undefined {
  const links = parsed(json);
  return Array.isArray(links) ? links.slice(0, 10_000).flatMap(addressesOf) : undefined;
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

function addressesOf(link: unknown): readonly HeldAddress[] {
  const device = textOf(link, "ifname");
  const list = memberOf(link, "addr_info");
  if (device === undefined || device === "lo" || !Array.isArray(list)) return [];
  return list.slice(0, 10_000).flatMap((entry) => {
    const address = textOf(entry, "local");
    const prefixLength = memberOf(entry, "prefixlen");
    const family = textOf(entry, "family") === "inet6" ? 6 : 4;
    const isUsable = !["tentative", "deprecated", "dadfailed"].some((flag) => memberOf(entry, flag) === true);
    if (address === undefined || typeof prefixLength !== "number" || !isUsable) return [];
    return bitsOf(address)?.length === (family === 4 ? 32 : 128)
      ? [{ device, family, address, prefixLength }]
      : [];
  });
}

function memberOf(thing: unknown, name: string): unknown {
  return typeof thing === "object" && thing !== null
    ? new Map<string, unknown>(Object.entries(thing)).get(name)
    : undefined;
}

function textOf(thing: unknown, name: string): string | undefined {
  const value = memberOf(thing, name);
  return typeof value === "string" && value.length <= 64 ? value : undefined;
}

/** What a special address is for; undefined for a public one. */
export function specialUse(address: string): string | undefined {
  const bits = bitsOf(address);
  if (bits === undefined) return "no address";
  return specialBits.find(({ start, size }) => bits.length === size && bits.startsWith(start))?.use;
}

const specialBits = specialNetworks.map(({ prefix, use }) => {
  const [base = "", length] = prefix.split("/");
  const bits = bitsOf(base) ?? "";
  return { start: bits.slice(0, Number(length)), size: bits.length, use };
});

/** An address as 32 or 128 signs 0 and 1. Source: RFC 4291 §2.2. */
function bitsOf(address: string): string | undefined {
  if (!address.includes(":")) return bitsOfNumbers(address.split("."), 10, 4);
  const [head = "", tail, more] = address.split("::");
  if (more !== undefined) return undefined;
  const [before, after] = [head, tail ?? ""].map((half) => (half === "" ? [] : half.split(":")));
  const gap = 8 - (before?.length ?? 0) - (after?.length ?? 0);
  if (tail === undefined ? gap !== 0 : gap < 1) return undefined;
  return bitsOfNumbers([...(before ?? []), ...new Array<string>(gap).fill("0"), ...(after ?? [])], 16, 8);
}

function bitsOfNumbers(parts: readonly string[], base: 10 | 16, count: 4 | 8): string | undefined {
  const pattern = base === 10 ? /^\d{1,3}$/ : /^[0-9a-f]{1,4}$/i;
  const width = base === 10 ? 8 : 16;
  const numbers = parts.map((part) => (pattern.test(part) ? Number.parseInt(part, base) : Number.NaN));
  if (parts.length !== count || numbers.some((value) => !(value < 2 ** width))) return undefined;
  return numbers.map((value) => value.toString(2).padStart(width, "0")).join("");
}

export function judgeAddresses(json: Told<string>, wanted: Requirements): readonly CheckFinding[] {
  return [judgeFamily(json, 4, wanted.ipv4PrefixLength), judgeFamily(json, 6, wanted.ipv6PrefixLength)];
}

function judgeFamily(json: Told<string>, family: 4 | 6, longest: number): CheckFinding {
  const question: Question = {
    what: `ipv${family}`,
    weight: "required",
    wanted: `a public IPv${family} address in a /${longest} or larger`,
  };
  if (json.kind === "untold") return cannotTell(question, json.because, json.mend);
  const all = readAddresses(json.value);
  if (all === undefined) {
    return cannotTell(question, "ip printed something else than its addresses", "Look at: ip -j addr");
  }
  const own = all.filter((entry) => entry.family === family);
  const open = own.filter(({ address }) => specialUse(address) === undefined);
  const [good] = open.filter(({ prefixLength }) => prefixLength <= longest);
  if (good !== undefined) return holds(question, inWords(good));
  const [small] = open;
  if (small !== undefined) {
    return holdsNot(question, inWords(small), `Give its network a prefix of at most ${longest} bits`);
  }
  const found = own.slice(0, 4).map((entry) => `${inWords(entry)} is for ${specialUse(entry.address)}`);
  return holdsNot(
    question,
    found.join("; ") || `no IPv${family} address`,
    "Give the appliance a public address",
  );
}

function inWords({ device, address, prefixLength }: HeldAddress): string {
  return `${address}/${prefixLength} on ${printable(device, 15)}`;
}
