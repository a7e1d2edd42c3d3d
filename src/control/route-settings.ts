// How the control plane treats the routes that appliances tell it.
import type { SettingsTable } from "#config/setting.ts";

export const routeSettings = {
  leaseSeconds: {
    kind: "number",
    name: "MILLRACE_BGP_ROUTE_LEASE_SECONDS",
    unit: "s",
    min: 1,
    max: 86_400,
    default: 120,
    sentence:
      "How long the routes of an appliance that says nothing any more still count; another appliance of its site that hears them keeps them.",
  },
  settleMs: {
    kind: "number",
    name: "MILLRACE_BGP_SETTLE_MS",
    unit: "ms",
    min: 0,
    max: 60_000,
    default: 200,
    sentence: "How long changed routes wait for more of their kind before steering goes by them.",
  },
  settleMostMs: {
    kind: "number",
    name: "MILLRACE_BGP_SETTLE_MOST_MS",
    unit: "ms",
    min: 0,
    max: 60_000,
    default: 1000,
    sentence: "How long changed routes wait at most while more keep coming.",
  },
  keepMs: {
    kind: "number",
    name: "MILLRACE_BGP_KEEP_MS",
    unit: "ms",
    min: 10,
    max: 600_000,
    default: 1000,
    sentence:
      "How soon changed routes are written to disk, for the next start; where writing takes long, ten times as long is rested in between.",
  },
  mostRoutes: {
    kind: "number",
    name: "MILLRACE_BGP_MOST_ROUTES",
    unit: "routes",
    min: 1,
    max: 100_000_000,
    default: 3_000_000,
    sentence:
      "Routes of one appliance, over all its sessions, that are taken in; one that tells more is refused.",
  },
} as const satisfies SettingsTable;
