// What is known of every appliance from its own reports: alive, well, full, and which files it verified.
import type { StoredTitle } from "#data/ports.ts";
import type { PlacementPlan } from "#model/placement.ts";
import type { ApplianceReport } from "#wire/appliance.ts";
import type { OpsAppliances } from "#wire/ops.ts";
import { type BoxHealth, type Gate, healthOf, newGate, observe } from "./box-health.ts";
import type { Peer } from "./desired.ts";
import { type Network, originId, originOf, type PlacedAppliance } from "./network.ts";

export interface Box {
  readonly report: ApplianceReport;
  readonly verified: ReadonlySet<string>;
  readonly lastSeenMs: number;
  readonly gate: Gate;
}

export interface Fleet {
  readonly boxes: ReadonlyMap<string, Box>;
  /** Appliances that an operator took out of new plays. */
  readonly drained: ReadonlySet<string>;
}

export const emptyFleet: Fleet = { boxes: new Map(), drained: new Set() };

/** One report folded in. Files are believed only when the catalogue knows them. */
export function reported(
  fleet: Fleet,
  appliance: PlacedAppliance,
  order: {
    readonly report: ApplianceReport;
    readonly titles: readonly StoredTitle[];
    readonly nowMs: number;
  },
): Fleet {
  const { report, nowMs } = order;
  const before = fleet.boxes.get(appliance.id);
  const known = new Set(
    order.titles.flatMap((title) =>
      title.package.renditions.map((rendition) => `${title.id}/${rendition.id}`),
    ),
  );
  const box: Box = {
    report,
    verified: new Set(report.verified.filter((id) => known.has(id))),
    lastSeenMs: nowMs,
    gate: observe(before?.gate ?? newGate(), appliance, report, nowMs),
  };
  return { ...fleet, boxes: new Map(fleet.boxes).set(appliance.id, box) };
}

export function drain(fleet: Fleet, applianceId: string, wish: "drain" | "undrain"): Fleet {
  const drained = new Set(fleet.drained);
  if (wish === "drain") drained.add(applianceId);
  else drained.delete(applianceId);
  return { ...fleet, drained };
}

export function healthIn(fleet: Fleet, appliance: PlacedAppliance, nowMs: number): BoxHealth {
  return healthOf(fleet.boxes.get(appliance.id), fleet.drained.has(appliance.id), nowMs);
}

/** Where viewers and peers reach a source: where its agent says, else where the sites file says. */
export function baseUrlOf(fleet: Fleet, network: Network, sourceId: string): string {
  if (sourceId === originId) return network.originBaseUrl;
  const said = fleet.boxes.get(sourceId)?.report.baseUrl;
  const origin = said === undefined ? undefined : originOf(said);
  return origin ?? network.appliances.get(sourceId)?.baseUrl ?? network.originBaseUrl;
}

export function holds(fleet: Fleet, sourceId: string, fileId: string): boolean {
  return sourceId === originId || fleet.boxes.get(sourceId)?.verified.has(fileId) === true;
}

/** Boxes that others may fetch from. */
export function healthyPeers(fleet: Fleet, network: Network, nowMs: number): readonly Peer[] {
  return [...network.appliances.values()]
    .filter((appliance) => healthIn(fleet, appliance, nowMs).health === "healthy")
    .map((appliance) => ({
      id: appliance.id,
      siteId: appliance.siteId,
      baseUrl: baseUrlOf(fleet, network, appliance.id),
      verified: fleet.boxes.get(appliance.id)?.verified ?? new Set(),
    }));
}

export function opsAppliancesOf(order: {
  readonly fleet: Fleet;
  readonly network: Network;
  readonly plan: PlacementPlan | undefined;
  readonly nowMs: number;
}): OpsAppliances {
  const { fleet, network, plan, nowMs } = order;
  const appliances = [...network.appliances.values()].map((appliance) => {
    const box = fleet.boxes.get(appliance.id);
    const { health, because } = healthIn(fleet, appliance, nowMs);
    const wanted = (plan?.assignment ?? []).filter((file) => file.serverIds.includes(appliance.id));
    return {
      id: appliance.id,
      siteId: appliance.siteId,
      siteName: appliance.site.name,
      role: appliance.role,
      storageBytes: appliance.storage,
      throughputBps: appliance.throughput,
      health,
      because,
      lastSeenMs: box?.lastSeenMs ?? null,
      report: box === undefined ? null : withoutFiles(box.report),
      verifiedFiles: box?.verified.size ?? 0,
      wantedFiles: wanted.length,
    };
  });
  return { appliances, originBaseUrl: network.originBaseUrl };
}

function withoutFiles({ verified, ...rest }: ApplianceReport): Omit<ApplianceReport, "verified"> {
  return rest;
}
