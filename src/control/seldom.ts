// Work that keeps requests waiting, done again only when it must be, and never more than a small part of the time.
import type { Clock } from "#units/clock.ts";

export interface SeldomOrder<Facts, Result> {
  readonly clock: Pick<Clock, "monoMs">;
  readonly compute: (facts: Facts) => Result;
  /** `same`: the last result is right. `stale`: it was right a moment ago. `other`: it is wrong. */
  readonly compare: (last: Facts, now: Facts) => "same" | "stale" | "other";
}

/** One part in so many of the time goes into it. Chosen by us. */
const restShare = 20;

/** The result for the facts; for stale ones the last result, until twenty times as long has passed as that took. */
export function seldom<Facts, Result>(order: SeldomOrder<Facts, Result>): (facts: Facts) => Result {
  const { clock, compute, compare } = order;
  let last: { readonly facts: Facts; readonly result: Result; readonly restsUntilMs: number } | undefined;
  return (facts) => {
    const begunMs = clock.monoMs();
    if (last !== undefined) {
      const found = compare(last.facts, facts);
      if (found === "same" || (found === "stale" && begunMs < last.restsUntilMs)) return last.result;
    }
    const result = compute(facts);
    const endedMs = clock.monoMs();
    last = { facts, result, restsUntilMs: endedMs + restShare * (endedMs - begunMs) };
    return result;
  };
}
