// The fill as an agent opens it: its settings as limits, and its events as lines of the log.
import type { FillEvent, FillLimits } from "#edge/fill-state.ts";
import { strengthOf } from "#io/signed-path.ts";
import { bitsPerSecond, bytesPerSecond, milliseconds } from "#units/quantity.ts";
import type { AgentOrder } from "./agent.ts";
import { Fill, type FillOrder, type FillWindowReport } from "./fill.ts";
import { openGate } from "./rate-gate.ts";

export type FillHooks = Pick<FillOrder, "disk" | "signal" | "onChange" | "onDisk" | "onQuarantine" | "load">;

export function openFill(order: AgentOrder, hooks: FillHooks): Fill {
  const { id, tools, settings, clock, log } = order;
  return new Fill({
    applianceId: id,
    limits: fillLimits(order),
    strength: strengthOf(tools.nginxSetMisc),
    gate: openGate(bytesPerSecond(settings.fillBps / 8), settings.fillParallel),
    stallMs: settings.fillStallMs,
    floor: bytesPerSecond(settings.fillFloorBps / 8),
    clock,
    ...hooks,
    onEvent: (event) => tell(log, event),
    onWindow: (window) =>
      log.info({ ...told(window) }, window.isOpen ? "fill window open" : "fill window closed"),
  });
}

function fillLimits({ budget, settings }: AgentOrder): FillLimits {
  return {
    budget,
    fetches: settings.fillParallel,
    checks: settings.checkParallel,
    retryMin: milliseconds(settings.retryMinMs),
    retryMax: milliseconds(settings.retryMaxMs),
    cap: bitsPerSecond(settings.fillBps),
    throughput: bitsPerSecond(settings.throughputBps),
    limitShare: settings.urgentLimitPercent / 100,
    window: settings.fillWindow === "always" ? "always" : "plan",
  };
}

function tell(log: AgentOrder["log"], event: FillEvent): void {
  const isOrdered = event.kind === "failed" && event.why === "cancelled";
  if (isOrdered) log.trace(event, "fill");
  else if (event.kind === "failed" || event.kind === "broke" || event.kind === "full")
    log.warn(event, "fill: a step failed");
  else if (event.kind === "quarantined") log.error(event, "fill: a corrupt file was set aside");
  else log.trace(event, "fill");
}

function told({ changesAtMs }: FillWindowReport): { readonly until?: string } {
  return changesAtMs === undefined ? {} : { until: new Date(changesAtMs).toISOString() };
}
