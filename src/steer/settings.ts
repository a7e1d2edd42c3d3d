import type { SettingsTable, Values } from "#config/setting.ts";

/** When an appliance is taken out of rankings, when it comes back, and how equals are told apart. */
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
  geoFile: {
    kind: "text",
    name: "MILLRACE_STEER_GEO_FILE",
    default: "",
    secret: false,
    sentence: "A table of places, as `millrace steer geo import` makes it; empty: nobody's place is known.",
  },
  medCompare: {
    kind: "choice",
    name: "MILLRACE_STEER_MED_COMPARE",
    choices: ["always", "same-neighbour"],
    default: "always",
    sentence: "Whether MEDs are compared between all routes, or only between those of one neighbour AS.",
  },
  listLength: {
    kind: "number",
    name: "MILLRACE_STEER_LIST_LENGTH",
    unit: "appliances",
    min: 2,
    max: 64,
    default: 8,
    sentence:
      "A player gets at most this many appliances, of two sites at least where there are two, then the origin.",
  },
  boundPercent: {
    kind: "number",
    name: "MILLRACE_STEER_BOUND_PERCENT",
    unit: "% of the equals' mean",
    min: 100,
    max: 1000,
    default: 125,
    sentence:
      "Among equals, an appliance that is used more than this share of their mean use is passed over.",
  },
  boundFromPercent: {
    kind: "number",
    name: "MILLRACE_STEER_BOUND_FROM_PERCENT",
    unit: "% of throughput",
    min: 0,
    max: 100,
    default: 50,
    sentence: "An appliance that is used less than this is never passed over, however little its equals do.",
  },
} as const satisfies SettingsTable;

export type SteerSettings = Values<typeof steerSettings>;
