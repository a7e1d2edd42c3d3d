// The Grafana dashboard of the data tier.
import { type Dashboard, percentiles, rate } from "./dashboard-panels.ts";

export const dataTier: Dashboard = {
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
          title: "Second copies",
          sentence: "Of films: masters and titles that wait for theirs, and tries that failed.",
          unit: "short",
          lines: {
            behind: "millrace_archive_behind_copies",
            "failures a second": `sum(${rate("millrace_archive_failures_total")})`,
          },
        },
        {
          title: "Blobs of second copies",
          sentence: "Copied, and cleared of packages that were replaced long ago.",
          unit: "ops",
          lines: { "{{what}}": `sum by (what) (${rate("millrace_archive_blobs_total")})` },
        },
        {
          title: "Bytes to second copies",
          sentence: "What their store takes.",
          unit: "bytes",
          lines: { "bytes a second": `sum(${rate("millrace_archive_copied_bytes_total")})` },
        },
        {
          title: "Work done again",
          sentence: "What the database undid for the sake of other work.",
          unit: "ops",
          lines: { retries: `sum(${rate("millrace_database_retries_total")})` },
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
