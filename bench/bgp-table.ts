// A made-up full table: as many prefixes as the internet had in 2026, nested and grouped as its are, with attribute sets
// that several prefixes share. The same for the same seed.
import type { IpPrefix } from "#bgp/address.ts";
import { joined } from "#bgp/message.ts";
import type { PathPrefix } from "#bgp/nlri.ts";
import { attributesWith } from "#bgp/sample-route.ts";
import { announcement, endOfRib } from "#bgp/write-update.ts";
import { type Random, seededRandom } from "#units/random.ts";

export interface TableOrder {
  readonly v4: number;
  readonly v6: number;
  /** Mean prefixes per attribute set, each of which is one UPDATE. */
  readonly shared: number;
  readonly peerAs: number;
  readonly seed: number;
}

export interface TableGroup {
  readonly prefixes: readonly IpPrefix[];
  readonly path: readonly number[];
  readonly med: number | undefined;
  readonly communities: readonly number[];
}

/** Sizes of 2026 (research/placement-steering.md §3.4). */
export const fullTable: TableOrder = { v4: 1_050_000, v6: 240_000, shared: 6.2, peerAs: 64_500, seed: 5 };

export function tableGroups(order: TableOrder): readonly TableGroup[] {
  const random = seededRandom(order.seed);
  return [
    ...grouped(prefixesV4(order.v4, random), order, random),
    ...grouped(prefixesV6(order.v6, random), order, random),
  ];
}

/** The octets of the whole table: UPDATE messages, then End-of-RIB of both families. */
export function tableOctets(groups: readonly TableGroup[]): Uint8Array {
  const wire = { asOctets: 4, withPathId: false } as const;
  const v6Hop = Uint8Array.of(0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1);
  const messages = groups.map(({ prefixes, path, med, communities }) => {
    const isV6 = prefixes[0]?.family === 6;
    const given = { med, communities, ...(isV6 ? { nextHop: v6Hop } : {}) };
    const named = prefixes.map((prefix): PathPrefix => ({ prefix, pathId: 0 }));
    return announcement(attributesWith(path, given), named, wire);
  });
  return joined([...messages, endOfRib(4), endOfRib(6)]);
}

/** Blocks of four /24: some as a whole, some in halves, most in single networks. */
function prefixesV4(count: number, random: Random): IpPrefix[] {
  const found: IpPrefix[] = [];
  const octets = Array.from({ length: 223 }, (_, i) => i + 1).filter((octet) => !strange.has(octet));
  const blocks = octets.length * 16_384;
  // An odd step visits every block once.
  for (let block = 0; found.length < count; block = (block + 786_433) % blocks) {
    const base = BigInt(octets[Math.floor(block / 16_384)] ?? 1) << 24n;
    const at = base | (BigInt(block % 16_384) << 10n);
    if (random.next() < 0.4) found.push({ family: 4, value: at, length: 22 });
    for (const half of [0n, 512n]) {
      if (random.next() < 0.2) found.push({ family: 4, value: at | half, length: 23 });
    }
    for (const net of [0n, 256n, 512n, 768n]) {
      if (random.next() < 0.55) found.push({ family: 4, value: at | net, length: 24 });
    }
  }
  return found.slice(0, count);
}

/** First octets in which something lies that filters refuse. */
const strange = new Set([10, 100, 127, 169, 172, 192, 198, 203]);

function prefixesV6(count: number, random: Random): IpPrefix[] {
  const found: IpPrefix[] = [];
  for (let block = 0; found.length < count; block++) {
    const base = (0x2a00n << 112n) | (BigInt(block) << 96n);
    found.push({ family: 6, value: base, length: 32 });
    const inside = random.integer(0, 4);
    for (let i = 0; i < inside; i++) {
      found.push({ family: 6, value: base | (BigInt(i * 17 + 1) << 80n), length: i === 0 ? 44 : 48 });
    }
  }
  return found.slice(0, count).map((prefix) => ({ ...prefix, value: cleared(prefix) }));
}

function cleared({ value, length }: IpPrefix): bigint {
  const hostBits = BigInt(128 - length);
  return (value >> hostBits) << hostBits;
}

/** Neighbouring prefixes share their attributes: many sets are of one prefix, some of dozens. */
function grouped(prefixes: readonly IpPrefix[], order: TableOrder, random: Random): TableGroup[] {
  const groups: TableGroup[] = [];
  for (let at = 0; at < prefixes.length; ) {
    // Exponential sizes with the mean wanted.
    const size = 1 + Math.floor(-Math.log(1 - random.next()) * (order.shared - 0.5));
    const transit = [3356, 1299, 174, 2914, 6939, 3257][random.integer(0, 5)] ?? 3356;
    const tail = Array.from({ length: random.integer(1, 4) }, () => random.integer(100_000, 400_000));
    const communities = Array.from(
      { length: random.integer(0, 5) },
      () => (transit << 16) | random.integer(1, 999),
    );
    groups.push({
      prefixes: prefixes.slice(at, at + size),
      path: [order.peerAs, transit, ...tail],
      med: random.next() < 0.3 ? random.integer(0, 100) : undefined,
      communities: communities.map((word) => word >>> 0),
    });
    at += size;
  }
  return groups;
}
