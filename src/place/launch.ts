// What a title is expected to be played before anyone has played it.
import type { PlaceSettings } from "./settings.ts";

export interface LaunchFacts {
  /** Film, series, news …: looked up in the priors of kinds. */
  readonly kind?: string | undefined;
  /** How much more a title is advertised than a plain one; 1 is plain. */
  readonly marketing?: number | undefined;
  /** A region's part of the viewers, relative to a plain region's 1. */
  readonly regionWeight: number;
  /** Days since it could first be played; 0 on the first. */
  readonly ageDays: number;
}

/** Plays on the first day by kind of title, for a plain title in a plain region. */
export type LaunchPlays = Readonly<Record<string, number>>;

type LaunchSettings = Pick<PlaceSettings, "priorPlaysPerDay" | "launchDays" | "floorPlaysPerDay">;

/**
 * m = (kind's plays × region × marketing)·e^(−age ÷ τ) + floor. Source: placement research §6.3.
 *
 * A kind without a row of its own is `priorPlaysPerDay`. Weights that are no numbers, negative or above 1000 count as 1.
 */
export function launchPrior(facts: LaunchFacts, kinds: LaunchPlays, settings: LaunchSettings): number {
  const own = facts.kind !== undefined && Object.hasOwn(kinds, facts.kind) ? kinds[facts.kind] : undefined;
  const plays = own !== undefined && believablePrior(own) ? own : settings.priorPlaysPerDay;
  const age = Math.max(0, Number.isFinite(facts.ageDays) ? facts.ageDays : 0);
  const size = plays * weight(facts.regionWeight) * weight(facts.marketing ?? 1);
  return size * Math.exp(-age / settings.launchDays) + settings.floorPlaysPerDay;
}

export function believablePrior(plays: number): boolean {
  return plays >= 0 && plays <= 1e9;
}

export function believableWeight(value: number): boolean {
  return value >= 0 && value <= 1e3;
}

function weight(value: number): number {
  return believableWeight(value) ? value : 1;
}
