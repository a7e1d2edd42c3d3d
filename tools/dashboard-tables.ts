// What the Grafana dashboards show, as tables of panels.
import { dataTier } from "./dashboard-data.ts";
import { type Dashboard, percentiles, rate } from "./dashboard-panels.ts";

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

export const dashboards: Readonly<Record<string, Dashboard>> = {
  "millrace-overview": overview,
  "millrace-delivery": delivery,
  "millrace-data": dataTier,
};
