// How fast the network carries: two exponentially weighted means over transfer time, the lower of which counts.
// Source: the dual estimator of Shaka, hls.js and Sabre (half-lives 3 s and 8 s), with the time to the first byte
// kept apart, so that latency is not mistaken for a slow network.

const fastHalfLifeMs = 3000;
const slowHalfLifeMs = 8000;
/** Smaller bodies measure latency and slow start, not the network. 16 kB. */
const smallestBits = 128_000;
/** Clocks in browsers are too coarse for less: a shorter transfer counts as this long, which underestimates. */
const shortestMs = 5;

/** One transfer that came to its end. */
export interface Sample {
  /** All bits that arrived, of every concurrent transfer, between first and last byte. */
  readonly bits: number;
  /** From request to last byte. */
  readonly ms: number;
  /** From request to first byte. */
  readonly ttfbMs: number;
  /** What the bytes say about the network: nothing, when they came from a cache, were cut short or the page slept. */
  readonly origin: "network" | "cache" | "cut-short" | "asleep";
}

/** `raw` has a bias towards 0 that `weightMs` takes out again. */
interface Ewma {
  readonly raw: number;
  readonly weightMs: number;
}

export interface Estimator {
  readonly fast: Ewma;
  readonly slow: Ewma;
  readonly fastLatency: Ewma;
  readonly slowLatency: Ewma;
  readonly samples: number;
}

const empty: Ewma = { raw: 0, weightMs: 0 };

export function newEstimator(): Estimator {
  return { fast: empty, slow: empty, fastLatency: empty, slowLatency: empty, samples: 0 };
}

/** One transfer folded in, or the same estimator when the transfer says nothing. */
export function observe(estimator: Estimator, sample: Sample): Estimator {
  if (sample.origin !== "network" || !(sample.bits > 0) || !Number.isFinite(sample.ms)) return estimator;
  if (sample.bits < smallestBits && estimator.samples > 0) return estimator;
  const ttfb = Math.max(0, sample.ttfbMs);
  const body = Math.max(shortestMs, sample.ms - ttfb);
  const kbps = sample.bits / body;
  return {
    fast: fold(estimator.fast, kbps, body, fastHalfLifeMs),
    slow: fold(estimator.slow, kbps, body, slowHalfLifeMs),
    fastLatency: fold(estimator.fastLatency, ttfb, body, fastHalfLifeMs),
    slowLatency: fold(estimator.slowLatency, ttfb, body, slowHalfLifeMs),
    samples: estimator.samples + 1,
  };
}

/**
 * Anew at the rate that a request saw which was given up because of it: the older, faster samples are what it disproved. What is
 * known of latency stays.
 */
export function brokeDown(estimator: Estimator, kbps: number, overMs: number): Estimator {
  if (!(kbps > 0) || !(overMs > 0)) return estimator;
  const { fast, slow } = newEstimator();
  return {
    ...estimator,
    fast: fold(fast, kbps, overMs, fastHalfLifeMs),
    slow: fold(slow, kbps, overMs, slowHalfLifeMs),
    samples: estimator.samples + 1,
  };
}

/** The cautious one of the two means; undefined until something was measured. */
export function estimateKbps(estimator: Estimator): number | undefined {
  if (estimator.samples === 0) return undefined;
  return Math.min(meanOf(estimator.fast, fastHalfLifeMs), meanOf(estimator.slow, slowHalfLifeMs));
}

/** The cautious one of the two means of the time to the first byte; 0 until something was measured. */
export function estimateLatencyMs(estimator: Estimator): number {
  if (estimator.samples === 0) return 0;
  return Math.max(
    meanOf(estimator.fastLatency, fastHalfLifeMs),
    meanOf(estimator.slowLatency, slowHalfLifeMs),
  );
}

/** raw' = α·raw + (1 − α)·x,  α = 2^(−lasted / halfLife) */
function fold(ewma: Ewma, x: number, lastedMs: number, halfLifeMs: number): Ewma {
  const alpha = 2 ** (-lastedMs / halfLifeMs);
  return { raw: alpha * ewma.raw + (1 - alpha) * x, weightMs: ewma.weightMs + lastedMs };
}

/** raw / (1 − 2^(−Σ lasted / halfLife)) */
function meanOf(ewma: Ewma, halfLifeMs: number): number {
  if (ewma.weightMs === 0) return 0;
  return ewma.raw / (1 - 2 ** (-ewma.weightMs / halfLifeMs));
}
