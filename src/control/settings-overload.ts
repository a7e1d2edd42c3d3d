// When requests are sent away, and how many may be in work at once.
import type { SettingsTable } from "#config/setting.ts";

export const overloadSettings = {
  shedFromPerSecond: {
    kind: "number",
    name: "MILLRACE_SHED_FROM_PER_SECOND",
    unit: "requests/s",
    min: 0,
    max: 1_000_000,
    default: 200,
    sentence:
      "Below so many requests per second nobody is sent away for overload, however slow the machine is; very high turns it off.",
  },
  inWorkLeast: {
    kind: "number",
    name: "MILLRACE_IN_WORK_LEAST",
    unit: "requests",
    min: 4,
    max: 10_000,
    default: 200,
    sentence:
      "Requests that may be in work at once however slow they have become; a group of screens (MILLRACE_LEASE_GROUP_SIZE) should fit.",
  },
  inWorkMost: {
    kind: "number",
    name: "MILLRACE_IN_WORK_MOST",
    unit: "requests",
    min: 4,
    max: 100_000,
    default: 1000,
    sentence: "Requests that may be in work at once however quick they are.",
  },
} as const satisfies SettingsTable;
