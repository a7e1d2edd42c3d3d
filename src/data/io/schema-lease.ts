// Screens: who holds one, and the clock that they are measured by.

export interface LeaseSchema {
  lease: {
    account_id: string;
    session_id: string;
    device_id: string;
    profile_id: string;
    title_id: string;
    generation: number;
    /** The database's wall time, for people. */
    granted_at_ms: number;
    /** By the lease clock, as every other end here. */
    expires_at_ms: number;
    ttl_ms: number;
    grace_ms: number;
  };
  /** One row. Lease clock = the database's wall time + shift. */
  lease_clock: {
    id: number;
    shift_ms: number;
    /** The latest moment at which a program found this clock to agree with its own. */
    vouched_ms: number;
    paused_until_ms: number;
  };
}
