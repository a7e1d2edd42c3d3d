// What is a state, not a count of events, is read off when somebody looks: Prometheus, or the series at each step.
import type { Desk } from "./desk.ts";
import { noteHealth } from "./routes-network.ts";
import { appliancesNow } from "./routes-ops.ts";

export function takeStates(desk: Desk): void {
  const { meters, ports, state } = desk;
  takeShipper(desk);
  noteHealth(desk);
  meters.placementEpoch.set(state.inForce?.epoch ?? 0);
  meters.logBytes.set(ports.log.bytes());
  meters.historyAway.set(ports.stores.history.trouble() === undefined ? 0 : 1);
  const { appliances } = appliancesNow(desk);
  for (const health of ["healthy", "unhealthy", "draining", "silent", "unadmitted", "degraded"] as const) {
    meters.appliances.set({ health }, appliances.filter((box) => box.health === health).length);
  }
  takeBoxes(desk, appliances);
}

function takeShipper({ meters, events: { shipper } }: Desk): void {
  meters.shipLag.set(shipper?.lag() ?? 0);
  // The shipper counts by itself: the total is set by beginning anew.
  meters.shipFailures.reset();
  meters.shipFailures.inc(shipper?.failures() ?? 0);
}

/** A box that is not heard has no figures: its last ones would look like news. */
function takeBoxes({ meters }: Desk, appliances: ReturnType<typeof appliancesNow>["appliances"]): void {
  const gauges = [
    ...[meters.applianceSent, meters.applianceConnections, meters.applianceFillQueue],
    ...[meters.applianceDiskUsed, meters.applianceDiskBudget],
  ];
  for (const gauge of gauges) gauge.reset();
  for (const { id: appliance, health, report } of appliances) {
    if (report === null || health === "silent") continue;
    meters.applianceSent.set({ appliance }, report.load.bitsPerSecond);
    meters.applianceConnections.set({ appliance }, report.load.connections);
    meters.applianceFillQueue.set({ appliance }, report.fill.queued);
    meters.applianceDiskUsed.set({ appliance }, report.disk.usedBytes);
    meters.applianceDiskBudget.set({ appliance }, report.disk.budgetBytes);
  }
}
