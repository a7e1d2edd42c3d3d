// How an appliance tells the control plane what it hears.
import type { SettingsTable } from "#config/setting.ts";

export const feedSettings = {
  aliveMs: {
    kind: "number",
    name: "MILLRACE_BGP_FEED_ALIVE_MS",
    unit: "ms",
    min: 100,
    max: 600_000,
    default: 5000,
    sentence:
      "How often an appliance whose routes do not change says so; must be well below the route lease.",
  },
  gatherMs: {
    kind: "number",
    name: "MILLRACE_BGP_FEED_GATHER_MS",
    unit: "ms",
    min: 0,
    max: 60_000,
    default: 50,
    sentence: "How long an appliance waits for more changed routes before it tells them.",
  },
  deadlineMs: {
    kind: "number",
    name: "MILLRACE_BGP_FEED_DEADLINE_MS",
    unit: "ms",
    min: 100,
    max: 600_000,
    default: 15_000,
    sentence: "How long an appliance waits for the answer to one part of its routes.",
  },
  retryMostMs: {
    kind: "number",
    name: "MILLRACE_BGP_FEED_RETRY_MOST_MS",
    unit: "ms",
    min: 100,
    max: 600_000,
    default: 5000,
    sentence: "Longest pause before routes are sent again to a control plane that does not take them.",
  },
  partKib: {
    kind: "number",
    name: "MILLRACE_BGP_FEED_PART_KIB",
    unit: "KiB",
    min: 1,
    max: 384,
    default: 64,
    sentence: "Size of one part of the routes, before its encoding.",
  },
  wholeMs: {
    kind: "number",
    name: "MILLRACE_BGP_FEED_WHOLE_MS",
    unit: "ms",
    min: 0,
    max: 3_600_000,
    default: 60_000,
    sentence:
      "How long an appliance that starts waits until every BGP neighbour has told its whole table, before it tells the control plane what there is; until then what was told before counts.",
  },
  mostWaiting: {
    kind: "number",
    name: "MILLRACE_BGP_FEED_WAITING",
    unit: "prefixes",
    min: 1,
    max: 10_000_000,
    default: 200_000,
    sentence: "Changed prefixes that may wait to be told; past it all routes are told anew.",
  },
} as const satisfies SettingsTable;
