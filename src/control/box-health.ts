// TEMP until steer/health.ts lands
import type { ApplianceReport } from "#wire/appliance.ts";
import type { PlacedAppliance } from "./network.ts";

export interface Gate {
  readonly hot: number;
}
export interface BoxHealth {
  readonly health: "healthy" | "unhealthy" | "draining" | "silent";
  readonly because: string;
}
export function newGate(): Gate {
  return { hot: 0 };
}
export function observe(gate: Gate, _a: PlacedAppliance, _r: ApplianceReport, _now: number): Gate {
  return gate;
}
export function healthOf(
  box: { report: ApplianceReport; lastSeenMs: number; gate: Gate } | undefined,
  drained: boolean,
  nowMs: number,
): BoxHealth {
  if (box === undefined || nowMs - box.lastSeenMs > 15000) return { health: "silent", because: "no report" };
  if (box.report.nginx !== "up") return { health: "unhealthy", because: "nginx" };
  if (drained || box.report.draining) return { health: "draining", because: "drained" };
  return { health: "healthy", because: "reports" };
}
