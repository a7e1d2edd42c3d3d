// A sum divided among weights without losing or making a unit.

/**
 * Parts of `total` in proportion to the weights, by largest remainder: they sum to `total` exactly, and each is within
 * one unit of its exact share. Of equal remainders the earlier part gets the unit.
 *
 * Source: Hamilton's method of apportionment. With 64-bit sums in between, since cents times seconds leave 53 bits.
 */
export function share(total: number, weights: readonly number[]): readonly number[] {
  const all = weights.reduce((sum, weight) => sum + BigInt(weight), 0n);
  if (all === 0n) return weights.map((_, index) => (index === 0 ? total : 0));
  const products = weights.map((weight) => BigInt(total) * BigInt(weight));
  const parts = products.map((product) => Number(product / all));
  let left = total - parts.reduce((sum, part) => sum + part, 0);
  const byRemainder = products
    .map((product, index) => ({ index, remainder: product % all }))
    .toSorted((a, b) =>
      a.remainder === b.remainder ? a.index - b.index : a.remainder > b.remainder ? -1 : 1,
    );
  for (const { index } of byRemainder) {
    if (left <= 0) break;
    parts[index] = (parts[index] ?? 0) + 1;
    left -= 1;
  }
  return parts;
}

export interface PeriodSpan {
  readonly startMs: number;
  readonly endMs: number;
}

/** The part of a period's price that belongs to the time from `nowMs` on, by whole seconds. */
export function unusedPart(priceMinor: number, period: PeriodSpan, nowMs: number): number {
  const length = Math.round((period.endMs - period.startMs) / 1000);
  const used = Math.min(length, Math.max(0, Math.floor((nowMs - period.startMs) / 1000)));
  return share(priceMinor, [used, length - used])[1] ?? 0;
}

const wholeRate = 10_000;

/** The tax that a price contains. `rate` in basis points: 1900 is 19 %. */
export function taxWithin(grossMinor: number, rate: number): number {
  return share(grossMinor, [wholeRate, rate])[1] ?? 0;
}
