// Where appliances bring their routes: one feed each, one view per site, and the table that steering looks viewers up in.
//
// One message at a time changes anything, in short steps between which requests are answered; lookups go on in the table
// that was in force before.
import { setTimeout as rest, setImmediate as turn } from "node:timers/promises";
import { readPrefix, writePrefix } from "#bgp/address.ts";
import { HeardRoutes } from "#bgp/heard-routes.ts";
import type { HeardRoute } from "#bgp/lint-view.ts";
import { keyOf, type PrefixKey } from "#bgp/prefix-key.ts";
import { type Commit, RouteFeed } from "#bgp/route-feed.ts";
import type { CompiledTable } from "#bgp/route-table.ts";
import { SiteView } from "#bgp/site-view.ts";
import type { Values } from "#config/setting.ts";
import { controlFaults } from "#control/faults.ts";
import { heardFrom, heardIn } from "#control/lints.ts";
import type { Network, PlacedAppliance } from "#control/network.ts";
import { type FedAppliance, opsRoutesOf, waitingFor } from "#control/route-reports.ts";
import type { routeSettings } from "#control/route-settings.ts";
import type { Log } from "#io/log.ts";
import type { RouteEvent } from "#model/network.ts";
import type { RouteAnswer, RouteMessage } from "#model/route-feed.ts";
import type { Clock } from "#units/clock.ts";
import { Fault } from "#units/fault.ts";
import { siteId } from "#units/id.ts";
import type { OpsRoutes } from "#wire/routes.ts";
import type { RoutesFile } from "#wire/topology.ts";
import { RouteArchive } from "./route-archive.ts";
import { SettlingTables } from "./route-tables.ts";

export interface RouteDeskOrder {
  readonly settings: Values<typeof routeSettings>;
  /** Where routes are kept over a restart; undefined: nowhere. */
  readonly folder: string | undefined;
  readonly file: RoutesFile;
  readonly clock: Clock;
  readonly logger: Log;
  readonly newToken: () => string;
}

/** As FedAppliance, while it changes. */
interface Fed extends FedAppliance {
  readonly feed: RouteFeed;
  siteId: string;
  heardMs: number | undefined;
  resyncAtMs: number | undefined;
  resyncs: number;
}

type Placed = Pick<PlacedAppliance, "id" | "siteId">;

/** A prefix that a drill took out of what an appliance announces. */
interface Hushed {
  readonly appliance: Placed;
  readonly key: PrefixKey;
  /** Its usual spelling. */
  readonly prefix: string;
}

/** Between two looks at who has fallen silent, ms. */
const lookMs = 500;
/** Before another worker is tried, ms. */
const mendMs = 5000;
/** Steps between two looks at the clock. */
const stepsPerLook = 128;
/** Requests wait at most so long for a step that changes routes, about, ms. */
const sliceMs = 5;

export class RouteDesk {
  private readonly order: RouteDeskOrder;
  private readonly tables: SettlingTables;
  private readonly sites = new Map<string, SiteView>();
  private readonly fed = new Map<string, Fed>();
  private readonly archive: RouteArchive | undefined;
  /** Of each site what its part of the routes file says. */
  private readonly filed = new Map<string, HeardRoutes>();
  /** By drill. */
  private readonly hushed = new Map<string, Hushed>();
  private turns: Promise<unknown> = Promise.resolve();
  private readonly ending = new AbortController();
  private watching: Promise<void> | undefined;

  /** @throws Fault topology-refused when a prefix of the routes file cannot be read */
  constructor(order: RouteDeskOrder) {
    const { settings, clock, folder, logger } = order;
    this.order = order;
    const onTrouble = (error: Error): void => this.mend(error);
    this.tables = new SettlingTables({ ...settings, clock, onTrouble });
    this.tables.take(this.takeFile(order.file));
    this.tables.flush();
    if (folder === undefined) return;
    const inTurn = <T>(work: () => Promise<T>): Promise<T> => this.inTurn(work);
    this.archive = new RouteArchive({ folder, settings, logger, inTurn, signal: this.ending.signal });
  }

  /** In force now. */
  get table(): CompiledTable {
    return this.tables.current;
  }

  /** Routes of all servers and of the file. */
  get heardCount(): number {
    let count = this.order.file.routes.length;
    for (const { feed } of this.fed.values()) count += routesIn(feed);
    return count;
  }

  /** The same by the servers that heard them. */
  heard(): readonly HeardRoute[] {
    return [...heardIn(this.order.file), ...heardFrom(this.fed)];
  }

  /** Takes what was kept into force. Before the first viewer is answered. */
  async recall(network: () => Network): Promise<void> {
    for (const { id, siteId: site } of network().appliances.values()) {
      const parts = await this.archive?.read(id, site);
      if (parts === undefined) continue;
      const fed = this.fedBy({ id, siteId: site });
      const taking = fed.feed.recall(parts);
      if (taking.kind === "refused") {
        this.fed.delete(id);
        this.archive?.complain(id, taking.because);
        continue;
      }
      fed.heardMs = this.order.clock.monoMs();
      if (taking.commit !== undefined) await this.settle(fed, taking.commit);
    }
    this.tables.flush();
  }

  /** Looks after leases until `close`. */
  watch(network: () => Network): void {
    this.watching ??= this.look(network);
  }

  /** @throws Fault routes-refused */
  take(appliance: Placed, message: RouteMessage): Promise<RouteAnswer> {
    return this.inTurn(() => this.takeNow(appliance, message));
  }

  ops(network: Network): OpsRoutes {
    const { clock, settings } = this.order;
    return opsRoutesOf({
      appliances: network.appliances.values(),
      fed: this.fed,
      leaseMs: settings.leaseSeconds * 1000,
      nowMs: clock.monoMs(),
    });
  }

  waitingFor(): number {
    return waitingFor(this.fed);
  }

  async close(): Promise<void> {
    this.ending.abort();
    await this.watching;
    await this.turns;
    await this.tables.close();
    await this.archive?.close();
  }

  /** The usual spelling of a prefix that the appliance, or the routes file for its site, announces; undefined: neither does. */
  announced(appliance: Placed, prefix: string): string | undefined {
    const reading = readPrefix(prefix);
    if (reading.kind === "refused") return undefined;
    const key = keyOf(reading.prefix);
    const isHeard = [...this.voicesOf(appliance)].some((routes) => routes.get(key) !== undefined);
    return isHeard ? writePrefix(reading.prefix) : undefined;
  }

  /** From now on the site does not say what the appliance, or the routes file, says of this prefix: what others there say counts on. */
  hush(drillId: string, appliance: Placed, prefix: string): Promise<void> {
    return this.inTurn(() => {
      const reading = readPrefix(prefix);
      if (reading.kind === "refused") return Promise.resolve();
      this.hushed.set(drillId, {
        appliance,
        key: keyOf(reading.prefix),
        prefix: writePrefix(reading.prefix),
      });
      return this.tell([]);
    });
  }

  unhush(drillId: string): Promise<void> {
    return this.inTurn(() => {
      const before = this.hushed.get(drillId);
      this.hushed.delete(drillId);
      return before === undefined
        ? Promise.resolve()
        : this.tell([this.siteOf(before.appliance.siteId).voice(before.key, new Set())]);
    });
  }

  private voicesOf({ id, siteId: site }: Placed): ReadonlySet<HeardRoutes> {
    const fed = this.fed.get(id);
    const own = fed?.siteId === site ? [...fed.feed.sessions.values()].map(({ routes }) => routes) : [];
    const file = this.filed.get(site);
    return new Set(file === undefined ? own : [...own, file]);
  }

  private async tell(events: readonly RouteEvent[]): Promise<void> {
    this.tables.open();
    await this.drive(events.values());
  }

  private say(events: readonly RouteEvent[]): void {
    const hushed = [...this.hushed.values()];
    const isHushed = (event: RouteEvent): boolean => {
      const { siteId: site, prefix } = event.kind === "announce" ? event.route : event;
      return hushed.some((one) => one.appliance.siteId === site && one.prefix === prefix);
    };
    this.tables.take(hushed.length === 0 ? events : events.filter((event) => !isHushed(event)));
  }

  /** Of each prefix that is hushed, what is left to say. */
  private hushedWords(): readonly RouteEvent[] {
    return [...this.hushed.values()].map(({ appliance, key }) =>
      this.siteOf(appliance.siteId).voice(key, this.voicesOf(appliance)),
    );
  }

  private async takeNow(appliance: Placed, message: RouteMessage): Promise<RouteAnswer> {
    this.tables.open();
    const { clock, logger, newToken } = this.order;
    const known = this.fed.get(appliance.id);
    if (known !== undefined && known.siteId !== appliance.siteId) await this.withdraw(appliance.id, known);
    const fed = this.fedBy(appliance);
    const taking = fed.feed.take(message, newToken());
    if (taking.kind === "refused") {
      throw new Fault(controlFaults.routesRefused, { applianceId: appliance.id, because: taking.because });
    }
    fed.heardMs = clock.monoMs();
    const { answer, commit } = taking;
    if (commit === undefined) return answer;
    await this.settle(fed, commit);
    if (commit.base === "nothing") {
      fed.resyncAtMs = clock.wallMs();
      fed.resyncs += 1;
      logger.info(
        { appliance: appliance.id, stream: message.stream, routes: routesIn(fed.feed) },
        "all routes of an appliance were told anew",
      );
    }
    this.archive?.changed(appliance.id, fed.siteId, fed.feed);
    return answer;
  }

  private fedBy({ id, siteId: site }: Placed): Fed {
    const known = this.fed.get(id);
    if (known !== undefined) return known;
    const feed = new RouteFeed(this.order.settings.mostRoutes);
    const fresh: Fed = { feed, siteId: site, heardMs: undefined, resyncAtMs: undefined, resyncs: 0 };
    this.fed.set(id, fresh);
    return fresh;
  }

  private settle(fed: Fed, commit: Commit): Promise<void> {
    return this.drive(fed.feed.settle(commit, this.siteOf(fed.siteId)));
  }

  private async withdraw(applianceId: string, fed: Fed): Promise<void> {
    this.fed.delete(applianceId);
    this.tables.open();
    await this.drive(fed.feed.withdraw(this.siteOf(fed.siteId)));
    this.archive?.forget(applianceId);
  }

  private siteOf(id: string): SiteView {
    const site = this.sites.get(id) ?? new SiteView(siteId(id));
    this.sites.set(id, site);
    return site;
  }

  /** To its end, in slices; nothing of it shows before. */
  private async drive(steps: Iterable<RouteEvent | undefined>): Promise<void> {
    const { clock } = this.order;
    this.tables.hold();
    try {
      let events: RouteEvent[] = [];
      let count = 0;
      let begunMs = clock.monoMs();
      for (const event of steps) {
        if (event !== undefined) events.push(event);
        if (++count % stepsPerLook !== 0) continue;
        this.say(events);
        events = [];
        if (clock.monoMs() - begunMs < sliceMs) continue;
        await turn();
        begunMs = clock.monoMs();
      }
      this.say(events);
      if (this.hushed.size > 0) this.tables.take(this.hushedWords());
    } finally {
      this.tables.release();
    }
  }

  /** The worker that makes tables ended. Everything is told to another; the table in force stays in force meanwhile. */
  private mend(error: Error): void {
    const { logger } = this.order;
    logger.error({ err: error }, "no table of routes can be made: it is tried anew");
    void this.inTurn(() => this.tellAnew()).catch((err: unknown) =>
      logger.error({ err }, "routes could not be told to another worker"),
    );
  }

  private async tellAnew(): Promise<void> {
    const { signal } = this.ending;
    await rest(mendMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    this.tables.startAnew();
    if (this.heardCount === 0) this.tables.clear();
    for (const site of this.sites.values()) await this.drive(site.all());
  }

  /** After whoever came before, whether or not that worked out. */
  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.turns.then(work);
    this.turns = done.catch(() => undefined);
    return done;
  }

  private async look(network: () => Network): Promise<void> {
    const { signal } = this.ending;
    while (!signal.aborted) {
      await rest(lookMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      await this.inTurn(() => this.endLeases(network())).catch((err: unknown) =>
        this.order.logger.error({ err }, "nobody looked after the leases of routes; it is tried again"),
      );
    }
  }

  private async endLeases(network: Network): Promise<void> {
    const { clock, settings, logger } = this.order;
    for (const [id, fed] of [...this.fed]) {
      const appliance = network.appliances.get(id);
      const silentMs = clock.monoMs() - (fed.heardMs ?? clock.monoMs());
      const isOver = silentMs > settings.leaseSeconds * 1000;
      if (!isOver && appliance?.siteId === fed.siteId) continue;
      const because = isOver
        ? `it said nothing for ${Math.round(silentMs / 1000)} s`
        : "it stands elsewhere now";
      logger.warn({ appliance: id, because }, "the routes of an appliance are withdrawn");
      await this.withdraw(id, fed);
    }
  }

  /** One more contributor at each site, which never falls silent. */
  private takeFile(file: RoutesFile): readonly RouteEvent[] {
    const bySite = new Map<string, HeardRoutes>();
    const complaints: string[] = [];
    for (const [index, { siteId: site, prefix, asPath, med }] of file.routes.entries()) {
      const reading = readPrefix(prefix);
      if (reading.kind === "refused") {
        complaints.push(`routes[${index}]: site ${site}: ${reading.because}`);
        continue;
      }
      const routes = bySite.get(site) ?? new HeardRoutes();
      routes.set(keyOf(reading.prefix), { asPathLength: asPath.length, med, neighbourAs: asPath[0] ?? 0 });
      bySite.set(site, routes);
      this.filed.set(site, routes);
    }
    if (complaints.length > 0) {
      const facts = { path: "The routes file", complaints: complaints.join("; ") };
      throw new Fault(controlFaults.topologyRefused, facts);
    }
    const steps = [...bySite].flatMap(([site, routes]) => [...this.siteOf(site).replace(undefined, routes)]);
    return steps.filter((event) => event !== undefined);
  }
}

function routesIn({ sessions }: RouteFeed): number {
  return [...sessions.values()].reduce((sum, { routes }) => sum + routes.size, 0);
}
