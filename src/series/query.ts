// Which series a query means, by their tags.
import { isMatch, type Pattern } from "./pattern.ts";
import type { Tags } from "./tags.ts";

export type Query =
  | { readonly kind: "true" }
  | { readonly kind: "has"; readonly tag: string }
  | { readonly kind: "eq"; readonly tag: string; readonly value: string }
  | { readonly kind: "in"; readonly tag: string; readonly values: ReadonlySet<string> }
  | { readonly kind: "re"; readonly tag: string; readonly pattern: Pattern }
  | { readonly kind: "and" | "or"; readonly left: Query; readonly right: Query; readonly size: number }
  | { readonly kind: "not"; readonly of: Query; readonly size: number };

/** Of a value's characters: what a pattern is thought to look at. */
const usualLength = 8;

/** Leaves and joints of the whole tree, a pattern by its steps: what one look at a series may cost. */
export function sizeOf(query: Query): number {
  if (query.kind === "re") return query.pattern.program.length * usualLength;
  return "size" in query ? query.size : 1;
}

/** Asked for a tag that is absent, everything but `not` says no. */
export function matches(query: Query, tags: Tags): boolean {
  switch (query.kind) {
    case "true":
      return true;
    case "has":
      return tags.has(query.tag);
    case "eq":
      return tags.get(query.tag) === query.value;
    case "in":
      return query.values.has(tags.get(query.tag) ?? "") && tags.has(query.tag);
    case "re": {
      const value = tags.get(query.tag);
      return value !== undefined && isMatch(query.pattern, value);
    }
    case "and":
      return matches(query.left, tags) && matches(query.right, tags);
    case "or":
      return matches(query.left, tags) || matches(query.right, tags);
    case "not":
      return !matches(query.of, tags);
  }
}

/** Tags that every series of the query has with this very value. */
export function exactTags(query: Query): Tags {
  if (query.kind === "eq") return new Map([[query.tag, query.value]]);
  if (query.kind !== "and") return new Map();
  return new Map([...exactTags(query.left), ...exactTags(query.right)]);
}
