import type { SettingsTable, Values } from "#config/setting.ts";

/** When an appliance is taken out of rankings, and when it comes back. */
export const steerSettings = {
  silentSeconds: {
    kind: "number",
    name: "MILLRACE_STEER_SILENT_SECONDS",
    unit: "s",
    min: 1,
    max: 3600,
    default: 6,
    sentence: "An appliance that has not reported for this long gets no new viewers; reports come every 2 s.",
  },
  overloadPercent: {
    kind: "number",
    name: "MILLRACE_STEER_OVERLOAD_PERCENT",
    unit: "% of throughput",
    min: 10,
    max: 100,
    default: 95,
    sentence: "A report with more load than this counts towards taking the appliance out.",
  },
  overloadReports: {
    kind: "number",
    name: "MILLRACE_STEER_OVERLOAD_REPORTS",
    unit: "reports",
    min: 1,
    max: 100,
    default: 3,
    sentence: "This many overloaded reports in a row take an appliance out.",
  },
  recoverPercent: {
    kind: "number",
    name: "MILLRACE_STEER_RECOVER_PERCENT",
    unit: "% of throughput",
    min: 1,
    max: 100,
    default: 85,
    sentence: "A report with less load than this, nginx up, counts towards taking the appliance back.",
  },
  recoverReports: {
    kind: "number",
    name: "MILLRACE_STEER_RECOVER_REPORTS",
    unit: "reports",
    min: 1,
    max: 100,
    default: 6,
    sentence: "This many calm reports in a row bring an appliance back.",
  },
  ttlSeconds: {
    kind: "number",
    name: "MILLRACE_STEER_TTL_SECONDS",
    unit: "s",
    min: 1,
    max: 3600,
    default: 300,
    sentence:
      "How soon players of others ask again where to fetch from, while every appliance of theirs is well.",
  },
  degradedTtlSeconds: {
    kind: "number",
    name: "MILLRACE_STEER_DEGRADED_TTL_SECONDS",
    unit: "s",
    min: 1,
    max: 3600,
    default: 60,
    sentence: "The same, while an appliance that would be offered is not well.",
  },
  incidentTtlSeconds: {
    kind: "number",
    name: "MILLRACE_STEER_INCIDENT_TTL_SECONDS",
    unit: "s",
    min: 1,
    max: 3600,
    default: 20,
    sentence: "The same, while no appliance is well, or the one that the player uses is not.",
  },
  pathways: {
    kind: "number",
    name: "MILLRACE_STEER_PATHWAYS",
    unit: "appliances",
    min: 1,
    max: 8,
    default: 3,
    sentence: "So many appliances are named to players of others, besides the origin.",
  },
} as const satisfies SettingsTable;

export type SteerSettings = Values<typeof steerSettings>;
