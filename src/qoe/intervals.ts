// How sure one may be of a share, of a mean, and of the difference of two. Two-sided intervals; `confidence` is in (0, 1).

export interface Interval {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

export interface Share {
  readonly hits: number;
  readonly of: number;
}

/** Mean and sample variance (divided by n − 1) of `count` values; the variance is NaN below two. */
export interface Sample {
  readonly count: number;
  readonly mean: number;
  readonly variance: number;
}

export function sampleOf(values: readonly number[]): Sample {
  const count = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (count - 1);
  return { count, mean, variance: count < 2 ? Number.NaN : variance };
}

/**
 * Wilson's score interval. Undefined without a trial.
 *
 * (p + z²/2n ± z·√(p(1−p)/n + z²/4n²)) / (1 + z²/n)
 *
 * Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927).
 */
export function wilson({ hits, of }: Share, confidence: number): Interval | undefined {
  if (of === 0) return undefined;
  const z = normalQuantile((1 + confidence) / 2);
  const p = hits / of;
  const centre = p + z ** 2 / (2 * of);
  const reach = z * Math.sqrt((p * (1 - p)) / of + z ** 2 / (4 * of ** 2));
  const scale = 1 + z ** 2 / of;
  return {
    value: p,
    low: Math.max(0, (centre - reach) / scale),
    high: Math.min(1, (centre + reach) / scale),
  };
}

/**
 * The difference a − b of two independent shares, from Wilson's interval of each.
 *
 * low = d − √((pa − la)² + (ub − pb)²),  high = d + √((ua − pa)² + (pb − lb)²)
 *
 * Source: R. G. Newcombe, "Interval estimation for the difference between independent proportions", Statistics in
 * Medicine 17 (1998), method 10.
 */
export function shareDifference(a: Share, b: Share, confidence: number): Interval | undefined {
  const [one, other] = [wilson(a, confidence), wilson(b, confidence)];
  if (one === undefined || other === undefined) return undefined;
  const value = one.value - other.value;
  return {
    value,
    low: value - Math.hypot(one.value - one.low, other.high - other.value),
    high: value + Math.hypot(one.high - one.value, other.value - other.low),
  };
}

/** Student's interval of a mean: x ± t(n − 1)·s/√n. Undefined below two values. */
export function meanInterval({ count, mean, variance }: Sample, confidence: number): Interval | undefined {
  if (count < 2) return undefined;
  const reach = studentQuantile((1 + confidence) / 2, count - 1) * Math.sqrt(variance / count);
  return { value: mean, low: mean - reach, high: mean + reach };
}

/**
 * The difference a − b of two means whose variances may differ. Undefined when either has less than two values.
 *
 * d ± t(ν)·√(va + vb),  v = s²/n,  ν = (va + vb)² / (va²/(na − 1) + vb²/(nb − 1))
 *
 * Source: B. L. Welch, "The generalization of 'Student's' problem when several different population variances are
 * involved", Biometrika 34 (1947).
 */
export function meanDifference(a: Sample, b: Sample, confidence: number): Interval | undefined {
  if (a.count < 2 || b.count < 2) return undefined;
  const [va, vb] = [a.variance / a.count, b.variance / b.count];
  const value = a.mean - b.mean;
  if (va + vb === 0) return { value, low: value, high: value };
  const freedom = (va + vb) ** 2 / (va ** 2 / (a.count - 1) + vb ** 2 / (b.count - 1));
  const reach = studentQuantile((1 + confidence) / 2, freedom) * Math.sqrt(va + vb);
  return { value, low: value - reach, high: value + reach };
}

/** Where the standard normal distribution reaches `p`, between −8 and 8. */
export function normalQuantile(p: number): number {
  return whereReached(p, normalCdf, 8);
}

/** Above so many degrees of freedom, Student's t is taken from the normal quantile with two terms of its expansion. */
const manyDegrees = 200;

/**
 * Where Student's distribution with `freedom` (at least 1, fractions allowed) reaches `p`.
 *
 * For many degrees z + (z³ + z)/4ν + (5z⁵ + 16z³ + 3z)/96ν². Source: Abramowitz and Stegun, 26.7.5.
 */
export function studentQuantile(p: number, freedom: number): number {
  if (freedom > manyDegrees) {
    const z = normalQuantile(p);
    const first = (z ** 3 + z) / (4 * freedom);
    return z + first + (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * freedom ** 2);
  }
  const whole = cosinePower(Math.PI / 2, freedom);
  const angleCdf = (angle: number): number =>
    0.5 + (Math.sign(angle) * cosinePower(Math.abs(angle), freedom)) / (2 * whole);
  return Math.sqrt(freedom) * Math.tan(whereReached(p, angleCdf, Math.PI / 2));
}

/** Source: G. Marsaglia, "Evaluating the normal distribution", Journal of Statistical Software 11 (2004). */
function normalCdf(x: number): number {
  let [sum, term] = [x, x];
  for (let odd = 3; Math.abs(term) > 1e-17 && odd < 400; odd += 2) {
    term *= x ** 2 / odd;
    sum += term;
  }
  return 0.5 + (sum * Math.exp(-(x ** 2) / 2)) / Math.sqrt(2 * Math.PI);
}

/** ∫ cos^(ν−1) from 0 to `angle`: what Student's density becomes under t = √ν·tan. Simpson's rule. */
function cosinePower(angle: number, freedom: number): number {
  const panels = 400;
  let sum = 0;
  for (let i = 0; i <= panels; i++) {
    const weight = i === 0 || i === panels ? 1 : i % 2 === 1 ? 4 : 2;
    sum += weight * Math.max(0, Math.cos((angle * i) / panels)) ** (freedom - 1);
  }
  return (sum * angle) / panels / 3;
}

function whereReached(p: number, cdf: (x: number) => number, reach: number): number {
  let [low, high] = [-reach, reach];
  for (let halving = 0; halving < 60; halving++) {
    const middle = (low + high) / 2;
    if (cdf(middle) < p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
