// What is known of every appliance from its own reports: alive, well, full, and which files it verified.
import { defaultsOf } from "#config/setting.ts";
import type { PlacementPlan } from "#model/placement.ts";
import { openGate, type PlayersGate, verdictOf } from "#qoe/player-gate.ts";
import { type Health, type HealthState, step, unheard } from "#steer/health.ts";
import type { SteerSettings } from "#steer/settings.ts";
import { unitInterval } from "#units/hash.ts";
import { type Milliseconds, milliseconds } from "#units/quantity.ts";
import { type ApplianceReport, reportJitterPercent } from "#wire/appliance.ts";
import type { OpsAppliances } from "#wire/ops.ts";
import { type Admission, type AdmissionRule, admissionOf, tellOnly } from "./admission.ts";
import type { Catalogue } from "./catalogue.ts";
import type { Tonight } from "./filling.ts";
import { type Network, originId, originOf, type PlacedAppliance } from "./network.ts";
import { type PlayersRule, playersRule } from "./players-rule.ts";
import { qoeSettings } from "./settings-qoe.ts";

/** Now, on both clocks: durations are measured on one, people read the other. */
export interface Moment {
  readonly wallMs: Milliseconds;
  readonly monoMs: Milliseconds;
}

export interface Box {
  readonly report: ApplianceReport;
  readonly verified: ReadonlySet<string>;
  readonly lastSeenMs: number;
  readonly gate: HealthState;
  /** Starts of the agent before this one, the last few: none of them may speak again. */
  readonly formerBoots: readonly string[];
}

const rememberedBoots = 8;

export interface Fleet {
  readonly boxes: ReadonlyMap<string, Box>;
  /** Appliances that an operator took out of new plays. */
  readonly drained: ReadonlySet<string>;
  /** Appliances that a drill takes out of new plays, each until its end. */
  readonly drilled: ReadonlyMap<string, { readonly id: string; readonly endsAtMs: number }>;
  readonly settings: SteerSettings;
  readonly admission: AdmissionRule;
  /** What players say of appliances, and how it is judged. */
  readonly players: { readonly gate: PlayersGate; readonly rule: PlayersRule };
}

export function emptyFleet(
  settings: SteerSettings,
  admission: AdmissionRule = tellOnly,
  rule: PlayersRule = playersRule(defaultsOf(qoeSettings)),
): Fleet {
  return {
    boxes: new Map(),
    drained: new Set(),
    drilled: new Map(),
    settings,
    admission,
    players: { gate: openGate, rule },
  };
}

/** One report folded in. Files are believed only when the catalogue knows them. */
export function reported(
  fleet: Fleet,
  appliance: PlacedAppliance,
  order: {
    readonly report: ApplianceReport;
    readonly catalogue: Pick<Catalogue, "files">;
    readonly now: Moment;
    /** Between reports, as this control plane names it. */
    readonly interval: Milliseconds;
  },
): Fleet {
  const { report, now } = order;
  const event = heardFrom(appliance, report, order.interval);
  const before = fleet.boxes.get(appliance.id);
  const box: Box = {
    report,
    verified: new Set(report.verified.filter((id) => order.catalogue.files.has(id))),
    lastSeenMs: now.wallMs,
    gate: step(before?.gate ?? unheard, event, now.monoMs, fleet.settings),
    formerBoots: formerBoots(before, report.bootId),
  };
  return { ...fleet, boxes: new Map(fleet.boxes).set(appliance.id, box) };
}

function formerBoots(before: Box | undefined, bootId: string): readonly string[] {
  if (before === undefined || before.report.bootId === bootId) return before?.formerBoots ?? [];
  const others = before.formerBoots.filter((former) => former !== bootId);
  return [...others, before.report.bootId].slice(-rememberedBoots);
}

/**
 * The agent that speaks for this appliance now, when the report comes from an earlier one that is not gone: two agents
 * share an id. Believing both in turn would send viewers to one box for what the other verified.
 */
export function rivalOf(
  fleet: Fleet,
  appliance: PlacedAppliance,
  report: ApplianceReport,
  now: Moment,
): ApplianceReport | undefined {
  const box = fleet.boxes.get(appliance.id);
  if (box === undefined || !box.formerBoots.includes(report.bootId)) return undefined;
  return healthIn(fleet, appliance, now).health === "silent" ? undefined : box.report;
}

/** What players say now. Tells whom it closed and opened. */
export function heardPlayers(
  fleet: Fleet,
  gate: PlayersGate,
): { readonly fleet: Fleet; readonly closed: readonly string[]; readonly opened: readonly string[] } {
  const before = fleet.players.gate.closed;
  return {
    fleet: { ...fleet, players: { ...fleet.players, gate } },
    closed: Object.keys(gate.closed).filter((id) => before[id]?.sinceMs !== gate.closed[id]?.sinceMs),
    opened: Object.keys(before).filter((id) => !Object.hasOwn(gate.closed, id)),
  };
}

export function drain(fleet: Fleet, applianceId: string, wish: "drain" | "undrain"): Fleet {
  const drained = new Set(fleet.drained);
  if (wish === "drain") drained.add(applianceId);
  else drained.delete(applianceId);
  return { ...fleet, drained };
}

export function healthIn(
  fleet: Fleet,
  appliance: PlacedAppliance,
  now: Moment,
): { readonly health: Health; readonly because: string } {
  const gate = fleet.boxes.get(appliance.id)?.gate ?? unheard;
  const { health, because } = step(gate, { kind: "tick" }, now.monoMs, fleet.settings);
  if (health !== "healthy") return { health, because };
  if (fleet.drained.has(appliance.id)) {
    return { health: "draining", because: "An operator took it out of new plays." };
  }
  const drill = fleet.drilled.get(appliance.id);
  if (drill !== undefined && now.wallMs < drill.endsAtMs) {
    const left = Math.ceil((drill.endsAtMs - now.wallMs) / 1000);
    return { health: "draining", because: `Drill ${drill.id} takes it out of new plays for ${left} s more.` };
  }
  const admission = admissionIn(fleet, appliance, now);
  const isOut = fleet.admission.kind === "require" && admission.verdict !== "passed";
  if (isOut) return { health: "unadmitted", because: admission.because };
  return degradedIn(fleet, appliance.id, now) ?? { health, because };
}

function degradedIn(
  { players: { gate, rule } }: Fleet,
  applianceId: string,
  { wallMs }: Moment,
): { readonly health: Health; readonly because: string } | undefined {
  const verdict = verdictOf(gate, applianceId, wallMs, rule);
  if (verdict.kind === "well") return undefined;
  const left = Math.ceil((verdict.untilMs - wallMs) / 1000);
  const next =
    verdict.kind === "resting"
      ? `No new plays for ${left} s.`
      : `${rule.probePercent} % of new plays may go there to see, for ${left} s at most.`;
  return { health: "degraded", because: `${verdict.because} ${next}` };
}

/** Whether this session is one of the few that are let in to see how a degraded appliance does. */
export function isProbe(
  { players: { gate, rule } }: Fleet,
  { applianceId, sessionKey }: { readonly applianceId: string; readonly sessionKey: string },
  { wallMs }: Moment,
): boolean {
  if (verdictOf(gate, applianceId, wallMs, rule).kind !== "probing") return false;
  return 100 * unitInterval(`${applianceId} probe ${sessionKey}`) < rule.probePercent;
}

function admissionIn(fleet: Fleet, appliance: Pick<PlacedAppliance, "id">, now: Moment): Admission {
  const check = fleet.boxes.get(appliance.id)?.report.check;
  return admissionOf(check, now.wallMs, fleet.admission);
}

/** An appliance says when its next report is due; that it lives for longer than control asked for is not its to say. */
function heardFrom(
  appliance: PlacedAppliance,
  report: ApplianceReport,
  interval: Milliseconds,
): Parameters<typeof step>[1] {
  const { nginx, trouble, draining, load, nextReportMs } = report;
  const latest = (interval * (100 + reportJitterPercent)) / 100;
  const due = nextReportMs === undefined ? undefined : milliseconds(Math.min(nextReportMs, latest));
  const share = load.bitsPerSecond / appliance.throughput;
  return { kind: "report", report: { nginx, trouble, draining, load: share, due } };
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

export function opsAppliancesOf(order: {
  readonly fleet: Fleet;
  readonly network: Network;
  readonly plan: PlacementPlan | undefined;
  readonly tonight: (applianceId: string) => Tonight | undefined;
  readonly now: Moment;
}): OpsAppliances {
  const { fleet, network, plan, tonight, now } = order;
  const wanted = new Map<string, number>();
  for (const id of (plan?.assignment ?? []).flatMap(({ serverIds }) => serverIds)) {
    wanted.set(id, (wanted.get(id) ?? 0) + 1);
  }
  const appliances = [...network.appliances.values()].map((appliance) => {
    const box = fleet.boxes.get(appliance.id);
    const { health, because } = healthIn(fleet, appliance, now);
    return {
      id: appliance.id,
      siteId: appliance.siteId,
      siteName: appliance.site.name,
      role: appliance.role,
      storageBytes: appliance.storage,
      throughputBps: appliance.throughput,
      health,
      because,
      admission: {
        ...admissionIn(fleet, appliance, now),
        isRequired: fleet.admission.kind === "require",
      },
      lastSeenMs: box?.lastSeenMs ?? null,
      report: box === undefined ? null : withoutFiles(box.report),
      verifiedFiles: box?.verified.size ?? 0,
      wantedFiles: wanted.get(appliance.id) ?? 0,
      tonight: tonight(appliance.id),
    };
  });
  return { appliances, originBaseUrl: network.originBaseUrl };
}

function withoutFiles({
  verified,
  events,
  ...rest
}: ApplianceReport): Omit<ApplianceReport, "verified" | "events"> {
  return rest;
}
