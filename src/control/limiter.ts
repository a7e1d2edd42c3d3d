// How many requests may be in work at once, found from how long they take: Gradient2, in windows.
//
// Every window compares its mean time with a long average. While requests take as long as they always did, the limit
// grows by the room for a short queue; when they take longer, it shrinks by as much. The limit is divided into shares that
// bind only when it is reached: below it anyone may use all of it.
//
//   g = clamp(tolerance · long / short, 1/2, 1)      L' = (1 − s) · L + s · (L · g + max(4, √L))
//
// Sources: Netflix concurrency-limits (Gradient2Limit, WindowedLimit, AbstractPartitionedLimiter), as research has them.

/** Whose turn it is when the limit is reached. */
export type Partition = "critical" | "user" | "bulk";

export const shares: Readonly<Record<Partition, number>> = { critical: 0.6, user: 0.3, bulk: 0.1 };

export interface LimitBounds {
  readonly least: number;
  readonly most: number;
}

export interface Limiter {
  readonly bounds: LimitBounds;
  /** Requests; not rounded. */
  readonly limit: number;
  /** Milliseconds: what a request takes in the long run; undefined before the first window. */
  readonly longMs: number | undefined;
  readonly window: Window;
}

interface Window {
  readonly endsAtMs: number;
  readonly count: number;
  readonly sumMs: number;
  readonly mostInWork: number;
}

export interface Sample {
  readonly tookMs: number;
  /** Requests in work when this one began, itself included. */
  readonly inWork: number;
}

const windowMs = 1000;
const leastSamples = 10;
/** What answers sooner did no work that a limit could help. */
const leastMs = 0.1;
/** Windows that the long average looks back. */
const longWindows = 600;
const tolerance = 1.5;
const smoothing = 0.2;
/** Requests that may wait: with fewer, a large limit would come back too slowly after an outage. */
const leastQueue = 4;
/** A long average that an outage pulled up comes down this much a window. */
const recovery = 0.95;

export function newLimiter(bounds: LimitBounds, nowMs: number): Limiter {
  const limit = Math.min(bounds.most, Math.max(bounds.least, 100));
  return { bounds, limit, longMs: undefined, window: emptyWindow(nowMs) };
}

function emptyWindow(nowMs: number): Window {
  return { endsAtMs: nowMs + windowMs, count: 0, sumMs: 0, mostInWork: 0 };
}

/** One request that ended. `nowMs` is of the clock that never jumps. */
export function sampled(limiter: Limiter, sample: Sample, nowMs: number): Limiter {
  const ended = nowMs >= limiter.window.endsAtMs && limiter.window.count >= leastSamples;
  const current = ended ? closed(limiter, nowMs) : limiter;
  if (sample.tookMs < leastMs) return current;
  const { window } = current;
  return {
    ...current,
    window: {
      ...window,
      count: window.count + 1,
      sumMs: window.sumMs + sample.tookMs,
      mostInWork: Math.max(window.mostInWork, sample.inWork),
    },
  };
}

function closed(limiter: Limiter, nowMs: number): Limiter {
  const { bounds, limit, window } = limiter;
  const shortMs = window.sumMs / window.count;
  const before = limiter.longMs ?? shortMs;
  const mean = before + (shortMs - before) / longWindows;
  const longMs = mean / shortMs > 2 ? mean * recovery : mean;
  const next = { ...limiter, longMs, window: emptyWindow(nowMs) };
  // Who uses less than half of what is allowed learns nothing about the rest.
  if (window.mostInWork < limit / 2) return next;
  const gradient = Math.min(1, Math.max(0.5, (tolerance * longMs) / shortMs));
  const wanted =
    (1 - smoothing) * limit + smoothing * (limit * gradient + Math.max(leastQueue, Math.sqrt(limit)));
  return { ...next, limit: Math.min(bounds.most, Math.max(bounds.least, wanted)) };
}

export type InWork = Readonly<Record<Partition, number>>;

export const noneInWork: InWork = { critical: 0, user: 0, bulk: 0 };

export function totalOf(inWork: InWork): number {
  return inWork.critical + inWork.user + inWork.bulk;
}

/** Whether one more of this partition may begin. */
export function mayBegin({ limit }: Pick<Limiter, "limit">, inWork: InWork, partition: Partition): boolean {
  if (totalOf(inWork) < Math.floor(limit)) return true;
  return inWork[partition] < Math.max(1, Math.floor(limit * shares[partition]));
}
