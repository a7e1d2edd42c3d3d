// Every figure that /metrics shows: name, unit, labels and one sentence. docs and the meters come from the same rows.

import { elsewhereMetrics } from "./kept-elsewhere.ts";

interface MetricRow {
  readonly name: string;
  readonly unit: string;
  readonly labels: readonly string[];
  readonly sentence: string;
}

export interface CounterRow extends MetricRow {
  readonly kind: "counter";
}

export interface GaugeRow extends MetricRow {
  readonly kind: "gauge";
}

export interface HistogramRow extends MetricRow {
  readonly kind: "histogram";
  readonly buckets: readonly number[];
}

export const controlMetrics = {
  ...elsewhereMetrics,
  requests: {
    kind: "histogram",
    name: "millrace_http_request_duration_seconds",
    unit: "s",
    labels: ["method", "route", "status"],
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    sentence: "Time from a request's arrival to the end of its answer, by route pattern and status.",
  },
  signIns: {
    kind: "counter",
    name: "millrace_sign_ins_total",
    unit: "sign-ins",
    labels: ["result"],
    sentence: "Sign-ins by how they ended: signed-in, wrong, locked, closed.",
  },
  refreshes: {
    kind: "counter",
    name: "millrace_refreshes_total",
    unit: "refreshes",
    labels: ["result"],
    sentence: "Refresh tokens that were presented, by what came of it: rotated, repeated, reused, over.",
  },
  plays: {
    kind: "counter",
    name: "millrace_play_starts_total",
    unit: "plays",
    labels: ["source"],
    sentence: "Plays by the source that was ranked first.",
  },
  startup: {
    kind: "histogram",
    name: "millrace_startup_seconds",
    unit: "s",
    labels: [],
    buckets: [0.25, 0.5, 1, 1.5, 2, 3, 5, 10, 20],
    sentence: "Time from the wish to play to the first picture, as players measured it, one a session.",
  },
  stalls: {
    kind: "counter",
    name: "millrace_stalls_total",
    unit: "stalls",
    labels: [],
    sentence: "Times that a player stood still because its buffer was empty.",
  },
  stalled: {
    kind: "counter",
    name: "millrace_stalled_seconds_total",
    unit: "s",
    labels: [],
    sentence: "Time that players stood still because their buffer was empty.",
  },
  played: {
    kind: "counter",
    name: "millrace_played_seconds_total",
    unit: "s",
    labels: [],
    sentence:
      "Film that was played: how far positions moved between two beacons, and no further than time did, so that seeks do not count.",
  },
  failures: {
    kind: "counter",
    name: "millrace_play_failures_total",
    unit: "failures",
    labels: ["when"],
    sentence: "Players that gave up: before-picture or in-play.",
  },
  leaseRefusals: {
    kind: "counter",
    name: "millrace_lease_refusals_total",
    unit: "refusals",
    labels: ["because"],
    sentence:
      "Screens that were not given or held on: full (all are in use), none (nothing was bought), suspended, paused (after a failover), lost (another has it, or it ended).",
  },
  lost: {
    kind: "counter",
    name: "millrace_lost_total",
    unit: "items",
    labels: ["class"],
    sentence:
      "What was not kept, by class: beacon (the log did not take it; its player sends it again), moment, heartbeat, state-report, sample-report (answered as taken, and not written since the event log is more than half full, or newer words are on disk; divided by attempted, their loss), record (of the log, unreadable), decision (of steering, that the log did not take: its bytes are unjoined), reading (no room for its series), push (of figures, given up), point (of a push, that the collector did not take).",
  },
  logSync: {
    kind: "histogram",
    name: "millrace_log_sync_seconds",
    unit: "s",
    labels: [],
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1],
    sentence: "How long the event log's flushes to the disk took (fdatasync).",
  },
  logBytes: {
    kind: "gauge",
    name: "millrace_log_bytes",
    unit: "B",
    labels: [],
    sentence: "What the event log holds on disk, read or not.",
  },
  beacons: {
    kind: "counter",
    name: "millrace_beacons_total",
    unit: "beacons",
    labels: ["result"],
    sentence: "Beacons by what became of them: accepted (on disk), refused (token), failed (log).",
  },
  eventsAttempted: {
    kind: "counter",
    name: "millrace_beacons_attempted_total",
    unit: "events",
    labels: ["class"],
    sentence:
      "Beacons and CMCD reports that were answered as taken, by class: milestone, moment, heartbeat, state-report, sample-report.",
  },
  logFill: {
    kind: "gauge",
    name: "millrace_event_log_fill_ratio",
    unit: "ratio",
    labels: [],
    sentence:
      "How much of MILLRACE_LOG_TOTAL_MIB was not read yet or waits for the disk; less is written from 0.5, 0.75 and 0.9 on.",
  },
  positionsWaiting: {
    kind: "gauge",
    name: "millrace_waiting_position_records",
    unit: "records",
    labels: [],
    sentence: "Newest positions of sessions that wait to be written, because the event log is nearly full.",
  },
  cmcdEvents: {
    kind: "counter",
    name: "millrace_cmcd_events_total",
    unit: "events",
    labels: ["event"],
    sentence: "CMCD events by kind: ps (player state), e (error), t (interval), rr (response), other.",
  },
  cmcdStarved: {
    kind: "counter",
    name: "millrace_cmcd_starved_events_total",
    unit: "events",
    labels: [],
    sentence: "CMCD events whose player says that its buffer ran dry since the one before.",
  },
  cmcdFirstByte: {
    kind: "histogram",
    name: "millrace_cmcd_first_byte_seconds",
    unit: "s",
    labels: ["source"],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    sentence: "Time to the first byte of media as players measured it, by the source that they name.",
  },
  licences: {
    kind: "counter",
    name: "millrace_licence_requests_total",
    unit: "requests",
    labels: ["result"],
    sentence: "Licences that sessions with a genuine token asked for: granted, or why not.",
  },
  steers: {
    kind: "counter",
    name: "millrace_content_steering_answers_total",
    unit: "answers",
    labels: ["state"],
    sentence:
      "Answers to players of others that asked where to fetch from, by what they were told: healthy, degraded, incident, spared (asked too often), ended.",
  },
  steeredThroughput: {
    kind: "histogram",
    name: "millrace_content_steering_throughput_bits_per_second",
    unit: "bit/s",
    labels: ["source"],
    buckets: [5e5, 1e6, 2e6, 5e6, 1e7, 2e7, 5e7, 1e8, 1e9],
    sentence: "Throughput as those players measured it, by the source that they name.",
  },
  shed: {
    kind: "counter",
    name: "millrace_shed_requests_total",
    unit: "requests",
    labels: ["class"],
    sentence: "Requests sent away because there was too much to do, by class, the least important first.",
  },
  overload: {
    kind: "gauge",
    name: "millrace_overload_ratio",
    unit: "ratio",
    labels: [],
    sentence:
      "From calm (0) to full (1): the worst of event loop, its delay and requests in work, over a second.",
  },
  inWorkLimit: {
    kind: "gauge",
    name: "millrace_in_work_limit_requests",
    unit: "requests",
    labels: [],
    sentence: "Requests that may be in work at once, as found from how long they take.",
  },
  loopDelay: {
    kind: "gauge",
    name: "millrace_event_loop_delay_seconds",
    unit: "s",
    labels: [],
    sentence: "The 99th percentile of how late the event loop was, over a quarter of a second.",
  },
  consumed: {
    kind: "counter",
    name: "millrace_consumed_records_total",
    unit: "records",
    labels: ["result"],
    sentence:
      "Records of the event log by what became of them: stored, foreign (no such session), skipped (unreadable).",
  },
  cacheReads: {
    kind: "counter",
    name: "millrace_cache_reads_total",
    unit: "reads",
    labels: ["result"],
    sentence:
      "Reads through the cache by what it had: hit, miss, stale (too old, over, or not to be read), failed (of reads and writes: it did not carry them out).",
  },
  lag: {
    kind: "gauge",
    name: "millrace_consumer_lag_records",
    unit: "records",
    labels: [],
    sentence: "Records on disk that are not folded into resume points yet.",
  },
  qoe: {
    kind: "counter",
    name: "millrace_qoe_read_records_total",
    unit: "records",
    labels: ["result"],
    sentence:
      "Records of the event log that the quality figures read: taken, foreign (no such session), unreadable. Read again after a restart, they count again.",
  },
  qoeSaved: {
    kind: "counter",
    name: "millrace_qoe_saved_records_total",
    unit: "records",
    labels: ["kind"],
    sentence: "Records of quality that were saved: window, watching, session, correction, misses.",
  },
  qoeLag: {
    kind: "gauge",
    name: "millrace_qoe_lag_records",
    unit: "records",
    labels: [],
    sentence: "Records on disk that the quality figures have not read yet.",
  },
  servedBytes: {
    kind: "counter",
    name: "millrace_served_bytes_total",
    unit: "bytes",
    labels: ["why"],
    sentence:
      "Bytes that viewers were sent, counted when their minute is over: best (from the best tier), or from further away because of content (nobody there held it), health, capacity (nobody there was well, had room) or other; unjoined (whose decision is not known).",
  },
  offloadedBytes: {
    kind: "counter",
    name: "millrace_offloaded_bytes_total",
    unit: "bytes",
    labels: [],
    sentence: "Of these, bytes that the origin was spared.",
  },
  playersGate: {
    kind: "counter",
    name: "millrace_players_gate_changes_total",
    unit: "changes",
    labels: ["to"],
    sentence:
      "Appliances that were closed to new plays for what players said (closed), and opened again (open).",
  },
  shipLag: {
    kind: "gauge",
    name: "millrace_ship_lag_records",
    unit: "records",
    labels: [],
    sentence: "Records on disk that Kafka has not acknowledged; 0 where nothing is shipped.",
  },
  shipFailures: {
    kind: "counter",
    name: "millrace_ship_failures_total",
    unit: "tries",
    labels: [],
    sentence: "Tries to ship to Kafka that failed since the start.",
  },
  appliances: {
    kind: "gauge",
    name: "millrace_appliances",
    unit: "appliances",
    labels: ["health"],
    sentence:
      "Appliances of the sites file by health: healthy, unhealthy, draining, silent, unadmitted, degraded.",
  },
  applianceSent: {
    kind: "gauge",
    name: "millrace_appliance_sent_bits_per_second",
    unit: "bit/s",
    labels: ["appliance"],
    sentence: "What an appliance sends to viewers, by its last report while it is heard.",
  },
  applianceConnections: {
    kind: "gauge",
    name: "millrace_appliance_connections",
    unit: "connections",
    labels: ["appliance"],
    sentence: "Open connections of an appliance's nginx, by its last report while it is heard.",
  },
  applianceDiskUsed: {
    kind: "gauge",
    name: "millrace_appliance_disk_used_bytes",
    unit: "B",
    labels: ["appliance"],
    sentence: "What an appliance holds, by its last report while it is heard.",
  },
  applianceDiskBudget: {
    kind: "gauge",
    name: "millrace_appliance_disk_budget_bytes",
    unit: "B",
    labels: ["appliance"],
    sentence: "What an appliance may hold, by its last report while it is heard.",
  },
  applianceFillQueue: {
    kind: "gauge",
    name: "millrace_appliance_fill_queued_files",
    unit: "files",
    labels: ["appliance"],
    sentence: "Files that an appliance has yet to fetch, by its last report while it is heard.",
  },
  placementEpoch: {
    kind: "gauge",
    name: "millrace_placement_epoch",
    unit: "epoch",
    labels: [],
    sentence: "Number of the placement plan in force; 0 before the first.",
  },
  series: {
    kind: "gauge",
    name: "millrace_kept_series",
    unit: "series",
    labels: [],
    sentence: "Series that are remembered in memory.",
  },
  pushes: {
    kind: "counter",
    name: "millrace_otlp_pushes_total",
    unit: "pushes",
    labels: ["result"],
    sentence:
      "Pushes of figures to the collector by how they ended: sent, failed (tried again later), refused (for good), dropped (the queue was full).",
  },
  historyAway: {
    kind: "gauge",
    name: "millrace_history_away_ratio",
    unit: "ratio",
    labels: [],
    sentence:
      "Whether bookmarks and viewing history cannot be asked where MILLRACE_HISTORY_URL says (1): plays start without a resume point, and the consumer waits.",
  },
} as const satisfies Readonly<Record<string, CounterRow | GaugeRow | HistogramRow>>;
