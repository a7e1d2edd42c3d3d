// What a listener does not want to hear: networks that no viewer has, prefixes too long or too short to mean anything,
// routes that went through ourselves. Source: RFC 6890 and its IANA registries; RFC 9637 (3fff::/20); RFC 7454 §6.

import { assert } from "#units/assert.ts";
import { readPrefix } from "./address.ts";
import { firstAs, holdsAs } from "./as-path.ts";
import type { Family } from "./family.ts";
import { type HeardPrefix, heardPrefix, setPrefix } from "./nlri.ts";
import type { PathAttributes } from "./path-attributes.ts";

export type Rejection =
  | "default-route"
  | "bogon"
  | "too-short"
  | "too-long"
  | "own-as"
  | "first-as"
  | "too-many-paths";

export interface LengthLimits {
  readonly shortest: number;
  readonly longest: number;
}

/** What operators let through between each other (RFC 7454 §6.1.3); a viewer's route is not finer. */
export const acceptedLengths: Readonly<Record<Family, LengthLimits>> = {
  4: { shortest: 8, longest: 24 },
  6: { shortest: 16, longest: 48 },
};

export interface RouteFilter {
  readonly localAs: number;
  readonly peerAs: number;
  /** Off for a route server, which does not put itself into the path (RFC 7947 §2.2.2). */
  readonly isFirstAsChecked: boolean;
  /** Private, documentation and benchmark networks count as any other: for a laboratory. */
  readonly allowsPrivate: boolean;
  readonly allowsDefaultRoute: boolean;
  readonly lengths: Readonly<Record<Family, LengthLimits>>;
}

/** Networks that are never a viewer's. */
const never = [
  ...[
    "0.0.0.0/8",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "192.0.0.0/24",
    "192.88.99.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
  ],
  ...["::/8", "64:ff9b:1::/48", "100::/64", "2001::/23", "2002::/16", "5f00::/16"],
  ...["fe80::/10", "fec0::/10", "ff00::/8"],
];

/** Networks that are a viewer's in a laboratory only. */
const laboratory = [
  ...["10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16", "192.0.2.0/24", "198.18.0.0/15"],
  ...["198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32", "3fff::/20", "fc00::/7"],
];

interface Block {
  readonly family: Family;
  readonly words: readonly [number, number];
  readonly masks: readonly [number, number];
  readonly length: number;
  readonly isLaboratory: boolean;
}

const blocks: readonly Block[] = [
  ...never.map((text) => blockOf(text, false)),
  ...laboratory.map((text) => blockOf(text, true)),
];

/** By family and first octet: the few blocks that have to be looked at. */
const blocksBy: Readonly<Record<Family, readonly (readonly Block[])[]>> = {
  4: Array.from({ length: 256 }, (_, octet) => blocksAt(4, octet)),
  6: Array.from({ length: 256 }, (_, octet) => blocksAt(6, octet)),
};

function blockOf(text: string, isLaboratory: boolean): Block {
  const reading = readPrefix(text);
  assert(reading.kind === "prefix" && reading.prefix.length <= 64, `${text} is a block of the first 64 bits`);
  const { family, length, words } = setPrefix(heardPrefix(), reading.prefix);
  const mask = (bits: number): number =>
    bits >= 32 ? 0xffffffff : bits <= 0 ? 0 : (-1 << (32 - bits)) >>> 0;
  const masks = [mask(length), mask(length - 32)] as const;
  return { family, words: [words[0] ?? 0, family === 4 ? 0 : (words[1] ?? 0)], masks, length, isLaboratory };
}

function blocksAt(family: Family, octet: number): readonly Block[] {
  return blocks.filter((block) => {
    const mask = block.masks[0] >>> 24;
    return block.family === family && (octet & mask) === block.words[0] >>> 24;
  });
}

/** Why a prefix is not wanted, whatever its path; undefined when it is. */
export function rejectPrefix(heard: HeardPrefix, filter: RouteFilter): Rejection | undefined {
  const { family, length } = heard;
  if (length === 0) return filter.allowsDefaultRoute ? undefined : "default-route";
  const limits = filter.lengths[family];
  if (length < limits.shortest) return "too-short";
  if (length > limits.longest) return "too-long";
  const [first = 0, second = 0] = heard.words;
  for (const block of blocksBy[family][first >>> 24] ?? []) {
    if (block.isLaboratory && filter.allowsPrivate) continue;
    const isInside =
      length >= block.length &&
      (first & block.masks[0]) >>> 0 === block.words[0] &&
      (family === 4 || (second & block.masks[1]) >>> 0 === block.words[1]);
    if (isInside) return "bogon";
  }
  return undefined;
}

/** Why a path is not wanted, whatever its prefix; undefined when it is. */
export function rejectPath(
  attributes: PathAttributes,
  filter: RouteFilter,
  isExternal: boolean,
): Rejection | undefined {
  const path = attributes.asPath ?? [];
  if (holdsAs(path, filter.localAs)) return "own-as";
  if (isExternal && filter.isFirstAsChecked && firstAs(path) !== filter.peerAs) return "first-as";
  return undefined;
}
