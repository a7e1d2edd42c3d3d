// A counter's readings as rates per second at step boundaries, whenever they were taken.
//
//   rate(step) = Σ rate(reading) · time that the reading covers in the step ÷ step
//
// The point stamped T is of the time from T − step to T. Source: Atlas, "Normalization"; its example has readings half a minute
// after the boundary, 4, 2, 8, 6 a second, which come to 3, 5, 7.

export interface Rate {
  readonly atMs: number;
  readonly total: number;
  /** What the step under way has gained. */
  readonly gained: number;
  /** How much of the step under way was read, ms. */
  readonly coveredMs: number;
}

export interface Point {
  readonly atMs: number;
  readonly value: number;
}

/** Steps without a reading, after which nobody knows what happened in between. */
const silentSteps = 2;

export function firstReading(atMs: number, total: number): Rate {
  return { atMs, total, gained: 0, coveredMs: 0 };
}

/**
 * The points that this reading completes. A step that was read only in part has none.
 *
 * A total below the one before is a counter that began anew at zero. After two silent steps, or when the clock was set back, it
 * begins anew as well.
 */
export function nextReading(
  before: Rate,
  { atMs, total }: { readonly atMs: number; readonly total: number },
  stepMs: number,
): { readonly rate: Rate; readonly points: readonly Point[] } {
  const lastedMs = atMs - before.atMs;
  if (lastedMs <= 0 || lastedMs > silentSteps * stepMs)
    return { rate: firstReading(atMs, total), points: [] };
  const perMs = (total < before.total ? total : total - before.total) / lastedMs;
  const points: Point[] = [];
  let { gained, coveredMs, atMs: fromMs } = before;
  while (fromMs < atMs) {
    const boundaryMs = (Math.floor(fromMs / stepMs) + 1) * stepMs;
    const untilMs = Math.min(boundaryMs, atMs);
    gained += perMs * (untilMs - fromMs);
    coveredMs += untilMs - fromMs;
    if (untilMs === boundaryMs) {
      if (coveredMs === stepMs) points.push({ atMs: boundaryMs, value: (gained * 1000) / stepMs });
      [gained, coveredMs] = [0, 0];
    }
    fromMs = untilMs;
  }
  return { rate: { atMs, total, gained, coveredMs }, points };
}

/** Timers are late, never early. */
const lateShare = 1 / 20;

/** The boundary that a gauge read at this moment stands for: the next one, or the one that has only just passed. */
export function boundaryOf(atMs: number, stepMs: number): number {
  return Math.ceil((atMs - stepMs * lateShare) / stepMs) * stepMs;
}
