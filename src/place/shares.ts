// Dividing a total among boxes in proportion, with a cap for each.

/**
 * Amounts in proportion to `weights` that sum to `total`, none above `cap`: what one would exceed, the others take.
 *
 * Where every weighted one is at its cap, the sum stays below the total.
 */
export function shareOut(total: number, weights: readonly number[], cap: number): number[] {
  const amounts = weights.map(() => 0);
  const open = new Set(weights.flatMap((weight, i) => (weight > 0 ? [i] : [])));
  let left = total;
  while (open.size > 0) {
    const sum = [...open].reduce((acc, i) => acc + (weights[i] ?? 0), 0);
    const over = [...open].filter((i) => (left * (weights[i] ?? 0)) / sum > cap);
    if (over.length === 0) {
      for (const i of open) amounts[i] = (left * (weights[i] ?? 0)) / sum;
      return amounts;
    }
    for (const i of over) {
      amounts[i] = cap;
      open.delete(i);
      left -= cap;
    }
  }
  return amounts;
}

/** The same numbers scaled to sum 1; all zero when there is nothing to scale. */
export function normalised(values: readonly number[]): number[] {
  const sum = total(values);
  return values.map((value) => (sum > 0 ? value / sum : 0));
}

/**
 * Traffic targets for files that only some boxes hold: as near to storage as each box's throughput allows, so that
 * popular and tail files need to be kept apart as little as possible. What a slow box cannot carry goes to the slack
 * of the others.
 *
 * t'ᵢ = min(s'ᵢ, capᵢ) + deficit · slackᵢ ÷ Σslack,  capᵢ = ρ·tᵢ ÷ (1 − H)
 *
 * H is the share of traffic of files that every box holds; steering splits it freely. Source: placement research §1.4.
 */
export function trafficTargets(order: {
  readonly storage: readonly number[];
  readonly throughput: readonly number[];
  readonly headTraffic: number;
  readonly carry: number;
}): number[] {
  const { storage, headTraffic } = order;
  const throughput = order.throughput.map((t, i) => ((storage[i] ?? 0) > 0 ? t : 0));
  if (headTraffic >= 1) return [...storage];
  const scale = order.carry / (1 - headTraffic);
  if (total(throughput) * scale <= 1) return normalised(throughput);
  const caps = throughput.map((t) => t * scale);
  const base = storage.map((s, i) => Math.min(s, caps[i] ?? 0));
  const slack = caps.map((cap, i) => cap - (base[i] ?? 0));
  const deficit = 1 - total(base);
  if (deficit <= 1e-12) return [...storage];
  return base.map((t, i) => t + (deficit * (slack[i] ?? 0)) / total(slack));
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
