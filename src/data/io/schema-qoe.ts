// The stream job's tables. Moments are milliseconds since 1970, by the clock that received the beacons.

interface LabelColumns {
  appliance: string;
  network: string;
  title: string;
  device: string;
}

interface FigureColumns {
  events: number;
  plays: number;
  starts: number;
  startup_ms: number;
  start_failures: number;
  exits: number;
  failures: number;
  play_ms: number;
  stall_ms: number;
  stalls: number;
  switches: number;
  played_bits: number;
  height_ms: number;
  responses: number;
  bad_responses: number;
}

export interface QoeSchema {
  /** `position` and `state` are JSON, never looked into by the database. */
  qoe_job: { name: string; position: string; state: string };
  /** `part` is JSON as well; none is ever changed. */
  qoe_job_part: { name: string; id: number; part: string };
  qoe_window: {
    job: string;
    division: string;
    size_ms: number;
    start_ms: number;
    startup_buckets: string;
    estimates: number;
  } & LabelColumns &
    FigureColumns;
  qoe_watching: {
    job: string;
    division: string;
    size_ms: number;
    start_ms: number;
    appliance: string;
    title: string;
    watched_ms: number;
    at_end: number;
  };
  qoe_session: {
    job: string;
    session_id: string;
    source: string;
    start_ms: number;
    end_ms: number;
    site: string;
    outcome: string;
    codec: string;
    rule: string;
  } & LabelColumns &
    FigureColumns;
  qoe_correction: {
    job: string;
    at_ms: number;
    session_id: string;
    source: string;
    seq: number;
    session_start_ms: number;
    startup_buckets: string;
    estimates: number;
  } & LabelColumns &
    FigureColumns;
  qoe_miss: {
    job: string;
    start_ms: number;
    site: string;
    late: string;
    all_bytes: number;
    offloaded_bytes: number;
    best_bytes: number;
    content_bytes: number;
    health_bytes: number;
    capacity_bytes: number;
    other_bytes: number;
    unjoined_bytes: number;
  };
}
