// Lines that are computed from what came before each point.

/** How many of the last `window` points are neither zero nor without data. */
export function rollingCount(values: Float64Array, window: number): Float64Array {
  let count = 0;
  const isCounted = (at: number): number => {
    const value = values[at] ?? 0;
    return at >= 0 && value !== 0 && !Number.isNaN(value) ? 1 : 0;
  };
  return values.map((_value, at) => {
    count += isCounted(at) - isCounted(at - window);
    return count;
  });
}

/** The mean of the data among the last `window` points, if there are `least` of them. */
export function rollingMean(
  values: Float64Array,
  { window, least }: { readonly window: number; readonly least: number },
): Float64Array {
  return values.map((_value, at) => {
    const known = values.subarray(Math.max(0, at + 1 - window), at + 1).filter((one) => !Number.isNaN(one));
    return known.length < least ? Number.NaN : known.reduce((sum, one) => sum + one, 0) / known.length;
  });
}

export interface Smoothing {
  /** Points with data before the first prediction. */
  readonly training: number;
  readonly alpha: number;
  readonly beta: number;
}

/**
 * What was to be expected at each point, from those before it: double exponential smoothing.
 *
 *   s' = α·y + (1 − α)(s + b),   b' = β(s' − s) + (1 − β)·b;   the prediction is s, as it was before y
 *
 * A point without data changes neither. Source: Atlas, "Double Exponential Smoothing"; NIST/SEMATECH e-Handbook §6.4.3.3.
 */
export function smoothed(values: Float64Array, { training, alpha, beta }: Smoothing): Float64Array {
  let [seen, level, trend] = [0, Number.NaN, 0];
  return values.map((value) => {
    const predicted = seen >= training ? level : Number.NaN;
    if (Number.isNaN(value)) return predicted;
    const before = level;
    level = seen === 0 ? value : alpha * value + (1 - alpha) * (before + trend);
    trend = seen === 0 ? 0 : beta * (level - before) + (1 - beta) * trend;
    seen += 1;
    return predicted;
  });
}
