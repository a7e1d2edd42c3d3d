// The estimate as Sabre makes it. It is estimator.ts with these differences, which the goldens need: every whole transfer
// counts, however small or short; latency is averaged per segment instead of per millisecond of transfer; and an
// abandoned transfer says nothing. Changed in place, since a session folds in hundreds of transfers.
// Source: Sabre's exponential average, half-lives 3 s and 8 s, the lower rate and the higher latency of the two.

export interface SimEstimator {
  /** 2^(−V / halfLife) per half-life: what one more segment leaves of a mean latency. */
  readonly latencyKept: readonly [number, number];
  fastRaw: number;
  slowRaw: number;
  fastLatencyRaw: number;
  slowLatencyRaw: number;
  weightMs: number;
  samples: number;
  kbps: number | undefined;
  latencyMs: number;
}

const fastMs = 3000;
const slowMs = 8000;

export function newSimEstimator(segmentMs: number): SimEstimator {
  return {
    latencyKept: [2 ** (-segmentMs / fastMs), 2 ** (-segmentMs / slowMs)],
    fastRaw: 0,
    slowRaw: 0,
    fastLatencyRaw: 0,
    slowLatencyRaw: 0,
    weightMs: 0,
    samples: 0,
    kbps: undefined,
    latencyMs: 0,
  };
}

/**
 * One whole transfer folded in: `bodyMs` from first to last byte.
 *
 * raw' = α·raw + (1 − α)·x,  α = 2^(−body / halfLife);  mean = raw / (1 − 2^(−Σ body / halfLife))
 */
export function observeWhole(mean: SimEstimator, bits: number, bodyMs: number, ttfbMs: number): void {
  const kbps = bits / bodyMs;
  const [fastKept, slowKept] = mean.latencyKept;
  mean.fastRaw = folded(mean.fastRaw, kbps, 2 ** (-bodyMs / fastMs));
  mean.slowRaw = folded(mean.slowRaw, kbps, 2 ** (-bodyMs / slowMs));
  mean.fastLatencyRaw = folded(mean.fastLatencyRaw, ttfbMs, fastKept);
  mean.slowLatencyRaw = folded(mean.slowLatencyRaw, ttfbMs, slowKept);
  mean.weightMs += bodyMs;
  mean.samples += 1;
  mean.kbps = Math.min(
    mean.fastRaw / (1 - 2 ** (-mean.weightMs / fastMs)),
    mean.slowRaw / (1 - 2 ** (-mean.weightMs / slowMs)),
  );
  mean.latencyMs = Math.max(
    mean.fastLatencyRaw / (1 - fastKept ** mean.samples),
    mean.slowLatencyRaw / (1 - slowKept ** mean.samples),
  );
}

function folded(raw: number, x: number, kept: number): number {
  return kept * raw + (1 - kept) * x;
}
