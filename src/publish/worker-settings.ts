// How a worker lives on its machine.
import type { SettingsTable } from "#config/setting.ts";

export const workerSettings = {
  diskGib: {
    kind: "number",
    name: "MILLRACE_WORKER_DISK_GIB",
    unit: "GiB",
    min: 1,
    max: 1_048_576,
    default: 100,
    sentence:
      "What a worker keeps of masters and results that it does not work on now; the longest unused go first.",
  },
  deadlineSeconds: {
    kind: "number",
    name: "MILLRACE_WORKER_DEADLINE_SECONDS",
    unit: "s",
    min: 5,
    max: 600,
    default: 60,
    sentence: "How long a worker waits for the control plane to answer, or to send the next bytes.",
  },
  retryMostSeconds: {
    kind: "number",
    name: "MILLRACE_WORKER_RETRY_MOST_SECONDS",
    unit: "s",
    min: 1,
    max: 600,
    default: 30,
    sentence: "No try to reach a control plane that is away waits longer than this.",
  },
} as const satisfies SettingsTable;
