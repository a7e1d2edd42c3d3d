// Prefixes that a listener should not hear at all: a default route, special networks, lengths that mean nothing.
import { specialNetworks } from "#model/special-networks.ts";
import { assert } from "#units/assert.ts";
import { bitsOf, readPrefix } from "./address.ts";
import type { Family, LengthLimits, Lint } from "./lint.ts";
import { exampleCount, type LintView } from "./lint-view.ts";

type What = Extract<Lint, { readonly kind: "unacceptable" }>["what"];
const kinds: readonly What[] = ["default-route", "special", "too-short", "too-long"];

interface Block {
  /** The first 64 bits. */
  readonly words: readonly [number, number];
  readonly masks: readonly [number, number];
  readonly length: number;
  readonly use: string;
}

/** By family and first octet: the few that have to be looked at. */
const blocks: Readonly<Record<Family, readonly (readonly Block[])[]>> = { 4: byOctet(4), 6: byOctet(6) };

function byOctet(family: Family): readonly (readonly Block[])[] {
  const own = specialNetworks.flatMap(({ prefix: text, use }) => {
    const reading = readPrefix(text);
    assert(reading.kind === "prefix", `${text} is a prefix`);
    const { value, length, family: its } = reading.prefix;
    // 64:ff9b::/96 is the one that is longer than the two words that are compared: its first 64 bits stand for it.
    return its === family ? [{ ...blockOf(value, bitsOf(family), Math.min(length, 64)), use }] : [];
  });
  return Array.from({ length: 256 }, (_, octet) =>
    own.filter(({ words, masks }) => (octet & (masks[0] >>> 24)) === words[0] >>> 24),
  );
}

function blockOf(value: bigint, bits: number, length: number): Omit<Block, "use"> {
  const wide = bits === 32 ? value << 96n : value;
  const mask = (left: number): number =>
    left >= 32 ? 0xffffffff : left <= 0 ? 0 : (0xffffffff << (32 - left)) >>> 0;
  return {
    words: [Number(wide >> 96n), Number((wide >> 64n) & 0xffffffffn)],
    masks: [mask(length), mask(length - 32)],
    length,
  };
}

export function unacceptableLints(
  view: LintView,
  limits: Readonly<Record<Family, LengthLimits>>,
): readonly Lint[] {
  const { starts, rowSites, sites } = view;
  const books = sites.map(() => new Map<What, { count: number; examples: string[] }>());
  for (let at = 0; at < view.count; at++) {
    const found = whatIs(view, at, limits);
    if (found === undefined) continue;
    const { what, use } = found;
    for (const site of rowSites.subarray(starts[at] ?? 0, starts[at + 1] ?? 0)) {
      const book = books[site]?.get(what) ?? { count: 0, examples: [] };
      books[site]?.set(what, book);
      book.count++;
      if (book.examples.length < exampleCount)
        book.examples.push(use === undefined ? view.text(at) : `${view.text(at)}: ${use}`);
    }
  }
  return books.flatMap((book, site) =>
    kinds.flatMap((what): readonly Lint[] => {
      const found = book.get(what);
      return found === undefined
        ? []
        : [{ kind: "unacceptable", siteId: sites[site]?.id ?? "", what, ...found }];
    }),
  );
}

function whatIs(
  { lengths, words, count4 }: LintView,
  at: number,
  limits: Readonly<Record<Family, LengthLimits>>,
): { readonly what: What; readonly use?: string } | undefined {
  const family = at < count4 ? 4 : 6;
  const length = lengths[at] ?? 0;
  if (length === 0) return { what: "default-route" };
  const [first, second] = [words[4 * at] ?? 0, words[4 * at + 1] ?? 0];
  const isInside = (block: Block): boolean =>
    length >= block.length &&
    (first & block.masks[0]) >>> 0 === block.words[0] &&
    (second & block.masks[1]) >>> 0 === block.words[1];
  const special = blocks[family][first >>> 24]?.find(isInside);
  if (special !== undefined) return { what: "special", use: special.use };
  if (length < limits[family].shortest) return { what: "too-short" };
  return length > limits[family].longest ? { what: "too-long" } : undefined;
}
