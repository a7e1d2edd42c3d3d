// What the stream job is told of time and of its bounds.

export interface StreamSettings {
  /** A session that is silent for longer is over; it goes on in a session window of its own. */
  readonly gapMs: number;
  /** The watermark stays so far behind the latest event of a partition. */
  readonly disorderMs: number;
  /** A window waits so much longer for what is late. 0: windows come soonest, and more of them are corrected. */
  readonly latenessMs: number;
  /** A partition that is silent for so long, by the ticks, holds nobody up. */
  readonly idleMs: number;
  /** Sessions that are over are remembered for so long: their repeated events change nothing. */
  readonly rememberMs: number;
  readonly mostRemembered: number;
  /** Events that wait for their window. With more, the oldest windows end early, and what comes for them is a correction. */
  readonly mostWaiting: number;
  /** Series of one window and one way to divide it. What is beyond is added up as "other". */
  readonly mostSeries: number;
}

/** Gap, disorder, lateness and idle time: research control-telemetry §5.4. The bounds are chosen by us: what a process has room for. */
export const streamDefaults: StreamSettings = {
  gapMs: 60_000,
  disorderMs: 15_000,
  latenessMs: 120_000,
  idleMs: 30_000,
  rememberMs: 3_600_000,
  mostRemembered: 200_000,
  mostWaiting: 1_000_000,
  mostSeries: 2000,
};

/** Short windows, by which the log is worked through, and long ones, which are six of them. */
export const shortMs = 10_000;
export const longMs = 60_000;

export function windowStart(atMs: number, sizeMs: number): number {
  return Math.floor(atMs / sizeMs) * sizeMs;
}
