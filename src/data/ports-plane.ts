// The right to be the one active control plane of a database: a row that its holder renews by heartbeats.

/** A holder as others see it. Moments are the database's wall time. */
export interface PlaneHolder {
  readonly epoch: number;
  readonly holder: string;
  readonly host: string;
  readonly pid: number;
  readonly process: string;
  readonly secrets: string;
  readonly beats: number;
  readonly sinceMs: number;
  readonly beatMs: number;
  readonly lifeMs: number;
}

/** What was seen, and the database's time when it was. An empty `holder`: the hold is free. */
export interface HoldSeen extends PlaneHolder {
  readonly nowMs: number;
}

export type Claimant = Pick<PlaneHolder, "holder" | "host" | "pid" | "process" | "secrets" | "lifeMs">;

export interface HoldStore {
  look(): Promise<HoldSeen>;
  /** Only if nothing happened to it since it was seen. Its epoch; undefined: somebody was quicker. */
  take(seen: PlaneHolder, claimant: Claimant): Promise<number | undefined>;
  /** Makes the hold last anew. False: it is another's by now. */
  beat(mine: Pick<PlaneHolder, "epoch" | "holder">, lifeMs: number): Promise<boolean>;
  /** Frees it at once, if it is still mine. */
  release(mine: Pick<PlaneHolder, "epoch" | "holder">): Promise<void>;
}

/** The hold of the plane that is active here. */
export interface PlaneHold {
  readonly epoch: number;
  /** False as soon as another plane may have it: then nothing is to be answered. It asks this machine's clocks only. */
  isSure(): boolean;
  /** Aborts with the Fault plane-hold-lost. */
  readonly lost: AbortSignal;
  /** Gives it back at once. Never rejects: a database that is away cannot be told. */
  release(): Promise<void>;
}
