// Prefixes that a listener should not hear at all: a default route, special networks, lengths that mean nothing.
import type { Family } from "./family.ts";
import type { LengthLimits } from "./filter.ts";
import type { Lint } from "./lint.ts";
import { exampleCount, type LintView } from "./lint-view.ts";
import { specialBlock } from "./special-blocks.ts";

type What = Extract<Lint, { readonly kind: "unacceptable" }>["what"];
const kinds: readonly What[] = ["default-route", "special", "too-short", "too-long"];

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
  const special = specialBlock(family, first, second, length);
  if (special !== undefined) return { what: "special", use: special.use };
  if (length < limits[family].shortest) return { what: "too-short" };
  return length > limits[family].longest ? { what: "too-long" } : undefined;
}
