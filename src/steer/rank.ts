// Which box serves this play: the ranked list that a player works down.
//
// The network decides first, as BGP would: longest prefix, shortest AS path, lowest MED; then distance. Sites that are
// then equal are a tier. Of a tier, whoever does not hold the verified file or is not well is left out; the rest share
// their viewers by load and by the session's draw. The list is filled tier by tier until it is long enough and names
// two sites, so that a decision costs what its list costs. The origin is last.
// Source: placement research §3.1 and §6.6 (order of "Netflix content distribution", AfPIF 2018).
import type { Appliance, GeoPoint, RouteMatch, Site } from "#model/network.ts";
import type { BestChoice, Eliminated, Ranking } from "#model/steering.ts";
import { hash64 } from "#units/hash.ts";
import { type BitsPerSecond, bitsPerSecond } from "#units/quantity.ts";
import { type Able, type Candidate, chosen } from "./choose.ts";
import { distanceTo, type Ground, type GroundBox, type GroundSite, groundOf } from "./ground.ts";
import type { Health } from "./health.ts";
import { described, type Place } from "./places.ts";
import type { SteerSettings } from "./settings.ts";
import { helperTiers, routedTiers, type Tier } from "./tiers.ts";

/** What is known of an appliance at this moment. */
export interface BoxNow {
  readonly health: Health;
  /** The health gate's sentence. */
  readonly because: string;
  /** What it sends now. */
  readonly load: BitsPerSecond;
}

export type RankSettings = Pick<
  SteerSettings,
  "medCompare" | "listLength" | "boundPercent" | "boundFromPercent"
>;

export interface RankOrder {
  readonly ground: Ground;
  /** Per site its best route to the viewer; none for a site that heard none. */
  readonly matches: readonly RouteMatch[];
  readonly viewer: GeoPoint | undefined;
  /** Same key, same list. */
  readonly sessionKey: string;
  readonly now: (appliance: Appliance) => BoxNow;
  /** Whether an appliance holds the file, every byte verified. */
  readonly holds: (appliance: Appliance) => boolean;
  readonly settings: RankSettings;
  /**
   * Who is named among those left out: all of them, at the cost of looking at every appliance, or whom the decision came
   * across.
   */
  readonly name: "all" | "met";
}

/** Two sites, so that a player whose first one is cut off need not ask the origin; two appliances come with them. */
const enough = 2;

/** Ranks who may serve, the origin last. Total and deterministic. */
export function rank(order: RankOrder): Ranking {
  const { ground, matches, viewer, settings } = order;
  const walk = new Walk(order);
  const med = settings.medCompare === "same-neighbour" ? "same-neighbour" : "always";
  for (const tier of routedTiers(ground, matches, viewer, med)) if (walk.done(tier)) break;
  if (walk.sites < enough)
    for (const tier of helperTiers(ground, matches, viewer)) if (walk.done(tier)) break;
  const list = walk.list();
  if (order.name === "all") walk.nameStrangers();
  return {
    ranked: described(list, walk.candidates, med),
    eliminated: walk.eliminated,
    best: walk.best,
    appliances: ground.boxes,
  };
}

/** One decision under way. */
class Walk {
  readonly eliminated: Eliminated[] = [];
  best: readonly BestChoice[] = [];
  private readonly places: Place[] = [];
  private readonly siteIds = new Set<string>();
  private readonly met = new Set<GroundSite>();
  private readonly session: readonly [number, number];
  private notHeld = 0;
  private notWell = 0;
  private readonly order: RankOrder;

  constructor(order: RankOrder) {
    this.order = order;
    this.session = hash64(order.sessionKey);
  }

  get candidates(): number {
    return this.places.length;
  }

  /** That have an appliance which may serve. */
  get sites(): number {
    return this.siteIds.size;
  }

  /** Takes a tier in; true when no further one is wanted. */
  done(tier: Tier): boolean {
    const able: Able[] = [];
    const from = this.eliminated.length;
    for (const standing of tier.sites) {
      this.met.add(standing.ground);
      const distanceKm = distanceTo(standing.ground, this.order.viewer);
      for (const box of standing.ground.boxes) {
        const load = this.loadOfAble(box);
        if (load !== undefined) able.push({ box, standing, distanceKm, load });
      }
    }
    const { notHeld, notWell } = this;
    const tiered = chosen(tier, able, this.session, this.order.settings);
    if (this.best.length === 0) this.best = bestOf(tier, tiered, this.eliminated.slice(from));
    for (const [i, candidate] of tiered.entries()) {
      this.places.push({ candidate, tiered, at: i, above: this.places.length, notHeld, notWell });
      this.siteIds.add(candidate.site.id);
    }
    const full = this.places.length >= this.order.settings.listLength && this.siteIds.size >= enough;
    return full && this.order.name === "met";
  }

  /** The best of all, and of two sites where there are two: then the last place is the best's of another site. */
  list(): readonly Place[] {
    const { listLength } = this.order.settings;
    const list = this.places.slice(0, listLength);
    const first = list[0]?.candidate.site.id;
    if (list.length < listLength || list.some(({ candidate }) => candidate.site.id !== first)) {
      this.nameBeyond(new Set(list.map(({ candidate }) => candidate)));
      return list;
    }
    const other = this.places.find(({ candidate }) => candidate.site.id !== first);
    const spread =
      other === undefined ? list : [...list.slice(0, -1), { ...other, spreadFrom: listLength - 1 }];
    this.nameBeyond(new Set(spread.map(({ candidate }) => candidate)));
    return spread;
  }

  /** Appliances at sites that no tier brought up. */
  nameStrangers(): void {
    for (const one of this.order.ground.sites.values()) {
      if (this.met.has(one)) continue;
      const because =
        one.site.kind === "embedded"
          ? `${one.site.name} heard no route to the viewer and serves only its own network.`
          : `${one.site.name} heard no route to the viewer; ${this.sites} sites that did are enough.`;
      for (const { appliance } of one.boxes)
        this.eliminated.push({ id: appliance.id, by: "no-route", because });
    }
    for (const { id, siteId } of this.order.ground.homeless) {
      this.eliminated.push({ id, by: "no-route", because: `Its site ${siteId} is unknown.` });
    }
  }

  private nameBeyond(listed: ReadonlySet<Candidate>): void {
    const because = `The list is full: ${this.order.settings.listLength} appliances stand above it.`;
    for (const { candidate } of this.places) {
      if (!listed.has(candidate)) this.eliminated.push({ id: candidate.id, by: "list-full", because });
    }
  }

  /** Its load, or undefined when it cannot serve this file to anyone. */
  private loadOfAble({ appliance }: GroundBox): BitsPerSecond | undefined {
    if (!this.order.holds(appliance)) {
      this.notHeld++;
      const because = "It does not hold the whole file, verified.";
      this.eliminated.push({ id: appliance.id, by: "not-held", because });
      return undefined;
    }
    const { health, because, load } = this.order.now(appliance);
    if (health === "healthy") return load;
    this.notWell++;
    this.eliminated.push({ id: appliance.id, by: health, because });
    return undefined;
  }
}

/** All of a tier: who may serve, and who was left out. */
function bestOf(tier: Tier, able: readonly Candidate[], outs: readonly Eliminated[]): readonly BestChoice[] {
  const full = new Set(able.filter(({ passed }) => passed === 2).map(({ id }) => id));
  const out = new Map(outs.map(({ id, by }) => [id, by]));
  return tier.sites.flatMap(({ ground }) =>
    ground.boxes.map(({ appliance: { id } }): BestChoice => {
      const by = full.has(id) ? "full" : out.get(id);
      return { id, siteId: ground.site.id, ...(by !== undefined && { out: by }) };
    }),
  );
}

/** An appliance as steering sees it now. */
export interface ApplianceNow extends BoxNow {
  readonly appliance: Appliance;
}

/** As `rank`, for a network that is looked at once. */
export function rankOnce(
  order: Pick<RankOrder, "matches" | "viewer" | "sessionKey" | "settings"> & {
    readonly sites: readonly Site[];
    readonly appliances: readonly ApplianceNow[];
    /** Ids of the appliances that hold the file. */
    readonly holders: ReadonlySet<string>;
  },
): Ranking {
  const boxes = order.appliances.map((now) => now.appliance);
  const nows = new Map<string, BoxNow>(order.appliances.map((now) => [now.appliance.id, now]));
  const unheard: BoxNow = { health: "silent", because: "It has not reported yet.", load: bitsPerSecond(0) };
  return rank({
    ...order,
    ground: groundOf(order.sites, boxes),
    now: ({ id }) => nows.get(id) ?? unheard,
    holds: ({ id }) => order.holders.has(id),
    name: "all",
  });
}
