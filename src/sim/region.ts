// The whole network in one process: viewers ask hour by hour, boxes serve what they hold, control counts, forecasts and plans
// every night, boxes fill. Everything that decides is the machine that decides in production; here time passes, and each is
// told what it would have heard.

import type { FillState } from "#edge/fill-state.ts";
import { dateOfDay } from "#place/calendar.ts";
import { nightBudget } from "#place/fill-night.ts";
import type { PlaceSettings } from "#place/settings.ts";
import type { SteerSettings } from "#steer/settings.ts";
import { advertises, type Box } from "./appliance.ts";
import { bytesAsked, countedPlays } from "./asking.ts";
import { ControlRoom, notPlanned } from "./control-room.ts";
import { Demand, type WatchedDay } from "./demand.ts";
import { Fleet } from "./fleet.ts";
import { Hands, type Landed } from "./hands.ts";
import { Holders } from "./holders.ts";
import { addLedger, type DayResult, type PlanDay, type ServerDay } from "./results.ts";
import type { Scenario, SimEvent } from "./scenario.ts";
import { emptyLedger, type Flow, type Ledger, type ServedHour, serveHour } from "./serve.ts";
import { addMoved, addSent, freshTally, type Tally, Windows } from "./tally.ts";
import type { Moved } from "./transfers.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** Days that were counted before the run: four weeks. */
const warmUpDays = 28;
/** Of the viewers of an hour whose routes changed at its beginning, those who were watching before. */
const carriedShare = 0.5;

/** What control plans anew for at once: something was published, or the topology is another one. */
const replanning: ReadonlySet<SimEvent["kind"]> = new Set(["premiere", "add", "remove", "repair"]);

export interface RegionSettings {
  readonly place: PlaceSettings;
  readonly steer: SteerSettings;
  /** Boxes that lack something hear every so many hours of better sources. */
  readonly newsHours: number;
}

/** For whoever looks on: an hour as it was. */
export interface HourFacts {
  readonly startMs: number;
  readonly served: ServedHour;
  readonly moved: readonly Moved[];
  readonly boxes: readonly Box[];
}

export interface Onlooker {
  readonly onHour?: (hour: HourFacts) => void;
  readonly onLanded?: (landed: Landed) => void;
}

export class Region {
  readonly fleet: Fleet;
  readonly demand: Demand;
  private readonly scenario: Scenario;
  private readonly settings: RegionSettings;
  private readonly onlooker: Onlooker;
  private readonly holders: Holders;
  private readonly hands: Hands;
  private readonly control: ControlRoom;
  private readonly stale = new Set<number>();
  private readonly windows = new Windows();
  private readonly premieres = new Map<
    number,
    { readonly publishedAtMs: number; readonly startsAtMs: number }
  >();
  private day = 0;
  private darkUntilMs = Number.NEGATIVE_INFINITY;
  private watched: WatchedDay;
  private tallies: Tally[] = [];
  private ledgers: Ledger[] = [];

  constructor(scenario: Scenario, settings: RegionSettings, onlooker: Onlooker = {}) {
    this.scenario = scenario;
    this.settings = settings;
    this.onlooker = onlooker;
    this.demand = new Demand(scenario, -warmUpDays);
    this.fleet = new Fleet(scenario, settings.steer);
    this.holders = new Holders(scenario.viewers.length);
    const { catalogue } = this.demand;
    this.hands = new Hands({
      startsAtMs: scenario.startsAtMs,
      verifyBps: scenario.fill.verifyBps,
      boxes: this.fleet.byId,
      contentOf: (key) => catalogue.contentOf(key)[0]?.sha256 ?? "",
      onLanded: (landed) => this.landed(landed),
    });
    this.control = new ControlRoom({
      ...{ scenario, catalogue, settings: settings.place, fleet: this.fleet, hands: this.hands },
      launchPlays: this.demand.launchPlays(),
      publishedAtMs: (title) => this.publishedAtMs(title),
    });
    for (const box of this.fleet.boxes) this.fleet.hear(box, scenario.startsAtMs, 0);
    this.watched = this.warmUp();
    this.deliver();
  }

  /** The next day as it goes; undefined when all are over. */
  nextDay(): DayResult | undefined {
    if (this.day >= this.scenario.days) return undefined;
    const startMs = this.scenario.startsAtMs + this.day * dayMs;
    this.ledgers = this.scenario.viewers.map(emptyLedger);
    this.tallies = this.fleet.boxes.map(freshTally);
    this.control.gaveWay = 0;
    const yesterday = this.watched;
    this.demand.publish(this.day);
    this.watched = this.demand.watch(this.day);
    const plans: PlanDay[] = [];
    for (let hour = 0; hour < 24; hour++) {
      const atMs = startMs + hour * hourMs;
      plans.push(...this.decide(hour, atMs, yesterday));
      this.passHour(hour, atMs);
    }
    this.control.forecaster.count(countedPlays(this.watched, this.premieres));
    const result = this.resultOf(startMs, plans);
    this.day += 1;
    return result;
  }

  /** Four weeks of counts, and nobody served. */
  private warmUp(): WatchedDay {
    let last = this.demand.watch(-warmUpDays);
    for (let day = 1 - warmUpDays; day <= 0; day++) {
      this.control.forecaster.count(last);
      if (day < 0) last = this.demand.watch(day);
    }
    return last;
  }

  /** Boxes come to their sites with what the first plan gives them on their disks. */
  private deliver(): void {
    const { startsAtMs } = this.scenario;
    this.control.plan(0, startsAtMs, undefined);
    this.control.tell(startsAtMs, () => true);
    for (const box of this.fleet.boxes) {
      const files = [...box.fill.planned.values()].map(({ key, bytes, sha256 }) => ({
        key,
        bytes,
        proof: sha256,
      }));
      this.hands.deliver(box, files);
    }
  }

  /** What befalls the region in this hour, and what control does about it. Plans of the night, one for each site. */
  private decide(hour: number, atMs: number, yesterday: WatchedDay): readonly PlanDay[] {
    const events = this.scenario.events.filter((one) => one.day === this.day && one.hour === hour);
    for (const event of events) this.befall(event, atMs);
    const isDark = atMs < this.darkUntilMs;
    this.hands.isDark = isDark;
    const opens = [...this.premieres.values()].some(({ startsAtMs }) => startsAtMs === atMs);
    const isNews = this.day * 24 + hour > 0 && hour % this.settings.newsHours === 0;
    this.hear(isDark);
    if (hour === 0 || opens) this.ask(atMs);
    if (isDark)
      return hour === 0 ? this.scenario.sites.map(({ id }) => notPlanned(id, "control is dark")) : [];
    const isUrgent = events.some(({ kind }) => replanning.has(kind));
    if (hour !== 0 && !isUrgent) {
      if (isNews) this.control.tell(atMs, ({ fill }) => hasUseOfNews(fill));
      return [];
    }
    const plans = this.control.plan(this.day, atMs, hour === 0 ? yesterday : undefined);
    this.control.tell(atMs, () => true);
    return hour === 0 ? plans : [];
  }

  private befall(event: SimEvent, atMs: number): void {
    if (event.kind === "premiere") this.publishPremiere(event, atMs);
    else if (event.kind === "dark") this.darkUntilMs = atMs + event.hours * hourMs;
    else if (event.kind === "reroute") this.fleet.reroute(event.regionId, event.routes);
    else if (event.kind === "add") this.install(event);
    else this.befallBox(event, atMs);
  }

  private befallBox(event: Extract<SimEvent, { serverId: string }>, atMs: number): void {
    const box = this.fleet.byId.get(event.serverId);
    if (box === undefined) return;
    if (event.kind === "lie") box.liesUntilMs = atMs + event.hours * hourMs;
    else if (event.kind === "drain" || event.kind === "undrain") box.draining = event.kind === "drain";
    else if (event.kind === "repair") this.repair(box, atMs);
    else this.lose(box, event.kind === "remove");
  }

  private lose(box: Box, isRemoved: boolean): void {
    if (box.alive) this.hands.fail(box);
    if (isRemoved) this.fleet.remove(box);
  }

  private repair(box: Box, atMs: number): void {
    if (box.alive) return;
    this.hands.repair(box);
    this.fleet.restore(box);
    this.fleet.hear(box, atMs, 0);
  }

  private install({ siteId, server }: Extract<SimEvent, { kind: "add" }>): void {
    const box = this.fleet.add(siteId, server);
    this.tallies.push(freshTally());
    this.hands.deliver(box, []);
  }

  private publishPremiere(event: Extract<SimEvent, { kind: "premiere" }>, atMs: number): void {
    const title = this.demand.premiere(this.day, event.share);
    this.premieres.set(title, { publishedAtMs: atMs, startsAtMs: atMs + event.startsAfterHours * hourMs });
    this.watched = this.demand.withPremiere(this.watched, title);
    this.control.forecaster.expectMore(title, this.demand.timesPlain(event.share));
  }

  private publishedAtMs(title: number): number {
    const { startsAtMs } = this.scenario;
    const born = this.demand.catalogue.bornOn[title] ?? 0;
    const longAgo = startsAtMs - 365 * dayMs;
    return this.premieres.get(title)?.publishedAtMs ?? Math.max(longAgo, startsAtMs + born * dayMs);
  }

  private ask(atMs: number): void {
    this.holders.ask(bytesAsked(this.demand.catalogue, this.watched, this.premieres, atMs));
  }

  private landed(landed: Landed): void {
    const { box, key, kind } = landed;
    const tally = this.tallies[box.bit];
    if (tally !== undefined && kind !== "peer") {
      const peers = this.fleet.boxes.filter((other) => other !== box && other.siteId === box.siteId);
      tally.externalFiles += 1;
      if (peers.some(({ alive, fill }) => alive && fill.disk.has(key))) tally.externalTwice += 1;
    }
    this.onlooker.onLanded?.(landed);
  }

  /** Boxes report what they hold; control hears it unless it is dark. */
  private hear(isDark: boolean): void {
    for (const box of this.fleet.boxes) {
      for (const key of box.touched) this.holds(box, key);
      box.touched.clear();
    }
    if (isDark) return;
    for (const file of this.stale)
      this.holders.set(file, this.holders.of(file).actual, this.holders.of(file).actual);
    this.stale.clear();
  }

  private holds(box: Box, key: string): void {
    const file = this.demand.catalogue.numberOf(key);
    if (file === undefined) return;
    const { known, actual } = this.holders.of(file);
    const bit = 1 << box.bit;
    this.holders.set(file, known, advertises(box.fill, key) ? actual | bit : actual & ~bit);
    this.stale.add(file);
  }

  private passHour(hour: number, atMs: number): void {
    const boxes = this.fleet.serving();
    const served = serveHour({
      flows: this.flowsOf(hour),
      regions: this.scenario.viewers.length,
      classes: this.holders.classes,
      boxes,
      originRoom: Math.floor((this.scenario.origin.throughputBps * 3600) / 8),
      settings: this.settings.steer,
    });
    for (const box of this.fleet.boxes) this.hands.load(box, ((served.sent[box.bit] ?? 0) * 8) / 3600);
    this.hands.loadOrigin(this.scenario.origin.throughputBps, (served.originSent * 8) / 3600);
    this.hands.runUntil(atMs + hourMs);
    const moved = this.hands.account();
    this.fleet.report(atMs, served.sent);
    this.addUp(served, moved, atMs);
    this.onlooker.onHour?.({ startMs: atMs, served, moved, boxes: this.fleet.boxes });
  }

  private flowsOf(hour: number): readonly Flow[] {
    return this.fleet.waysOfHour().flatMap(({ now, before }, region) => {
      const share = this.watched.hourShares[region]?.[hour] ?? 0;
      const asked = this.holders.asked[region] ?? new Float64Array();
      const left = Float64Array.from(this.holders.classes, (_, at) => Math.round((asked[at] ?? 0) * share));
      const key = `${this.scenario.viewers[region]?.id} ${this.day * 24 + hour}`;
      const best = now[0]?.mask ?? 0;
      if (before === undefined) return [{ region, key, ways: now, best, carried: false, left }];
      const carried = left.map((bytes) => Math.floor(bytes * carriedShare));
      const fresh = left.map((bytes, at) => bytes - (carried[at] ?? 0));
      return [
        { region, key: `${key} before`, ways: before, best, carried: true, left: carried },
        { region, key, ways: now, best, carried: false, left: fresh },
      ];
    });
  }

  private addUp(served: ServedHour, moved: readonly Moved[], atMs: number): void {
    for (const [region, ledger] of served.ledgers.entries()) {
      const day = this.ledgers[region];
      if (day !== undefined) addLedger(day, ledger);
    }
    for (const { bit, server } of this.fleet.boxes) {
      const tally = this.tallies[bit];
      if (tally !== undefined) addSent(tally, served.sent[bit] ?? 0, server.throughputBps);
    }
    for (const one of moved) {
      const [tally, box] = [this.tallies[one.reader], this.fleet.boxes[one.reader]];
      if (tally !== undefined && box !== undefined) addMoved(tally, one, this.windows.isShut(box, atMs));
    }
  }

  private resultOf(startMs: number, plans: readonly PlanDay[]): DayResult {
    const servers = this.fleet.boxes.map((box) => this.serverDay(box, this.tallies[box.bit] ?? freshTally()));
    const date = dateOfDay(Math.floor(startMs / dayMs));
    return { day: this.day, date, regions: this.ledgers, servers, plans, gaveWay: this.control.gaveWay };
  }

  private serverDay(box: Box, tally: Tally): ServerDay {
    const { id, siteId, server, fill } = box;
    const zone = this.scenario.sites.find((site) => site.id === siteId)?.zone;
    const { role, storageBytes } = server;
    return {
      ...{ id, siteId, role, storageBytes, storedBytes: fill.diskBytes, ...tally },
      state: box.alive ? (box.draining ? "draining" : "up") : "failed",
      budgetBytes: Math.floor(nightBudget({ role, storageBytes, zone }, this.settings.place)),
      deferredBytes: this.control.deferredBytes.get(id) ?? 0,
      removedBytes: this.hands.takeRemoved(box),
    };
  }
}

/** It lacks something that it may fetch now. */
function hasUseOfNews({ isOpen, pending, urgent, fetching }: FillState): boolean {
  return isOpen ? pending.size + fetching > 0 : urgent.size > 0;
}
