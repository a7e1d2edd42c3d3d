// Control of a region, as far as boxes are concerned: it counts plays, forecasts, plans each site every night, and tells every
// box what to hold and whom to ask. While it is dark none of this happens, and boxes keep what they were told last.
import type { PlaceSettings } from "#place/settings.ts";
import type { Box } from "./appliance.ts";
import type { Catalogue } from "./catalogue.ts";
import { type ClusterPlan, planCluster } from "./clusters.ts";
import type { WatchedDay } from "./demand.ts";
import type { Fleet } from "./fleet.ts";
import { Forecaster } from "./forecast.ts";
import type { Hands } from "./hands.ts";
import { type Heard, hear, type Known, SiteOrders, unknown } from "./orders.ts";
import type { PlanDay } from "./results.ts";
import type { Scenario, SimSite } from "./scenario.ts";

export interface ControlFacts {
  readonly scenario: Scenario;
  readonly settings: PlaceSettings;
  readonly catalogue: Catalogue;
  readonly fleet: Fleet;
  readonly hands: Hands;
  /** Plays that a plain new title has on its first day, by region: what the operator has learnt to expect. */
  readonly launchPlays: readonly number[];
  readonly publishedAtMs: (title: number) => number;
}

interface SiteState {
  readonly site: SimSite;
  plan: ClusterPlan | undefined;
  orders: SiteOrders | undefined;
  /** Plays by title that were expected of the last day that was planned. */
  expected: Float64Array | undefined;
}

export class ControlRoom {
  readonly forecaster: Forecaster;
  /** By box: what waits for another night, and how many last copies had to go, as it was told last. */
  readonly deferredBytes = new Map<string, number>();
  gaveWay = 0;
  private readonly facts: ControlFacts;
  private readonly sites: readonly SiteState[];
  private readonly known = new Map<string, Known>();

  constructor(facts: ControlFacts) {
    this.facts = facts;
    const { catalogue, settings, launchPlays, scenario } = facts;
    const regionIds = scenario.viewers.map(({ id }) => id);
    this.forecaster = new Forecaster({ catalogue, settings, launchPlays, regionIds });
    this.sites = scenario.sites.map((site) => ({
      site,
      plan: undefined,
      orders: undefined,
      expected: undefined,
    }));
  }

  /** Plans every site anew, from the counts so far, for a day. `watched`: the day before, to judge its forecast by. */
  plan(day: number, startsAtMs: number, watched: WatchedDay | undefined): readonly PlanDay[] {
    const regions = this.forecaster.forecast(day, startsAtMs);
    return this.sites.map((state) => this.planSite(state, regions, watched));
  }

  /** Tells every box that it can reach; `who` leaves out those that nothing is new for. */
  tell(nowMs: number, who: (box: Box) => boolean): void {
    const { fleet, hands } = this.facts;
    const heard = fleet.boxes.filter((box) => fleet.isKnown(box)).map((box) => this.heard(box));
    for (const { orders, site } of this.sites) {
      const told = heard.filter(({ box }) => box.siteId === site.id && box.alive && who(box));
      if (orders === undefined || told.length === 0) continue;
      const world = orders.look(heard);
      for (const one of told) {
        const { bundles, rules, deferredBytes, gaveWay } = orders.tell(one, world, nowMs);
        this.deferredBytes.set(one.box.id, deferredBytes);
        this.gaveWay += gaveWay;
        hands.desire(one.box, bundles, rules);
      }
    }
  }

  private heard(box: Box): Heard {
    const known = this.known.get(box.id) ?? unknown();
    this.known.set(box.id, known);
    if (box.alive && box.fill.started) hear(box, known);
    return { box, known };
  }

  private planSite(
    state: SiteState,
    regions: readonly Float64Array[],
    watched: WatchedDay | undefined,
  ): PlanDay {
    const { scenario, settings, catalogue, fleet, publishedAtMs } = this.facts;
    const { site } = state;
    const wape = this.wape(state, watched);
    const titlePlays = this.fed(site, regions);
    const planning = planCluster({
      ...{ catalogue, titlePlays, settings, previous: state.plan, servers: fleet.serversOf(site) },
      ...{ placement: scenario.placement, minCopies: scenario.minCopies },
    });
    state.expected = titlePlays;
    if (planning.kind === "refused") return { ...notPlanned(site.id, planning.because), wape };
    const { plan } = planning;
    state.plan = plan;
    const wayFrom = (from: string, to: string) => fleet.wayFrom(from, to);
    const { urgentShare } = scenario.fill;
    state.orders = new SiteOrders({ site, plan, catalogue, publishedAtMs, wayFrom, settings, urgentShare });
    const { holePercent, effectiveCapacity, churnBytes } = plan.predicted;
    const { cutoff, lambda } = plan;
    return {
      ...{ siteId: site.id, notPlanned: undefined, cutoff, lambda, wape },
      ...{ holePercent, effectiveCapacity, churnBytes },
    };
  }

  private wape({ site, expected }: SiteState, watched: WatchedDay | undefined): number {
    if (expected === undefined || watched === undefined) return 0;
    const plays = this.fed(site, watched.plays);
    let [off, all] = [0, 0];
    for (const [title, expectedPlays] of expected.entries()) {
      off += Math.abs(expectedPlays - (plays[title] ?? 0));
      all += plays[title] ?? 0;
    }
    return all > 0 ? off / all : 0;
  }

  /** Of what regions watch, the part that a site is there for. */
  private fed(site: SimSite, plays: readonly (Float64Array | Uint32Array)[]): Float64Array {
    const sum = new Float64Array(this.facts.catalogue.titles);
    for (const { regionId, share } of site.feeds) {
      const region = plays[this.facts.scenario.viewers.findIndex(({ id }) => id === regionId)] ?? [];
      for (let title = 0; title < region.length; title++)
        sum[title] = (sum[title] ?? 0) + share * (region[title] ?? 0);
    }
    return sum;
  }
}

export function notPlanned(siteId: string, because: string): PlanDay {
  return {
    ...{ siteId, notPlanned: because, cutoff: 0, lambda: 0, wape: 0 },
    ...{ holePercent: 0, effectiveCapacity: 0, churnBytes: 0 },
  };
}
