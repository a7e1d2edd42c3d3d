// What the routes share: the ports, the topology, and the little that changes in memory between two requests.
import { setTimeout as rest } from "node:timers/promises";
import type { GeoTable } from "#bgp/geo-table.ts";
import type { Values } from "#config/setting.ts";
import { type Catalogue, catalogueOf, type PublishedTitle } from "#control/catalogue.ts";
import { denialsOnWire } from "#control/denials.ts";
import { type Drill, killedFor } from "#control/drills.ts";
import { brokenNow, type Laboratory } from "#control/experiments.ts";
import { controlFaults } from "#control/faults.ts";
import { liveTitles } from "#control/fill-network.ts";
import { type Shelf, shelfOf } from "#control/fill-shelf.ts";
import { answerReport, type FillBook, rested } from "#control/filling.ts";
import { baseUrlOf, type Fleet, healthIn, holds, type Moment, reported, rivalOf } from "#control/fleet.ts";
import type { HealthDiary } from "#control/health-diary.ts";
import type { Mailroom } from "#control/mailroom.ts";
import type { Network, PlacedAppliance } from "#control/network.ts";
import type { OtherPlayers } from "#control/other-players.ts";
import { type PlanInForce, type Replanning, replanTitles } from "#control/place-titles.ts";
import type { Reach, ViewerPlace } from "#control/play.ts";
import type { ControlPorts } from "#control/ports.ts";
import type { AccountDesk } from "#control/sign-up.ts";
import { rankFor, type SteeringOrder } from "#control/steering.ts";
import type { Log } from "#io/log.ts";
import type { Denial } from "#model/denial.ts";
import type { Ranking } from "#model/steering.ts";
import type { placeSettings } from "#place/settings.ts";
import type { SeriesStore } from "#series/store.ts";
import type { Clock } from "#units/clock.ts";
import { Fault } from "#units/fault.ts";
import { milliseconds } from "#units/quantity.ts";
import type { ApplianceReport, DesiredState, ReportAnswer } from "#wire/appliance.ts";
import type { BillingDesk } from "./billing-desk.ts";
import type { EventFlow } from "./consumer.ts";
import type { DrillSaves } from "./drill-saves.ts";
import type { FilmArchive } from "./film-archive.ts";
import type { JobHall } from "./job-hall.ts";
import type { Meters } from "./meters.ts";
import type { Oidc } from "./oidc.ts";
import type { OtlpPush } from "./otlp-push.ts";
import type { QualityDesk } from "./quality-desk.ts";
import type { RouteDesk } from "./route-desk.ts";
import type { SubtitleRoom } from "./subtitle-room.ts";
import type { TasteRoom } from "./taste-room.ts";
import type { TokenBook } from "./token-book.ts";
import type { WorksDesk } from "./works-desk.ts";

export interface Desk {
  readonly ports: ControlPorts;
  readonly events: EventFlow;
  readonly placeSettings: Values<typeof placeSettings>;
  readonly routes: RouteDesk;
  readonly works: WorksDesk;
  readonly geography: GeoTable;
  readonly keys: DesiredState["keys"];
  readonly applianceToken: string;
  readonly tokens: TokenBook;
  /** undefined: this installation has none. */
  readonly oidc: Oidc | undefined;
  /** Ids of the key encryption keys that are there. */
  readonly keyEncryptionKeys: ReadonlySet<string>;
  readonly logger: Log;
  readonly meters: Meters;
  readonly series: SeriesStore;
  /** undefined: figures are pushed nowhere. */
  readonly push: OtlpPush | undefined;
  readonly clock: Clock;
  readonly signIn: AccountDesk;
  readonly mailroom: Mailroom;
  readonly taste: TasteRoom;
  readonly quality: QualityDesk;
  /** undefined: nothing is sold. */
  readonly billing: BillingDesk | undefined;
  readonly state: DeskState;
  /** Whoever serves without a report of its own hears of what is denied now. */
  readonly onDenials: (denials: readonly Denial[]) => void;
  /** Encode jobs; undefined: none are given out here. */
  readonly hall: JobHall | undefined;
  /** Where films have a second copy; undefined: nowhere. */
  readonly archive: FilmArchive | undefined;
  /** Where subtitles of published titles are changed; undefined: nowhere. */
  readonly subtitles: SubtitleRoom | undefined;
}

/** Rebuilt from reports and the database after a restart. */
export interface DeskState {
  network: Network;
  fleet: Fleet;
  /** As it was when a title was last published. */
  catalogue: Catalogue;
  inForce: PlanInForce | undefined;
  /** Of the catalogue, the plan, and the plays that it was made for. */
  shelf: Shelf;
  readonly fillBooks: Map<string, FillBook>;
  /** Titles that were found live; they stay so. */
  readonly live: Set<string>;
  laboratory: Laboratory;
  drills: readonly Drill[];
  readonly drillSaves: DrillSaves;
  denials: readonly Denial[];
  diary: HealthDiary;
  otherPlayers: OtherPlayers;
  /** Replanning, one at a time. */
  planning: Promise<unknown>;
}

/** An agent's report: believed, and answered with the state its box should be in. */
export function takeReport(desk: Desk, appliance: PlacedAppliance, report: ApplianceReport): ReportAnswer {
  const { state } = desk;
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
  return { desired: desiredOf(desk, appliance, report, now), reportIntervalMs: interval };
}

function desiredOf(
  desk: Desk,
  appliance: PlacedAppliance,
  report: ApplianceReport,
  now: Moment,
): ReportAnswer["desired"] {
  const { state, routes, placeSettings, keys, logger } = desk;
  const { fleet, network, shelf, fillBooks } = state;
  const { book, desired, gaveWay } = answerReport({
    ground: { fleet, network, shelf, table: routes.table, settings: placeSettings, now },
    ...{ books: fillBooks, appliance, report, keys },
    broken: brokenOnWire(brokenNow(state.laboratory, appliance.id, now.wallMs)),
    killed: killedFor(state.drills, appliance.id, now.wallMs),
    denied: denialsOnWire(state.denials, now.wallMs),
  });
  const before = fillBooks.get(appliance.id)?.tonight;
  const spent = { beganMs: now.monoMs, endedMs: desk.clock.monoMs(), appliances: network.appliances.size };
  fillBooks.set(appliance.id, rested(book, spent));
  const { deferredFiles = 0, deferredBytes = 0 } = book.tonight ?? {};
  if (deferredFiles > (before?.deferredFiles ?? 0)) {
    const words = `deferred ${deferredFiles} files, ${deferredBytes} bytes, to another night`;
    logger.info({ appliance: appliance.id, deferredFiles, deferredBytes }, words);
  }
  if (gaveWay.length > 0) {
    const files = gaveWay.map(({ id }) => id);
    const words = "no box has room to move: the last copies of files are given up to the origin";
    logger.warn({ appliance: appliance.id, files }, words);
  }
  return desired;
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
    await shelve(desk);
    return result;
  }
  state.inForce = result.inForce;
  await shelve(desk);
  if (result.changed) desk.logger.info({ epoch: result.inForce.epoch }, "a new placement plan is in force");
  return result;
}

/** After a change of catalogue, plan or demand. */
export async function shelve({ ports, state }: Desk): Promise<void> {
  const rows = await ports.stores.plans.popularity();
  const demand = new Map(rows.map((row) => [row.fileId, row.playsPerDay]));
  const { catalogue, inForce } = state;
  state.shelf = shelfOf({ catalogue, plan: inForce?.plan, demand });
}

/** What viewers are shown: titles that are not live yet are left out, where an operator asked for that. */
export function announced(desk: Desk): Catalogue {
  const { state, placeSettings, routes } = desk;
  const { catalogue, fleet, network, shelf, fillBooks, live } = state;
  if (placeSettings.liveClusters === 0) return catalogue;
  const now = momentOf(desk);
  const memoryOf = (id: string) => fillBooks.get(id)?.memory;
  const ground = { fleet, network, shelf, table: routes.table, settings: placeSettings, now, memoryOf };
  for (const id of liveTitles(catalogue, live, ground)) live.add(id);
  return { ...catalogue, cards: new Map([...catalogue.cards].filter(([id]) => live.has(id))) };
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
