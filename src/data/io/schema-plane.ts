// Which control plane is the active one. Moments are the database's wall time.

export interface PlaneSchema {
  /** One row. */
  plane_hold: {
    id: "active";
    /** Rises with each take-over. */
    epoch: number;
    /** A name by chance; empty: the hold is free. */
    holder: string;
    host: string;
    pid: number;
    /** The process as its own machine knows it, or empty: see #io/living.ts. */
    process: string;
    /** A digest of the keys that it works with. */
    secrets: string;
    /** Heartbeats of this epoch. */
    beats: number;
    since_ms: number;
    /** Of the last heartbeat; the hold is over `life_ms` after it. */
    beat_ms: number;
    life_ms: number;
  };
}
