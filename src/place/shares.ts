// Dividing a total among boxes in proportion, with a cap for each.

/**
 * Amounts in proportion to `weights` that sum to `total`, none above its cap: what one would exceed, the others take.
 *
 * Where every weighted one is at its cap, the sum stays below the total.
 */
export function shareOut(
  total: number,
  weights: readonly number[],
  caps: number | readonly number[],
): number[] {
  const capOf = (i: number): number => (typeof caps === "number" ? caps : (caps[i] ?? 0));
  const amounts = weights.map(() => 0);
  let open = weights.flatMap((weight, i) => (weight > 0 ? [i] : []));
  let left = total;
  while (open.length > 0) {
    const sum = open.reduce((acc, i) => acc + (weights[i] ?? 0), 0);
    const part = (i: number): number => (left * (weights[i] ?? 0)) / sum;
    const over = open.filter((i) => part(i) > capOf(i));
    if (over.length === 0) {
      for (const i of open) amounts[i] = part(i);
      return amounts;
    }
    const within = open.filter((i) => part(i) <= capOf(i));
    for (const i of over) {
      amounts[i] = capOf(i);
      left -= capOf(i);
    }
    open = within;
  }
  return amounts;
}

/** The same numbers scaled to sum 1; all zero when there is nothing to scale. */
export function normalised(values: readonly number[]): number[] {
  const sum = total(values);
  return values.map((value) => (sum > 0 ? value / sum : 0));
}

export interface Targets {
  /** t'ᵢ, sums to 1. */
  readonly traffic: readonly number[];
  /** The most that a box may be given, as a share of the same traffic. */
  readonly caps: readonly number[];
}

/**
 * Traffic targets for files that only some boxes hold: as near to storage as each box's throughput allows, so that
 * popular and tail files need to be kept apart as little as possible.
 *
 * t'ᵢ = min(capᵢ, c·s'ᵢ) with c such that they sum to 1,  capᵢ = ρ·tᵢ ÷ (1 − H)
 *
 * H is the share of traffic of files that every box holds; steering splits it freely. Source: placement research §1.4,
 * which gives what a slow box cannot carry to the others by their slack. By their storage, as here, the steepest t'/s'
 * is the least possible: no other targets under the same caps leave more cutoffs open.
 */
export function trafficTargets(order: {
  readonly storage: readonly number[];
  readonly throughput: readonly number[];
  readonly headTraffic: number;
  readonly carry: number;
}): Targets {
  const { storage, headTraffic } = order;
  const throughput = order.throughput.map((t, i) => ((storage[i] ?? 0) > 0 ? t : 0));
  if (headTraffic >= 1) return { traffic: [...storage], caps: storage.map(() => 1) };
  const scale = order.carry / (1 - headTraffic);
  const caps = throughput.map((t) => t * scale);
  if (total(caps) <= 1) return { traffic: normalised(throughput), caps: normalised(throughput) };
  if (storage.every((s, i) => s <= (caps[i] ?? 0))) return { traffic: [...storage], caps };
  return { traffic: shareOut(1, storage, caps), caps };
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
