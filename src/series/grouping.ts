// Lines that were one become several, by the values of tags; also when they were computed from more than one query.
import { binary, type Expression } from "./expression.ts";

/** The same computation for each group; a string says why there are no groups to tell apart. */
export function grouped(of: Expression, keys: readonly string[]): Expression | string {
  if (of.kind === "fold") {
    const lost = keys.filter((key) => of.of.keys?.includes(key) !== true);
    return lost.length === 0 ? { ...of, keys } : `the lines are not grouped by ${lost.join(", ")} any more`;
  }
  return regrouped(of, keys, new Map());
}

/** Each node once, however often it is named. */
function regrouped(
  of: Expression,
  keys: readonly string[],
  known: Map<Expression, Expression | string>,
): Expression | string {
  const done = known.get(of) ?? regroupedNow(of, keys, known);
  known.set(of, done);
  return done;
}

function regroupedNow(
  of: Expression,
  keys: readonly string[],
  known: Map<Expression, Expression | string>,
): Expression | string {
  switch (of.kind) {
    case "constant":
      return of;
    case "data":
      return { ...of, keys };
    case "percentiles":
      return { ...of, keys: [...keys, percentileKey] };
    case "unary": {
      const inner = regrouped(of.of, keys, known);
      return typeof inner === "string" ? inner : { ...of, of: inner, keys: inner.keys };
    }
    case "binary": {
      const [left, right] = [regrouped(of.left, keys, known), regrouped(of.right, keys, known)];
      if (typeof left === "string") return left;
      return typeof right === "string" ? right : binary(of.name, left, right);
    }
    default:
      return "wanted a query, its aggregation, or arithmetic on them; group first, then look at the lines";
  }
}

/** The tag that tells the lines of :percentiles apart. */
export const percentileKey = "percentile";

export function percentilesOf(of: Expression, percents: readonly number[]): Expression | string {
  if (of.kind !== "data" || of.aggregation !== "sum")
    return "wanted a query of a distribution, grouped or not";
  return { kind: "percentiles", query: of.query, percents, keys: [...(of.keys ?? []), percentileKey] };
}
