// Who of a tier comes first: appliances that the network cannot tell apart share their viewers.
//
// Each session draws by weighted rendezvous, the weight being free throughput, so that a session stays where it is
// while others come and go. Bounded load keeps that honest between two reports: an appliance that is used more than
// the bound is passed over by whoever draws it and comes after the rest of its tier. The bound is (1 + ε) times the
// tier's mean use, Σ load ÷ Σ throughput, so that someone is always below it; below a floor nobody is passed over, since
// weights alone even out what is far from full.
// Source: V. Mirrokni, M. Thorup, M. Zadimoghaddam, "Consistent Hashing with Bounded Loads", SODA 2018.
import type { RouteMatch, Site } from "#model/network.ts";
import { pairInterval } from "#units/hash.ts";
import type { BitsPerSecond } from "#units/quantity.ts";
import { byText, type GroundBox } from "./ground.ts";
import type { Standing, Tier } from "./tiers.ts";

/** An appliance that may serve, with everything that is compared. */
export interface Candidate {
  readonly id: string;
  readonly site: Site;
  readonly match: RouteMatch | undefined;
  readonly distanceKm: number | undefined;
  /** Its tier: equal for those whom the network cannot tell apart. */
  readonly tier: Tier;
  /** bit/s that it could still send. */
  readonly free: number;
  /** Load ÷ throughput. */
  readonly used: number;
  /** Of its tier: use beyond which it is passed over. */
  readonly bound: number;
  /** 0: in the running; 1: passed over; 2: full. */
  readonly passed: 0 | 1 | 2;
  /** Smaller is better, by session. */
  readonly draw: number;
}

/** A candidate before its tier is known as a whole. */
export interface Able {
  readonly box: GroundBox;
  readonly standing: Standing;
  readonly distanceKm: number | undefined;
  readonly load: BitsPerSecond;
}

export interface BoundSettings {
  readonly boundPercent: number;
  readonly boundFromPercent: number;
}

/** The tier's candidates, best for this session first. Total: no two are ever equal. */
export function chosen(
  tier: Tier,
  able: readonly Able[],
  session: readonly [number, number],
  settings: BoundSettings,
): readonly Candidate[] {
  const bound = boundOf(able, settings);
  return able.map((one) => candidate(tier, one, session, bound)).sort(byDraw);
}

function boundOf(able: readonly Able[], { boundPercent, boundFromPercent }: BoundSettings): number {
  let load = 0;
  let throughput = 0;
  for (const one of able) {
    load += one.load;
    throughput += one.box.appliance.throughput;
  }
  const mean = throughput > 0 ? load / throughput : 0;
  return Math.max((mean * boundPercent) / 100, boundFromPercent / 100);
}

function candidate(tier: Tier, one: Able, session: readonly [number, number], bound: number): Candidate {
  const { id, throughput } = one.box.appliance;
  const { ground, match } = one.standing;
  const free = Math.max(0, throughput - one.load);
  const used = throughput > 0 ? one.load / throughput : 1;
  return {
    id,
    site: ground.site,
    match,
    distanceKm: one.distanceKm,
    tier,
    free,
    used,
    bound,
    passed: free === 0 ? 2 : used > bound ? 1 : 0,
    draw: free > 0 ? -Math.log(pairInterval(session, one.box.hash)) / free : Number.POSITIVE_INFINITY,
  };
}

function byDraw(a: Candidate, b: Candidate): number {
  return a.passed - b.passed || byNumber(a.draw, b.draw) || byText(a.id, b.id);
}

/** Unlike subtraction, also right for two infinities. */
function byNumber(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
