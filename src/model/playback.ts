// What is kept of a viewer's playing. Folded from beacons by qoe, stored by data, joined by control.
import type { Beacon, PlayState } from "./beacon.ts";

export interface PlaySession {
  readonly id: string;
  readonly accountId: string;
  readonly profileId: string;
  readonly titleId: string;
  /** Fencing number, per account: grows with every play start. */
  readonly generation: number;
  readonly viewpoint: string;
  readonly startedAtMs: number;
  /** Site that was ranked first at the start; absent where it was not known. */
  readonly region?: string;
  /** "AS64500": the neighbour that the site reaches the viewer by; absent where it was not known. */
  readonly network?: string;
  /** "Firefox on Linux"; absent where it was not known. */
  readonly device?: string;
}

/** What the beacons of a session add up to. */
export interface SessionSummary {
  readonly sessionId: string;
  readonly lastSeenMs: number;
  readonly lastSeq: number;
  readonly state: PlayState;
  readonly positionMs: number;
  readonly startupMs: number;
  readonly stallCount: number;
  readonly stallMs: number;
  readonly switchCount: number;
  readonly bitrateBps: number;
  readonly height: number;
  readonly applianceId: string;
}

export interface Bookmark {
  readonly profileId: string;
  readonly titleId: string;
  readonly ord: number;
  readonly positionMs: number;
  readonly durationMs: number;
  /** True once the viewer reached the end: nothing to resume. */
  readonly finished: boolean;
}

/** One play of a title, as the history of a profile lists it. */
export interface PlayRecord {
  readonly profileId: string;
  readonly titleId: string;
  /** Of the session. */
  readonly generation: number;
  /** Of the latest beacon. */
  readonly ord: number;
  /** Of the session: the same in every record of one play. */
  readonly startedAtMs: number;
  readonly lastSeenMs: number;
  readonly positionMs: number;
}

/** One durable record: a beacon as it came in, with the moment it was received. */
export interface LoggedBeacon {
  readonly receivedMs: number;
  /** When its request was sent, by the clock of `madeMs`. Absent: its player does not say. */
  readonly sentMs?: number | undefined;
  /**
   * For how many beacons of its kind this one stands, when only some were kept; 0: it is there for the resume point alone. Absent: 1.
   */
  readonly weight?: number | undefined;
  readonly beacon: Beacon;
}
