// How much an operator may lose on purpose.
import type { SettingsTable } from "#config/setting.ts";

export const drillSettings = {
  drillSeconds: {
    kind: "number",
    name: "MILLRACE_DRILL_SECONDS",
    unit: "s",
    min: 1,
    max: 3600,
    default: 600,
    sentence:
      "How long an appliance may be drained, killed or without a prefix in a drill, which then ends by itself; an order may ask for less.",
  },
  drillsAtOnce: {
    kind: "number",
    name: "MILLRACE_DRILLS_AT_ONCE",
    unit: "drills",
    min: 0,
    max: 100,
    default: 1,
    sentence: "Drills that may run at the same time, each on another appliance; 0 allows none.",
  },
} as const satisfies SettingsTable;
