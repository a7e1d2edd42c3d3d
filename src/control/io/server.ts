// The control plane as one thing that is started and closed: HTTP server, consumer of the event log, nightly planning.

import { hash, randomBytes, randomUUID } from "node:crypto";
import { type GeoTable, noGeography } from "#bgp/geo-table.ts";
import { isTerritory } from "#catalog/territory.ts";
import { defaultsOf, type Values } from "#config/setting.ts";
import { catalogueOf } from "#control/catalogue.ts";
import { emptyLaboratory } from "#control/experiments.ts";
import { controlFaults } from "#control/faults.ts";
import { readFederation } from "#control/federation-settings.ts";
import { shelfOf } from "#control/fill-shelf.ts";
import { drain, emptyFleet, type Fleet } from "#control/fleet.ts";
import { emptyDiary } from "#control/health-diary.ts";
import { type Enqueued, enqueue } from "#control/jobs.ts";
import { type Network, readNetwork } from "#control/network.ts";
import { noOtherPlayers } from "#control/other-players.ts";
import type { PlanInForce, Replanning } from "#control/place-titles.ts";
import { playersRule } from "#control/players-rule.ts";
import type { ControlPorts, Mail } from "#control/ports.ts";
import { routeSettings } from "#control/route-settings.ts";
import { screenComplaint } from "#control/screens.ts";
import { originSource } from "#control/served.ts";
import type { controlSettings } from "#control/settings.ts";
import { keepKeys, keysToPack } from "#control/title-keys.ts";
import type { CacheCounts } from "#data/cached.ts";
import { ownSource } from "#data/io/event-sources.ts";
import type { EventLog, StoredTitle, Stores } from "#data/ports.ts";
import type { PlaneHold } from "#data/ports-plane.ts";
import type { Log } from "#io/log.ts";
import { type PathStrength, signedPrefix } from "#io/signed-path.ts";
import { openVault } from "#licence/io/key-vault.ts";
import type { ContentKey } from "#model/content-key.ts";
import type { Denial } from "#model/denial.ts";
import type { PlacementPlan } from "#model/placement.ts";
import type { Ranking } from "#model/steering.ts";
import { type PlaceSettings, placeSettings } from "#place/settings.ts";
import { type SteerSettings, steerSettings } from "#steer/settings.ts";
import { portComplaint } from "#steer/steering-manifest.ts";
import type { Clock } from "#units/clock.ts";
import { Fault } from "#units/fault.ts";
import type { EnqueueBody } from "#wire/jobs.ts";
import type { OpsAppliances } from "#wire/ops.ts";
import type { OpsSettings } from "#wire/settings.ts";
import type { RoutesFile, SitesFile } from "#wire/topology.ts";
import { openAccountDesk, openMailroom } from "./account-desk.ts";
import { keepAudit } from "./audit-keeper.ts";
import { openBilling, workForever } from "./billing-desk.ts";
import { type EventFlow, startConsumer } from "./consumer.ts";
import { setDenials } from "./deny-list.ts";
import { type Desk, replan, replanForever, shelve, steer } from "./desk.ts";
import { recallDrills, watchDrills } from "./drill-room.ts";
import { DrillSaves } from "./drill-saves.ts";
import type { FilmArchive } from "./film-archive.ts";
import type { FilmsOrder } from "./film-desk.ts";
import { openFilms, publishKept, settleCopies, takeUpOrders, withHall } from "./film-works.ts";
import { keepHistory } from "./history-keeper.ts";
import { flushForever, openIntake } from "./intake-desk.ts";
import type { JobHallOrder } from "./job-hall.ts";
import { recallExperiments, watchExperiments } from "./laboratory.ts";
import { keepServed, type Told } from "./ledger-desk.ts";
import { listen } from "./listening.ts";
import { countedElsewhere, type Meters, openMeters } from "./meters.ts";
import { type Oidc, openOidc } from "./oidc.ts";
import { openRoutes } from "./open-routes.ts";
import { openPush } from "./otlp-push.ts";
import { openPasswords } from "./passwords.ts";
import { judgeForever } from "./players-gate.ts";
import { openQuality } from "./quality-desk.ts";
import { RouteDesk } from "./route-desk.ts";
import { hallOf } from "./routes-jobs.ts";
import { lookAfterKeys } from "./routes-keys.ts";
import { appliancesNow } from "./routes-ops.ts";
import { openSeries, sample, sampleForever } from "./sampler.ts";
import { recallOtherPlayers, watchOtherPlayers } from "./screen-watch.ts";
import { openSeal, type Secrets } from "./secrets.ts";
import { type OriginStore, SubtitleRoom } from "./subtitle-room.ts";
import { TasteRoom } from "./taste-room.ts";
import { openTokenBook } from "./token-book.ts";
import { WorksDesk } from "./works-desk.ts";

export interface ControlOrder {
  /** Stay the caller's: closed by whoever opened them, after the control plane. */
  readonly stores: Stores;
  readonly log: EventLog;
  /** Needed where others read logs of their own into the same database: see ControlPorts. */
  readonly logName?: string | undefined;
  /** Absent: beacons are read from `log` itself. Closed by whoever opened it. */
  readonly events?: EventFlow;
  /** Absent: the database lets no other control plane in. */
  readonly hold?: Pick<PlaneHold, "isSure"> | undefined;
  /** What the cache before those stores has done; absent: there is none. */
  readonly cacheCounts?: CacheCounts;
  readonly listen: { readonly host: string; readonly port: number };
  readonly settings: Values<typeof controlSettings>;
  readonly placeSettings?: PlaceSettings;
  readonly steerSettings?: SteerSettings;
  readonly secrets: Pick<Secrets, "sessionSecret" | "applianceToken" | "signingKeys"> &
    /** Without any, no encrypted title can be published. */
    Partial<Pick<Secrets, "keyEncryptionKeys">>;
  /** What the appliances' nginx can check; absent, the setting says it. See #io/signed-path.ts. */
  readonly pathStrength?: PathStrength;
  readonly topology: SitesFile;
  readonly routes: RoutesFile;
  /** Where addresses are; absent, no place is known. */
  readonly geography?: GeoTable;
  readonly routeSettings?: Values<typeof routeSettings>;
  /** Where the routes that appliances told are kept for the next start; undefined: nowhere. */
  readonly routesFolder?: string | undefined;
  /** "http://127.0.1.1:8180" */
  readonly originBaseUrl: string;
  /** Told at the start and at each change: the origin asks nobody. */
  readonly onDenials?: (denials: readonly Denial[]) => void;
  /** How films come in; absent: none do. */
  readonly films?: FilmsOrder;
  /** The built pages (dist/web); undefined serves the API alone. */
  readonly pagesFolder: string | undefined;
  /** Where an admin's backups go; absent, none are made. */
  readonly backupsFolder?: string;
  /** Every setting as this program was started with it; absent: none are told. */
  readonly shownSettings?: OpsSettings;
  /** Absent: nobody can be written to, and the log says so. */
  readonly mail?: Mail;
  /** Encode jobs for workers; undefined: none are given out. */
  readonly jobs?: JobHallOrder | undefined;
  readonly archive?: FilmArchive | undefined;
  readonly origin?: OriginStore | undefined;
  readonly logger: Log;
  readonly clock: Clock;
  /** Ends everything, like `close`. */
  readonly signal: AbortSignal;
}

export interface ControlHandle {
  /** "http://127.0.0.1:8080" */
  readonly url: string;
  /** Stores a title and plans anew. Throws the Fault keys-missing when nobody could open it; `onWait` hears what it waits for. A refused plan leaves the title published: the origin serves it. */
  publishTitle(title: StoredTitle, onWait?: (words: string) => void): Promise<Replanning>;
  /** The keys that a title has, to package it again. */
  keysToPack(titleId: string): Promise<readonly ContentKey[]>;
  /** Wraps and keeps keys, before anything is encrypted with them. Throws the Fault kid-taken. */
  keepKeys(titleId: string, keys: readonly ContentKey[]): Promise<void>;
  /** Takes over another sites file; the next plan follows it. Throws the Fault topology-refused. */
  setSites(topology: SitesFile): void;
  /** Has a master encoded by workers and published. @throws Fault jobs-off, unknown-master */
  enqueue(order: EnqueueBody): Promise<Enqueued>;
  /** Onto this disk, what it lacks of a published title and the second copy has. */
  bringTitle(title: StoredTitle): Promise<void>;
  replan(): Promise<Replanning>;
  placement(): { readonly epoch: number; readonly plan: PlacementPlan } | undefined;
  appliances(): OpsAppliances["appliances"];
  /** What the origin sent, for the miss ledger: as in a report. Resolves with the batch that is kept. */
  takeServed(told: Told): Promise<number | undefined>;
  /** Reads the instruments into the series now, as it does at each step by itself. */
  sample(): Promise<void>;
  /** Where a viewer at this address would be sent; undefined when there is no such title. */
  steeringFor(address: string, titleId: string): Ranking | undefined;
  /** Answers what is under way, for the grace time at most, then ends. */
  close(): Promise<void>;
}

/** @throws Fault port-taken, topology-refused, screen-settings-refused; whatever the stores throw */
export async function startControl(order: ControlOrder): Promise<ControlHandle> {
  order.signal.throwIfAborted();
  const because = screenComplaint(order.settings);
  if (because !== undefined) throw new Fault(controlFaults.screenSettingsRefused, { because });
  let ownUrl = "";
  const desk = withHall(
    openDesk(order, () => ownUrl),
    order.jobs,
  );
  tellPorts(desk);
  await recall(desk);
  await desk.routes.recall(() => desk.state.network);
  await recallDrills(desk);
  const films = await openFilms(desk, order.films);
  const app = await openRoutes(desk, films, order);
  const stopping = new AbortController();
  const url = await listen(app, order.listen).catch(async (error: unknown) => {
    await films?.close();
    throw error;
  });
  ownUrl = url;
  order.log.onSync((seconds) => desk.meters.logSync.observe({}, seconds));
  const consumer = startConsumer({
    ...{ ...desk, signal: stopping.signal },
    keptFrom: () => desk.quality.savedUpTo,
  });
  const flushing = flushForever(desk, stopping.signal);
  const judging = judgeForever(desk, stopping.signal);
  const planning = replanForever(desk, stopping.signal);
  desk.routes.watch(() => desk.state.network);
  const experimenting = [watchExperiments(desk, stopping.signal), watchDrills(desk, stopping.signal)];
  const watching = watchOtherPlayers(desk, stopping.signal);
  const learning = desk.taste.learnForever(stopping.signal);
  const auditing = keepAudit(desk, stopping.signal);
  const remembering = keepHistory(desk, stopping.signal);
  const selling = sellForever(desk, stopping.signal);
  const figures = [sampleForever(desk, stopping.signal), desk.push?.run(stopping.signal)];
  const copying = settleCopies(desk, stopping.signal);
  const working = [desk.hall?.run(stopping.signal), takeUpOrders(desk, stopping.signal), copying];
  let closed: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closed ??= (async () => {
      order.signal.removeEventListener("abort", onAbort);
      const grace = setTimeout(() => app.server.closeAllConnections(), order.settings.closeGraceMs);
      desk.hall?.close();
      await app.close();
      clearTimeout(grace);
      stopping.abort();
      await films?.close();
      await desk.routes.close();
      await Promise.all([
        ...[consumer.ended, flushing, judging, planning, ...experimenting, learning, watching, auditing],
        ...[...figures, selling, ...working, remembering, desk.state.planning, desk.works.settled()],
      ]);
      // Of mails that were asked for, what is out by now is; the next start knows of none.
      const late = setTimeout(() => desk.mailroom.stop(), order.settings.closeGraceMs);
      await desk.mailroom.idle();
      clearTimeout(late);
    })();
    return closed;
  };
  const onAbort = (): void => void close();
  order.signal.addEventListener("abort", onAbort, { once: true });
  return { ...handleOf(desk, stopping.signal), url, close };
}

async function sellForever({ billing, ports, logger }: Desk, signal: AbortSignal): Promise<void> {
  if (billing !== undefined) await workForever({ desk: billing, ports, logger, signal });
}

function handleOf(desk: Desk, signal: AbortSignal): Omit<ControlHandle, "url" | "close"> {
  return {
    publishTitle: (title, onWait) => publishKept(desk, title, signal, onWait).then(() => replan(desk)),
    bringTitle: async (title) => void (await desk.archive?.bringTitle(title.package, signal)),
    keysToPack: (titleId) => keysToPack(desk.ports, titleId),
    keepKeys: (titleId, keys) => keepKeys(desk.ports, titleId, keys, desk.clock.wallMs()),
    setSites(topology) {
      desk.state.network = networkOf(topology, desk.state.network.originBaseUrl);
      tellPorts(desk);
    },
    enqueue: async (order) => enqueue(hallOf(desk).desk, order),
    replan: () => replan(desk),
    placement: () => desk.state.inForce,
    appliances: () => appliancesNow(desk).appliances,
    takeServed: (told) => keepServed(desk, originSource, told),
    sample: () => sample(desk),
    steeringFor(address, titleId) {
      const title = desk.state.catalogue.titles.get(titleId);
      return title === undefined ? undefined : steer(desk, title, { address, viewpoint: "" }, "");
    },
  };
}

function openDesk(order: ControlOrder, url: () => string): Desk {
  const { settings } = order;
  const found = settings.territory;
  if (found !== "" && !isTerritory(found.toUpperCase())) {
    throw new Fault(controlFaults.territoryUnknown, { found });
  }
  const meters = openMeters(countedElsewhere(order));
  const ports = openPorts(order, meters);
  const signIn = openAccountDesk(ports);
  const onEntitled = (accountId: string): void => signIn.viewers.changed(accountId);
  const sessionSecret = order.secrets.sessionSecret;
  return {
    ports,
    events: order.events ?? { source: ownSource(order.log) },
    placeSettings: order.placeSettings ?? defaultsOf(placeSettings),
    routes: new RouteDesk({
      settings: order.routeSettings ?? defaultsOf(routeSettings),
      folder: order.routesFolder,
      file: order.routes,
      clock: order.clock,
      logger: order.logger,
      newToken: ports.chance.newId,
    }),
    works: new WorksDesk({
      stores: order.stores,
      clock: order.clock,
      logger: order.logger,
      searchDeadlineMs: settings.searchDeadlineMs,
    }),
    geography: order.geography ?? noGeography,
    keys: order.secrets.signingKeys.map(({ kid, secret }) => ({ kid, secret })),
    applianceToken: order.secrets.applianceToken,
    tokens: openTokenBook({ ports, clock: order.clock, logger: order.logger }),
    oidc: openProvider(order),
    keyEncryptionKeys: new Set(order.secrets.keyEncryptionKeys?.map(({ id }) => id)),
    logger: order.logger,
    ...openFigures(order, meters, ports.chance.newId()),
    clock: order.clock,
    signIn,
    mailroom: openMailroom(order),
    quality: openQuality(order, ports, meters),
    taste: new TasteRoom({ ports, settings, clock: order.clock, logger: order.logger }),
    billing: openBilling({ ...order, ports, url, sessionSecret, onEntitled }),
    onDenials: order.onDenials ?? (() => undefined),
    hall: undefined,
    archive: order.archive,
    subtitles: order.origin && new SubtitleRoom(order.origin),
    state: {
      network: networkOf(order.topology, order.originBaseUrl),
      fleet: fleetAtFirst(order),
      catalogue: catalogueOf([]),
      ...{ laboratory: emptyLaboratory, drills: [], drillSaves: new DrillSaves() },
      denials: [],
      diary: emptyDiary(order.clock.wallMs()),
      otherPlayers: noOtherPlayers,
      inForce: undefined,
      shelf: shelfOf({ catalogue: catalogueOf([]), plan: undefined, demand: new Map() }),
      fillBooks: new Map(),
      live: new Set(),
      planning: Promise.resolve(),
    },
  };
}

/** @throws Fault otlp-url-unfit */
function openFigures(
  { settings, clock, logger }: ControlOrder,
  meters: Meters,
  instance: string,
): Pick<Desk, "meters" | "series" | "push"> {
  const sinceMs = clock.wallMs();
  const push = openPush({ settings, meters, logger, instance, sinceMs, chance: Math.random });
  return { meters, series: openSeries(settings), push };
}

function fleetAtFirst({ steerSettings: given, settings }: ControlOrder): Fleet {
  const kind = settings.admission === "require" ? "require" : "tell";
  const admission = { kind, days: settings.admissionDays } as const;
  return emptyFleet(given ?? defaultsOf(steerSettings), admission, playersRule(settings));
}

/** @throws Fault oidc-settings-refused */
function openProvider({ settings, secrets, clock }: ControlOrder): Oidc | undefined {
  const reading = readFederation(settings);
  switch (reading.kind) {
    case "off":
      return undefined;
    case "on":
      return openOidc({ federation: reading.federation, settings, secret: secrets.sessionSecret, clock });
    case "refused":
      throw new Fault(controlFaults.oidcSettingsRefused, { complaints: reading.complaints.join("; ") });
  }
}

function openPorts(order: ControlOrder, meters: Meters): ControlPorts {
  const [signing] = order.secrets.signingKeys;
  const named = order.settings.pathStrength === "md5-envelope" ? "md5-envelope" : "hmac-sha256";
  const strength = order.pathStrength ?? named;
  return {
    stores: order.stores,
    log: order.log,
    intake: openIntake(order, meters),
    logName: order.logName,
    settings: order.settings,
    seal: openSeal(order.secrets.sessionSecret),
    passwords: openPasswords(order.settings),
    chance: { newId: () => randomUUID(), newToken: () => randomBytes(32).toString("base64url") },
    digest: (text) => hash("sha256", text, "hex"),
    signPath: (grant) => signedPrefix(signing, grant, strength),
    vault: openVault(order.secrets.keyEncryptionKeys ?? []),
  };
}

/** Nothing is broken by it: a play that begins now names whoever is best now. */
function tellPorts({ state, logger }: Desk): void {
  const complaint = portComplaint([...state.network.appliances.values()]);
  if (complaint !== undefined) logger.info(complaint);
}

function networkOf(topology: SitesFile, originBaseUrl: string): Network {
  const reading = readNetwork(topology, originBaseUrl);
  if (reading.kind === "read") return reading.network;
  const complaints = reading.complaints.join("; ");
  throw new Fault(controlFaults.topologyRefused, { path: "The sites file", complaints });
}

/** What was published, planned, drained and handed out before. */
async function recall(desk: Desk): Promise<void> {
  desk.state.catalogue = catalogueOf(await desk.ports.stores.catalog.titles());
  for (const id of await desk.ports.stores.drains.all()) {
    desk.state.fleet = drain(desk.state.fleet, id, "drain");
  }
  const denials = await desk.ports.stores.denials.all();
  if (denials.length > 0) setDenials(desk, denials);
  await recallOtherPlayers(desk);
  await recallExperiments(desk);
  await desk.taste.recall();
  await desk.works.recall();
  await lookAfterKeys(desk);
  const inForce: PlanInForce | undefined = await desk.ports.stores.plans.latest();
  desk.state.inForce = inForce;
  await shelve(desk);
}
