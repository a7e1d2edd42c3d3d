// What is made of the times that segments took: how long a viewer would have stood still, and what the slow ones cost. Pure.

/** A segment that came whole. */
export interface Fetched {
  readonly ms: number;
  readonly bytes: number;
}

/** As a browser calls them. Source: RFC 7301's registry of protocol ids. */
export const protocolNames = { h1: "http/1.1", h2: "h2", h3: "h3" } as const;
export type Protocol = keyof typeof protocolNames;

export interface Stalled {
  readonly stallMs: number;
  readonly playedMs: number;
}

/**
 * A playback of segments that were fetched one after the other without a pause: it begins with the first segment, and stands still
 * whenever the next has not come. The buffer has no upper limit.
 */
export function playback(fetched: readonly Fetched[], bitsPerSecond: number): Stalled {
  let [arrivedMs, heldUntilMs, stallMs, playedMs] = [0, 0, 0, 0];
  for (const [i, { ms, bytes }] of fetched.entries()) {
    arrivedMs += ms;
    if (i === 0) heldUntilMs = arrivedMs;
    if (arrivedMs > heldUntilMs) {
      stallMs += arrivedMs - heldUntilMs;
      heldUntilMs = arrivedMs;
    }
    const lastsMs = ((bytes * 8) / bitsPerSecond) * 1000;
    heldUntilMs += lastsMs;
    playedMs += lastsMs;
  }
  return { stallMs, playedMs };
}

/** The smallest value that at least this share of all is not above. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

/** Of bodies, while something was fetched. */
export function megabitsPerSecond(fetched: readonly Fetched[]): number {
  const bytes = fetched.reduce((sum, one) => sum + one.bytes, 0);
  const ms = fetched.reduce((sum, one) => sum + one.ms, 0);
  return (bytes * 8) / ms / 1000;
}
