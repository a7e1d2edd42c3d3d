// What every ABR rule is told and what it answers. Units are fixed: milliseconds, bits, and kbit/s (= bits per ms).

/** The rungs a player may choose from, lowest first; `kbps` is strictly increasing. */
export interface Ladder {
  /** Measured mean rate per rung. */
  readonly kbps: readonly number[];
  readonly heights: readonly number[];
  /** How a rung is called in sentences: "540p", or "360p/0.6" where two rungs share a height. */
  readonly names: readonly string[];
  /** Rendition id per rung. */
  readonly ids: readonly string[];
}

/** What is known of every segment before it is asked for. */
export interface SegmentTable {
  readonly durationMs: readonly number[];
  /** `bits[segment][rung]`. */
  readonly bits: readonly (readonly number[])[];
  /** `vmaf[segment][rung]`; undefined when the title was scored with another metric. */
  readonly vmaf: readonly (readonly number[])[] | undefined;
}

export interface Film {
  readonly ladder: Ladder;
  readonly segments: SegmentTable;
}

/** The moment of one decision. */
export interface Context {
  /** Index of the segment that will be asked for next. */
  readonly segment: number;
  /** Playing time that lies ready, at the moment's playback rate. */
  readonly bufferMs: number;
  /** The most the player ever holds. */
  readonly maxBufferMs: number;
  /** Rung of the segment before; undefined for the first. */
  readonly lastRung: number | undefined;
  /** Undefined until something was measured. */
  readonly estimateKbps: number | undefined;
  /** From request to first byte. */
  readonly latencyMs: number;
  /** Caps of the device or of the page. */
  readonly minRung: number;
  readonly maxRung: number;
  /** Film that plays per time; 1 unless said otherwise. */
  readonly playbackRate?: number;
  /** Decisions since the start or the last seek: 0 for the first. */
  readonly sinceSeek: number;
}

/** Where the buffer map stood at a decision: what the drawer draws as bands. */
export interface RateMap {
  readonly reservoirMs: number;
  readonly topMs: number;
}

export interface Decision {
  /** What a request should be paced to, if at all. */
  readonly paceKbps?: number | undefined;
  readonly rung: number;
  /** How long to hold the request back so that the buffer never exceeds its maximum. */
  readonly waitMs: number;
  readonly map: RateMap;
  /** One sentence with the numbers that decided. */
  readonly because: string;
}
