// What the Grafana dashboards show, as tables of panels.

export interface Panel {
  readonly title: string;
  /** What it is good for, in a sentence. */
  readonly sentence: string;
  readonly unit: "s" | "percentunit" | "bps" | "bytes" | "reqps" | "ops" | "short";
  /** PromQL by the words that name its lines. */
  readonly lines: Readonly<Record<string, string>>;
}

interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
}

export interface Dashboard {
  readonly title: string;
  readonly sentence: string;
  readonly rows: readonly Row[];
}

const rate = (what: string): string => `rate(${what}[$__rate_interval])`;

/** Percentiles of a histogram, from its buckets added up. */
function percentiles(name: string, by = ""): Readonly<Record<string, string>> {
  const tags = by === "" ? "le" : `le, ${by}`;
  const legend = by === "" ? "" : `{{${by}}} `;
  const of = (share: number): string =>
    `histogram_quantile(${share}, sum by (${tags}) (${rate(`${name}_bucket`)}))`;
  return { [`${legend}half`]: of(0.5), [`${legend}95 %`]: of(0.95), [`${legend}99 %`]: of(0.99) };
}

const overview: Dashboard = {
  title: "Millrace overview",
  sentence: "Whether people watch, and how it is for them; then what the control plane has to carry.",
  rows: [
    {
      title: "Watching",
      panels: [
        {
          title: "Play starts",
          sentence:
            "Plays that began a second, by the source that was ranked first. A fall against the same hour yesterday is the first sign of most troubles.",
          unit: "ops",
          lines: {
            "{{source}}": `sum by (source) (${rate("millrace_play_starts_total")})`,
            yesterday: "sum(rate(millrace_play_starts_total[$__rate_interval] offset 1d))",
          },
        },
        {
          title: "Start-up",
          sentence: "Time from the wish to play to the first picture, as players measured it.",
          unit: "s",
          lines: percentiles("millrace_startup_seconds"),
        },
        {
          title: "Rebuffering",
          sentence: "Share of the time that players stood still, of the time that they watched.",
          unit: "percentunit",
          lines: {
            "stood still": `sum(${rate("millrace_stalled_seconds_total")}) / (sum(${rate("millrace_stalled_seconds_total")}) + sum(${rate("millrace_played_seconds_total")}))`,
          },
        },
        {
          title: "Stalls",
          sentence: "How often players ran dry, for each hour of film that was played.",
          unit: "short",
          lines: {
            "an hour": `3600 * sum(${rate("millrace_stalls_total")}) / sum(${rate("millrace_played_seconds_total")})`,
          },
        },
        {
          title: "Failures",
          sentence: "Players that gave up, before their picture or in play.",
          unit: "ops",
          lines: { "{{when}}": `sum by (when) (${rate("millrace_play_failures_total")})` },
        },
        {
          title: "Refused screens",
          sentence: "Plays and beats without a screen, by why.",
          unit: "ops",
          lines: { "{{because}}": `sum by (because) (${rate("millrace_lease_refusals_total")})` },
        },
        {
          title: "Licences",
          sentence: "Licences for encrypted films: granted, or why not.",
          unit: "ops",
          lines: { "{{result}}": `sum by (result) (${rate("millrace_licence_requests_total")})` },
        },
      ],
    },
    {
      title: "Control plane",
      panels: [
        {
          title: "Requests",
          sentence: "Answers a second, by status.",
          unit: "reqps",
          lines: {
            "{{status}}": `sum by (status) (${rate("millrace_http_request_duration_seconds_count")})`,
          },
        },
        {
          title: "Time to answer",
          sentence: "All routes together; ask /v1/ops/series by route for more.",
          unit: "s",
          lines: percentiles("millrace_http_request_duration_seconds"),
        },
        {
          title: "Overload",
          sentence: "From calm (0) to full (1), and how late the event loop is.",
          unit: "short",
          lines: {
            overload: "millrace_overload_ratio",
            "event loop, s": "millrace_event_loop_delay_seconds",
          },
        },
        {
          title: "Sent away",
          sentence:
            "Requests that were not looked at because there was too much to do, the least important class first.",
          unit: "reqps",
          lines: { "{{class}}": `sum by (class) (${rate("millrace_shed_requests_total")})` },
        },
        {
          title: "Event log behind",
          sentence: "Records on disk that are not in resume points yet; it should return to nearly none.",
          unit: "short",
          lines: { records: "millrace_consumer_lag_records" },
        },
        {
          title: "Sign-ins",
          sentence: "By how they ended; many wrong ones are somebody who guesses.",
          unit: "ops",
          lines: { "{{result}}": `sum by (result) (${rate("millrace_sign_ins_total")})` },
        },
      ],
    },
  ],
};

const delivery: Dashboard = {
  title: "Millrace delivery",
  sentence: "Appliances: who is well, what they send, what they hold, and how players find them.",
  rows: [
    {
      title: "Appliances",
      panels: [
        {
          title: "Health",
          sentence: "Appliances of the sites file by health.",
          unit: "short",
          lines: { "{{health}}": "millrace_appliances" },
        },
        {
          title: "Sent",
          sentence: "What each appliance sends to viewers, by its last report.",
          unit: "bps",
          lines: { "{{appliance}}": "millrace_appliance_sent_bits_per_second" },
        },
        {
          title: "Connections",
          sentence: "Open connections of each appliance's nginx.",
          unit: "short",
          lines: { "{{appliance}}": "millrace_appliance_connections" },
        },
        {
          title: "Disk",
          sentence: "Share of its budget that each appliance holds.",
          unit: "percentunit",
          lines: {
            "{{appliance}}":
              "millrace_appliance_disk_used_bytes / on (appliance) millrace_appliance_disk_budget_bytes",
          },
        },
        {
          title: "To be filled",
          sentence: "Files that each appliance has yet to fetch; they should be none when its window ends.",
          unit: "short",
          lines: { "{{appliance}}": "millrace_appliance_fill_queued_files" },
        },
        {
          title: "Placement plan",
          sentence: "Number of the plan in force; it changes at each planning that had news.",
          unit: "short",
          lines: { epoch: "millrace_placement_epoch" },
        },
      ],
    },
    {
      title: "As players see it",
      panels: [
        {
          title: "First byte",
          sentence: "Time to the first byte of media by source, as players measured it (CMCD).",
          unit: "s",
          lines: percentiles("millrace_cmcd_first_byte_seconds", "source"),
        },
        {
          title: "Throughput of other players",
          sentence: "As players that we steer measured it, by source; half of them had more.",
          unit: "bps",
          lines: {
            "{{source}}": `histogram_quantile(0.5, sum by (le, source) (${rate("millrace_content_steering_throughput_bits_per_second_bucket")}))`,
          },
        },
        {
          title: "Plays by source",
          sentence: "Share of plays whose first source is the origin: what appliances should have held.",
          unit: "percentunit",
          lines: {
            origin: `sum(${rate('millrace_play_starts_total{source="origin"}')}) / sum(${rate("millrace_play_starts_total")})`,
          },
        },
        {
          title: "Steering answers",
          sentence: "Answers to players that are not ours, by what they were told.",
          unit: "ops",
          lines: { "{{state}}": `sum by (state) (${rate("millrace_content_steering_answers_total")})` },
        },
        {
          title: "CMCD events",
          sentence: "By kind; errors (e) should stay far below the rest.",
          unit: "ops",
          lines: {
            "{{event}}": `sum by (event) (${rate("millrace_cmcd_events_total")})`,
            starved: `sum(${rate("millrace_cmcd_starved_events_total")})`,
          },
        },
      ],
    },
  ],
};

const dataTier: Dashboard = {
  title: "Millrace data tier",
  sentence: "The event log, what is folded from it, and what is lost on the way.",
  rows: [
    {
      title: "Event log",
      panels: [
        {
          title: "Beacons",
          sentence: "By what became of them; failed ones come again.",
          unit: "ops",
          lines: { "{{result}}": `sum by (result) (${rate("millrace_beacons_total")})` },
        },
        {
          title: "Flush to the disk",
          sentence: "fdatasync; every acknowledged beacon waited for one.",
          unit: "s",
          lines: percentiles("millrace_log_sync_seconds"),
        },
        {
          title: "Log on disk",
          sentence: "What the event log holds, read or not.",
          unit: "bytes",
          lines: { held: "millrace_log_bytes" },
        },
        {
          title: "Behind",
          sentence: "Records that are not folded into resume points yet.",
          unit: "short",
          lines: { records: "millrace_consumer_lag_records" },
        },
        {
          title: "Folded",
          sentence: "Records by what became of them.",
          unit: "ops",
          lines: { "{{result}}": `sum by (result) (${rate("millrace_consumed_records_total")})` },
        },
        {
          title: "Lost",
          sentence: "What was not kept, by class; each should be none.",
          unit: "ops",
          lines: { "{{class}}": `sum by (class) (${rate("millrace_lost_total")})` },
        },
      ],
    },
    {
      title: "When the log fills",
      panels: [
        {
          title: "Fill of the event log",
          sentence: "From a half on, less is written; at 1 nothing is taken.",
          unit: "percentunit",
          lines: { fill: "millrace_event_log_fill_ratio" },
        },
        {
          title: "Events not written",
          sentence: "Of those that came, by class: what the ladder left out.",
          unit: "ops",
          lines: {
            "{{class}}": `sum by (class) (${rate('millrace_lost_total{class=~"moment|heartbeat|.*-report"}')})`,
            came: `sum(${rate("millrace_beacons_attempted_total")})`,
          },
        },
        {
          title: "Positions that wait",
          sentence: "Newest positions of sessions that are written a little later.",
          unit: "short",
          lines: { positions: "millrace_waiting_position_records" },
        },
        {
          title: "History away",
          sentence: "Whether resume points and viewing history cannot be asked: then 1.",
          unit: "short",
          lines: { away: "millrace_history_away_ratio" },
        },
        {
          title: "Kafka behind",
          sentence: "Records that Kafka has not acknowledged, and tries to ship them that failed.",
          unit: "short",
          lines: {
            records: "millrace_ship_lag_records",
            "failures a second": `sum(${rate("millrace_ship_failures_total")})`,
          },
        },
        {
          title: "Reads through the cache",
          sentence: "By what it had.",
          unit: "ops",
          lines: { "{{result}}": `sum by (result) (${rate("millrace_cache_reads_total")})` },
        },
      ],
    },
    {
      title: "The stream job",
      panels: [
        {
          title: "Records of the stream job",
          sentence: "Read, and saved with its state.",
          unit: "ops",
          lines: {
            read: `sum(${rate("millrace_qoe_read_records_total")})`,
            saved: `sum(${rate("millrace_qoe_saved_records_total")})`,
          },
        },
        {
          title: "Behind the log",
          sentence: "Records that the stream job has not read.",
          unit: "short",
          lines: { records: "millrace_qoe_lag_records" },
        },
        {
          title: "Where bytes came from",
          sentence: "From the best tier, from further away and why, and what the origin was spared.",
          unit: "percentunit",
          lines: {
            "{{why}}": `sum by (why) (${rate("millrace_served_bytes_total")}) / scalar(sum(${rate("millrace_served_bytes_total")}))`,
            offload: `sum(${rate("millrace_offloaded_bytes_total")}) / sum(${rate("millrace_served_bytes_total")})`,
          },
        },
        {
          title: "Judged by players",
          sentence: "Appliances that were closed to new plays by what players say, and opened again.",
          unit: "ops",
          lines: { changes: `sum(${rate("millrace_players_gate_changes_total")})` },
        },
      ],
    },
    {
      title: "Figures",
      panels: [
        {
          title: "Series in memory",
          sentence: "What /v1/ops/series can be asked for.",
          unit: "short",
          lines: { series: "millrace_kept_series" },
        },
        {
          title: "Pushes",
          sentence: "To the collector, by how they ended.",
          unit: "ops",
          lines: { "{{result}}": `sum by (result) (${rate("millrace_otlp_pushes_total")})` },
        },
        {
          title: "Refresh tokens",
          sentence: "Reused ones are copies: somebody signs in with what was stolen.",
          unit: "ops",
          lines: { "{{result}}": `sum by (result) (${rate("millrace_refreshes_total")})` },
        },
        {
          title: "Requests in work, at most",
          sentence: "As found from how long the database takes; it falls when the database is slow.",
          unit: "short",
          lines: { limit: "millrace_in_work_limit_requests" },
        },
      ],
    },
  ],
};

export const dashboards: Readonly<Record<string, Dashboard>> = {
  "millrace-overview": overview,
  "millrace-delivery": delivery,
  "millrace-data": dataTier,
};
