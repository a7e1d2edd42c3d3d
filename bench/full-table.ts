// A synthetic table of the Internet's size: 1.05 M IPv4 and 240 k IPv6 prefixes with the lengths that are seen there.
import type { IpPrefix } from "#bgp/address.ts";
import { prefixOf } from "#bgp/address.ts";
import { LogBook } from "#bgp/route-run.ts";
import { after, type EventBatch, noRoutes, type RouteSet } from "#bgp/route-table.ts";
import { type Random, seededRandom } from "#units/random.ts";

/** Shares of lengths, per mille, near those of public collectors in 2025; the rest of each family is its last row. */
const lengths4 = [
  [8, 1],
  [10, 1],
  [11, 1],
  [12, 2],
  [13, 2],
  [14, 3],
  [15, 3],
  [16, 14],
  [17, 9],
  [18, 15],
  [19, 26],
  [20, 45],
  [21, 52],
  [22, 112],
  [23, 104],
  [24, 610],
] as const;
const lengths6 = [
  [20, 1],
  [24, 2],
  [28, 4],
  [29, 30],
  [30, 5],
  [31, 4],
  [32, 110],
  [33, 15],
  [34, 14],
  [35, 8],
  [36, 55],
  [38, 10],
  [40, 95],
  [42, 12],
  [44, 95],
  [45, 10],
  [46, 30],
  [47, 25],
  [48, 465],
  [56, 4],
  [64, 5],
  [128, 1],
] as const;

/** Where registries hand out IPv6: 2001::/16, 2400::/12, 2600::/12, 2800::/12, 2a00::/12, 2c00::/12. */
const blocks6 = [
  [0x2001n << 112n, 16],
  [0x240n << 116n, 12],
  [0x260n << 116n, 12],
  [0x280n << 116n, 12],
  [0x2a0n << 116n, 12],
  [0x2c0n << 116n, 12],
] as const;

export interface TableSize {
  readonly prefixes4: number;
  readonly prefixes6: number;
  /** A prefix is heard at one to three of these. */
  readonly sites: number;
  readonly seed: number;
}

export const fullSize: TableSize = { prefixes4: 1_050_000, prefixes6: 240_000, sites: 100, seed: 6 };

export function siteNames(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `site-${String(i).padStart(4, "0")}`);
}

/** Every prefix once, each with its routes. */
export function fullBatch(size: TableSize): EventBatch {
  const random = seededRandom(size.seed);
  const log4 = new LogBook(4);
  const log6 = new LogBook(6);
  hear(
    log4,
    distinct(size.prefixes4, () => prefix4(random)),
    size,
    random,
  );
  hear(
    log6,
    distinct(size.prefixes6, () => prefix6(random)),
    size,
    random,
  );
  return { sites: siteNames(size.sites), log4: log4.read(), log6: log6.read() };
}

export function fullRoutes(size: TableSize): RouteSet {
  return after(noRoutes, fullBatch(size));
}

/** Announcements of one family; each prefix at one to three sites, with path lengths and MEDs of a few kinds. */
function hear(log: LogBook, prefixes: Iterable<IpPrefix>, { sites }: TableSize, random: Random): void {
  for (const prefix of prefixes) {
    const first = random.integer(0, sites - 1);
    const count = Math.min(sites, random.integer(1, 3));
    for (let i = 0; i < count; i++) {
      const asPathLength = Math.max(1, Math.round(2 + 2 * random.next() + 2 * random.next()));
      const med = random.next() < 0.7 ? 0 : 10 * random.integer(1, 10);
      log.append(prefix, (first + i * 7) % sites, {
        asPathLength,
        med,
        neighbourAs: 64_512 + random.integer(0, 19),
      });
    }
  }
}

function* distinct(count: number, draw: () => IpPrefix): Generator<IpPrefix> {
  const seen = new Set<number>();
  const mask = (1n << 30n) - 1n;
  for (let found = 0; found < count; ) {
    const prefix = draw();
    // A key that two prefixes share costs one of them its place and nothing else.
    const key =
      Number((prefix.value >> 98n) & mask) * 2 ** 22 +
      Number((prefix.value >> (prefix.family === 4 ? 8n : 76n)) & 0x3fffffn) +
      prefix.length / 256;
    const own = prefix.family === 4 ? Number(prefix.value) * 64 + prefix.length : key;
    if (seen.has(own)) continue;
    seen.add(own);
    found++;
    yield prefix;
  }
}

function prefix4(random: Random): IpPrefix {
  const value = BigInt(random.integer(0x0100_0000, 0xdfff_ffff));
  return prefixOf({ family: 4, value }, drawn(lengths4, random));
}

/** Inside one of some 30 000 blocks of /32, so that subnets have neighbours. */
function prefix6(random: Random): IpPrefix {
  const [base, bits] = blocks6[random.integer(0, blocks6.length - 1)] ?? blocks6[0];
  const block = BigInt(Math.floor(5_000 * random.next() ** 2));
  const inside = (block << 96n) * (bits === 16 ? 1n : 32n);
  const low =
    (BigInt(random.integer(0, 0xffff)) << 80n) |
    (BigInt(random.integer(0, 0xffff)) << 64n) |
    BigInt(random.integer(0, 0xffff));
  return prefixOf({ family: 6, value: base | inside | low }, drawn(lengths6, random));
}

function drawn(shares: readonly (readonly [number, number])[], random: Random): number {
  let left = random.next() * 1000;
  for (const [length, share] of shares) {
    left -= share;
    if (left < 0) return length;
  }
  return shares.at(-1)?.[0] ?? 0;
}
