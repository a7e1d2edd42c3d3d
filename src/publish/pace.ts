// How fast bytes come: when a server's are waited for no longer, and how large a piece of an upload is.

export interface PaceLimits {
  readonly idleMs: number;
  readonly wholeMs: number;
  /** Over the time since the request was begun, once `graceMs` of it are over. */
  readonly leastBytesPerSecond: number;
  readonly graceMs: number;
}

export interface Pace {
  readonly sinceRequestMs: number;
  readonly sinceByteMs: number;
  /** Of this request. */
  readonly bytes: number;
  /** Of all requests for this file. */
  readonly sinceBeginMs: number;
}

/** Why the transfer is ended: it says nothing, drips, or takes too long in all. */
export function tooSlow(pace: Pace, limits: PaceLimits): "idle" | "slow" | "long" | undefined {
  if (pace.sinceBeginMs > limits.wholeMs) return "long";
  if (pace.sinceByteMs > limits.idleMs) return "idle";
  if (pace.sinceRequestMs <= limits.graceMs) return undefined;
  const least = (limits.leastBytesPerSecond * pace.sinceRequestMs) / 1000;
  return pace.bytes < least ? "slow" : undefined;
}

export const firstPiece = 4 * 2 ** 20;
const smallestPiece = 64 * 2 ** 10;
const largestPiece = 256 * 2 ** 20;
/** Short enough that little is sent twice after a cut, long enough that the asking costs nothing. */
const pieceMs = 8000;

/** Bytes of the next piece: what went in `tookMs` scaled to `pieceMs`, at most four times more and never under a quarter. */
export function nextPiece(bytes: number, tookMs: number): number {
  const wish = (bytes * pieceMs) / Math.max(1, tookMs);
  const near = Math.min(bytes * 4, Math.max(bytes / 4, wish));
  return Math.round(Math.min(largestPiece, Math.max(smallestPiece, near)));
}
