// Which special network a heard prefix lies in, in a few comparisons: a full table asks a million times.
import { type SpecialNetwork, specialNetworks } from "#model/special-networks.ts";
import { assert } from "#units/assert.ts";
import { readPrefix } from "./address.ts";
import type { Family } from "./family.ts";
import { heardPrefix, setPrefix } from "./nlri.ts";

interface Block {
  readonly network: SpecialNetwork;
  /** The first 64 bits. */
  readonly words: readonly [number, number];
  readonly masks: readonly [number, number];
  readonly length: number;
}

/** By family and first octet: the few that have to be looked at. */
const blocks: Readonly<Record<Family, readonly (readonly Block[])[]>> = { 4: byOctet(4), 6: byOctet(6) };

/** `first` and `second` are the first 64 bits of the prefix, the second of no meaning in IPv4. */
export function specialBlock(
  family: Family,
  first: number,
  second: number,
  length: number,
): SpecialNetwork | undefined {
  for (const block of blocks[family][first >>> 24] ?? []) {
    const isInside =
      length >= block.length &&
      (first & block.masks[0]) >>> 0 === block.words[0] &&
      (second & block.masks[1]) >>> 0 === block.words[1];
    if (isInside) return block.network;
  }
  return undefined;
}

function byOctet(family: Family): readonly (readonly Block[])[] {
  const own = specialNetworks.flatMap((network) => {
    const reading = readPrefix(network.prefix);
    assert(reading.kind === "prefix", `${network.prefix} is a prefix`);
    return reading.prefix.family === family ? [blockOf(network, reading.prefix)] : [];
  });
  return Array.from({ length: 256 }, (_, octet) =>
    own.filter(({ words, masks }) => (octet & (masks[0] >>> 24)) === words[0] >>> 24),
  );
}

function blockOf(network: SpecialNetwork, prefix: Parameters<typeof setPrefix>[1]): Block {
  const { words } = setPrefix(heardPrefix(), prefix);
  // 64:ff9b::/96 is the one that is longer than the two words that are compared: its first 64 bits stand for it.
  const length = Math.min(prefix.length, 64);
  const mask = (bits: number): number =>
    bits >= 32 ? 0xffffffff : bits <= 0 ? 0 : (-1 << (32 - bits)) >>> 0;
  return { network, words: [words[0] ?? 0, words[1] ?? 0], masks: [mask(length), mask(length - 32)], length };
}
