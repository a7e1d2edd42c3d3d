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
}

/** By family and first octet: the few that have to be looked at. */
const blocks: Readonly<Record<Family, readonly (readonly Block[])[]>> = { 4: byOctet(4), 6: byOctet(6) };

function byOctet(family: Family): readonly (readonly Block[])[] {
  const own = specialNetworks.flatMap(({ prefix: text }) => {
    const reading = readPrefix(text);
    assert(reading.kind === "prefix", `${text} is a prefix`);
    const { value, length, family: its } = reading.prefix;
    // 64:ff9b::/96 is the one that is longer than the two words that are compared: its first 64 bits stand for it.
    return its === family ? [blockOf(value, bitsOf(family), Math.min(length, 64))] : [];
  });
  return Array.from({ length: 256 }, (_, octet) =>
    own.filter(({ words, masks }) => (octet & (masks[0] >>> 24)) === words[0] >>> 24),
  );
}

function blockOf(value: bigint, bits: number, length: number): Block {
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
    const what = whatIs(view, at, limits);
    if (what === undefined) continue;
    for (const site of rowSites.subarray(starts[at] ?? 0, starts[at + 1] ?? 0)) {
      const book = books[site]?.get(what) ?? { count: 0, examples: [] };
      books[site]?.set(what, book);
      book.count++;
      if (book.examples.length < exampleCount) book.examples.push(view.text(at));
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
): What | undefined {
  const family = at < count4 ? 4 : 6;
  const length = lengths[at] ?? 0;
  if (length === 0) return "default-route";
  const [first, second] = [words[4 * at] ?? 0, words[4 * at + 1] ?? 0];
  const isInside = (block: Block): boolean =>
    length >= block.length &&
    (first & block.masks[0]) >>> 0 === block.words[0] &&
    (second & block.masks[1]) >>> 0 === block.words[1];
  if (blocks[family][first >>> 24]?.some(isInside) === true) return "special";
  if (length < limits[family].shortest) return "too-short";
  return length > limits[family].longest ? "too-long" : undefined;
}
