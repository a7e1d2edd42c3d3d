// What a player says about itself. Written by the player, read by qoe and control.

export type PlayState =
  | "start"
  | "playing"
  | "paused"
  | "seeking"
  | "stalled"
  | "ended"
  | "failed"
  | "closed";

/** One telemetry event. `ord = gen·2^24 + seq` orders a viewer's events without any clock. */
export interface Beacon {
  readonly sessionId: string;
  /** Starts at 1 and grows by 1 with each event of the session. */
  readonly seq: number;
  readonly state: PlayState;
  readonly positionMs: number;
  readonly durationMs: number;
  readonly bufferMs: number;
  readonly bitrateBps: number;
  readonly height: number;
  readonly throughputBps: number;
  readonly stallCount: number;
  readonly stallMs: number;
  readonly switchCount: number;
  readonly startupMs: number;
  readonly applianceId: string;
  /** The ABR rule's words for its last decision. */
  readonly because: string;
  /** When it was made, by the player's own clock that never jumps. Absent: its player does not say. */
  readonly madeMs?: number | undefined;
}

/** Order of all events of one account. Source: control-telemetry research §3.1. Exact below 2^53: gen < 2^29. */
export function ord(generation: number, seq: number): number {
  return generation * 2 ** 24 + seq;
}
