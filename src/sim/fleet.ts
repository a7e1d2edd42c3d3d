// The boxes of a region and what steering makes of them: who is in the topology, who is well, who is asked first by whom.
import type { Site } from "#model/network.ts";
import type { PlacementServer } from "#model/placement.ts";
import type { Way as NetworkWay } from "#place/fill-facts.ts";
import { distance } from "#steer/distance.ts";
import { step as healthStep } from "#steer/health.ts";
import type { SteerSettings } from "#steer/settings.ts";
import { siteId } from "#units/id.ts";
import { milliseconds } from "#units/quantity.ts";
import { type Box, boxOf } from "./appliance.ts";
import type { Scenario, SimServer, SimSite, ViewerRoute } from "./scenario.ts";
import type { ServingBox } from "./serve.ts";
import { type Way, waysOf } from "./ways.ts";

const hourMs = 3_600_000;
/** Reports of a box that are looked at in an hour, each the first of ten minutes. Production: one every 2 s. */
const reportsPerHour = 6;

/** What a region's viewers are sent by, and were until this hour, where that is another thing. */
export interface RegionWays {
  readonly now: readonly Way[];
  readonly before: readonly Way[] | undefined;
}

export class Fleet {
  /** By bit; whoever was ever there. */
  readonly boxes: Box[] = [];
  readonly byId = new Map<string, Box>();
  private readonly scenario: Scenario;
  private readonly settings: SteerSettings;
  private readonly known = new Set<string>();
  private readonly routes: (readonly ViewerRoute[])[];
  private readonly reroutedFrom = new Map<number, readonly Way[]>();
  private readonly sites: readonly Site[];
  private ways: readonly (readonly Way[])[] | undefined;

  constructor(scenario: Scenario, settings: SteerSettings) {
    this.scenario = scenario;
    this.settings = settings;
    this.routes = scenario.viewers.map(({ routes }) => routes);
    this.sites = scenario.sites.map(({ id, name, kind, location }) => ({
      id: siteId(id),
      name,
      kind,
      location,
    }));
    for (const site of scenario.sites) for (const server of site.servers) this.add(site.id, server);
  }

  add(site: string, server: SimServer): Box {
    const box = boxOf(this.boxes.length, site, server);
    this.boxes.push(box);
    this.byId.set(box.id, box);
    this.restore(box);
    return box;
  }

  /** In the topology again. */
  restore(box: Box): void {
    this.known.add(box.id);
    this.ways = undefined;
  }

  /** The operator takes it out of the topology. */
  remove(box: Box): void {
    this.known.delete(box.id);
    this.ways = undefined;
  }

  reroute(regionId: string, routes: readonly ViewerRoute[]): void {
    const region = this.scenario.viewers.findIndex(({ id }) => id === regionId);
    this.reroutedFrom.set(region, this.waysNow()[region] ?? []);
    this.routes[region] = routes;
    this.ways = undefined;
  }

  /** In the topology. */
  isKnown(box: Box): boolean {
    return this.known.has(box.id);
  }

  boxesOf(site: SimSite): readonly Box[] {
    return this.boxes.filter((box) => box.siteId === site.id && this.isKnown(box));
  }

  /** What the plan of a site is made for. */
  serversOf(site: SimSite): readonly PlacementServer[] {
    return this.boxesOf(site).map(({ id, siteId: at, server, draining }) => {
      const { storageBytes, throughputBps } = server;
      return { id, siteId: at, storageBytes, throughputBps, state: draining ? "draining" : "up" };
    });
  }

  waysOfHour(): readonly RegionWays[] {
    const ways = this.waysNow().map((now, region) => ({ now, before: this.reroutedFrom.get(region) }));
    this.reroutedFrom.clear();
    return ways;
  }

  serving(): readonly ServingBox[] {
    const most = this.settings.overloadPercent / 100;
    return this.boxes.map(({ alive, health, server }) => ({
      healthy: health.health === "healthy",
      alive,
      room: Math.floor((server.throughputBps * most * 3600) / 8),
    }));
  }

  /** The reports of an hour, or their absence. `sent`: bytes by bit. */
  report(hourStartMs: number, sent: Float64Array): void {
    for (const box of this.boxes) {
      const load = ((sent[box.bit] ?? 0) * 8) / 3600 / box.server.throughputBps;
      for (let i = 1; i <= reportsPerHour; i++)
        this.hear(box, hourStartMs + (i * hourMs) / reportsPerHour, load);
    }
  }

  hear(box: Box, atMs: number, load: number): void {
    const due = milliseconds(hourMs / reportsPerHour);
    const report = { nginx: "up", trouble: "", draining: box.draining, load, due } as const;
    const event = box.alive ? ({ kind: "report", report } as const) : ({ kind: "tick" } as const);
    box.health = healthStep(box.health, event, milliseconds(atMs), this.settings);
  }

  /** How bytes come from one site to another: as far as the viewers of the second tell. */
  wayFrom(fromId: string, toId: string): NetworkWay {
    const from = this.scenario.sites.find(({ id }) => id === fromId);
    const to = this.scenario.sites.find(({ id }) => id === toId);
    const region = this.scenario.viewers.findIndex(({ id }) => id === to?.feeds[0]?.regionId);
    const heard = this.routes[region]?.find((route) => route.siteId === fromId);
    return {
      asPathLength: heard?.asPathLength,
      kind: from?.kind ?? "embedded",
      km: distance(from?.location, to?.location),
    };
  }

  private waysNow(): readonly (readonly Way[])[] {
    this.ways ??= this.scenario.viewers.map(({ location }, region) =>
      waysOf({
        sites: this.sites,
        appliances: this.boxes.filter((box) => this.isKnown(box)).map(({ appliance }) => appliance),
        bits: new Map(this.boxes.map(({ id, bit }) => [id, bit])),
        routes: this.routes[region] ?? [],
        viewer: location,
      }),
    );
    return this.ways;
  }
}
