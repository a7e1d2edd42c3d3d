// Who goes first: the higher priority, then the older, and nobody waits without end.
//
// Both are one number, so that a database finds the next one by an index: a step of priority counts as `agingMs` of waiting.
// A job of priority p is passed only by those of priority q > p that were queued less than (q − p) · agingMs after it. With
// ten priorities nothing that comes more than 9 · agingMs later can pass anything.

export const mostPriority = 9;

export function rankOf(queuedAtMs: number, priority: number, agingMs: number): number {
  return queuedAtMs - priority * agingMs;
}

/**
 * How long the next try waits: doubled each time, at most `mostMs`; `chance` in [0, 1) takes up to half of it away, so that
 * what failed together is not tried together.
 */
export function retryDelay(attempt: number, firstMs: number, mostMs: number, chance: number): number {
  const whole = Math.min(mostMs, firstMs * 2 ** Math.min(Math.max(0, attempt - 1), 40));
  return Math.round(whole * (1 - chance / 2));
}
