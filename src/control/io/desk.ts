// What the routes share: the ports, the topology, and the little that changes in memory between two requests.
import { setTimeout as rest } from "node:timers/promises";
import type { GeoTable } from "#bgp/geo-table.ts";
import type { Values } from "#config/setting.ts";
import { type Catalogue, catalogueOf, type PublishedTitle } from "#control/catalogue.ts";
import { denialsOnWire } from "#control/denials.ts";
import { type Numbered, numbered, wantedBy } from "#control/desired.ts";
import { brokenNow, type Laboratory } from "#control/experiments.ts";
import { controlFaults } from "#control/faults.ts";
import {
  baseUrlOf,
  type Fleet,
  healthIn,
  healthyPeers,
  holds,
  type Moment,
  reported,
  rivalOf,
} from "#control/fleet.ts";
import type { Network, PlacedAppliance } from "#control/network.ts";
import { type PlanInForce, type Replanning, replanTitles } from "#control/place-titles.ts";
import type { Reach, ViewerPlace } from "#control/play.ts";
import type { ControlPorts } from "#control/ports.ts";
import type { SignInDesk } from "#control/sign-in.ts";
import { rankFor, type SteeringOrder } from "#control/steering.ts";
import type { Log } from "#io/log.ts";
import type { Denial } from "#model/denial.ts";
import type { Ranking } from "#model/steering.ts";
import type { placeSettings } from "#place/settings.ts";
import type { Clock } from "#units/clock.ts";
import { Fault } from "#units/fault.ts";
import { milliseconds } from "#units/quantity.ts";
import type { ApplianceReport, DesiredState, ReportAnswer } from "#wire/appliance.ts";
import type { Meters } from "./meters.ts";
import type { RouteDesk } from "./route-desk.ts";

export interface Desk {
  readonly ports: ControlPorts;
  readonly placeSettings: Values<typeof placeSettings>;
  readonly routes: RouteDesk;
  readonly geography: GeoTable;
  readonly keys: DesiredState["keys"];
  readonly applianceToken: string;
  readonly logger: Log;
  readonly meters: Meters;
  readonly clock: Clock;
  readonly signIn: SignInDesk;
  readonly state: DeskState;
  /** Whoever serves without a report of its own hears of what is denied now. */
  readonly onDenials: (denials: readonly Denial[]) => void;
}

/** Rebuilt from reports and the database after a restart. */
export interface DeskState {
  network: Network;
  fleet: Fleet;
  /** As it was when a title was last published. */
  catalogue: Catalogue;
  inForce: PlanInForce | undefined;
  readonly numbers: Map<string, Numbered>;
  laboratory: Laboratory;
  denials: readonly Denial[];
  /** Replanning, one at a time. */
  planning: Promise<unknown>;
}

/** An agent's report: believed, and answered with the state its box should be in. */
export function takeReport(desk: Desk, appliance: PlacedAppliance, report: ApplianceReport): ReportAnswer {
  const { state } = desk;
  const { network } = state;
  const now = momentOf(desk);
  const rival = rivalOf(state.fleet, appliance, report, now);
  if (rival !== undefined) {
    throw new Fault(controlFaults.twoAgents, { applianceId: appliance.id, baseUrl: rival.baseUrl });
  }
  const before = healthIn(state.fleet, appliance, now);
  const interval = milliseconds(desk.ports.settings.reportIntervalMs);
  state.fleet = reported(state.fleet, appliance, { report, catalogue: state.catalogue, now, interval });
  const after = healthIn(state.fleet, appliance, now);
  if (before.health !== after.health) {
    desk.logger.info({
      appliance: appliance.id,
      from: before.health,
      to: after.health,
      because: after.because,
    });
  }
  const wanted = wantedBy({
    applianceId: appliance.id,
    siteId: appliance.siteId,
    plan: state.inForce?.plan,
    titles: [...state.catalogue.titles.values()],
    peers: healthyPeers(state.fleet, network, now),
    originBaseUrl: network.originBaseUrl,
    keys: desk.keys,
    broken: brokenOnWire(brokenNow(state.laboratory, now.wallMs)),
    denied: denialsOnWire(state.denials, now.wallMs),
  });
  const { epoch, fingerprint } = numbered(state.numbers.get(appliance.id), wanted, report.desiredEpoch);
  state.numbers.set(appliance.id, { epoch, fingerprint });
  const desired = report.desiredEpoch === epoch ? null : { epoch, ...wanted.content };
  return { desired, reportIntervalMs: interval };
}

function brokenOnWire(rule: ReturnType<typeof brokenNow>): DesiredState["broken"] {
  return rule === undefined ? undefined : { ...rule, damages: [...rule.damages] };
}

export function steer(desk: Desk, title: PublishedTitle, place: ViewerPlace, sessionKey: string): Ranking {
  return rankFor(steeringOrder(desk, title, place, sessionKey));
}

/** What a decision is made from now. */
export function steeringOrder(
  desk: Desk,
  title: PublishedTitle | undefined,
  place: ViewerPlace,
  sessionKey: string,
): SteeringOrder {
  const { routes, geography } = desk;
  const { network, fleet } = desk.state;
  return { network, table: routes.table, geography, fleet, title, place, sessionKey, now: momentOf(desk) };
}

export function momentOf(desk: Desk): Moment {
  return { wallMs: desk.clock.wallMs(), monoMs: desk.clock.monoMs() };
}

/** How the sources that are known now are reached. */
export function reachOf(desk: Desk): Reach {
  const { fleet, network } = desk.state;
  return {
    baseUrl: (sourceId) => baseUrlOf(fleet, network, sourceId),
    holds: (sourceId, fileId) => holds(fleet, sourceId, fileId),
  };
}

/** Origins that pages may fetch from. */
export function boxOrigins(desk: Desk): readonly string[] {
  const { fleet, network } = desk.state;
  return [
    network.originBaseUrl,
    ...[...network.appliances.keys()].map((id) => baseUrlOf(fleet, network, id)),
  ];
}

/** Plans anew, after whoever is planning now. Refused, the plan before stays in force, and the origin serves the rest. */
export async function replan(desk: Desk): Promise<Replanning> {
  const { state } = desk;
  const work = state.planning.then(() => replanNow(desk));
  state.planning = work.catch(() => undefined);
  return work;
}

async function replanNow(desk: Desk): Promise<Replanning> {
  const { ports, state } = desk;
  const { network } = state;
  const nowMs = desk.clock.wallMs();
  state.catalogue = catalogueOf(await ports.stores.catalog.titles());
  const result = await replanTitles({ ports, network, settings: desk.placeSettings, nowMs });
  if (result.kind === "refused") {
    desk.logger.warn({ because: result.because }, "no new placement plan can be made; the one before stays");
    return result;
  }
  state.inForce = result.inForce;
  if (result.changed) desk.logger.info({ epoch: result.inForce.epoch }, "a new placement plan is in force");
  return result;
}

/** Nightly: plans from what was played meanwhile. A failure is logged and tried again the next time. */
export async function replanForever(desk: Desk, signal: AbortSignal): Promise<void> {
  const period = desk.ports.settings.replanHours * 3_600_000;
  while (!signal.aborted) {
    await rest(period, undefined, { signal }).catch(() => undefined);
    if (signal.aborted || desk.state.catalogue.titles.size === 0) continue;
    await replan(desk).catch((error: unknown) => desk.logger.error({ err: error }, "replanning failed"));
  }
}
