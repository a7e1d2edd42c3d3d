// The ranked list: written by steer, read by control, the player and both pages.

/** Which rule set an entry apart from the one below it; for the last appliance, from the one above it. */
export type RankRule =
  | "longest-prefix"
  | "as-path"
  | "med"
  | "distance"
  | "load-bound"
  | "load"
  | "tie-break"
  | "spread"
  | "origin-last";

/** What a rule took out of the running for one place of the list. */
export interface RankStep {
  readonly rule:
    | "above"
    | "no-route"
    | "longest-prefix"
    | "as-path"
    | "med"
    | "distance"
    | "not-held"
    | "health"
    | "load-bound"
    | "draw"
    | "spread";
  /** Appliances. */
  readonly out: number;
}

export interface RankedSource {
  /** An appliance id, or "origin". */
  readonly id: string;
  readonly siteId: string;
  readonly siteName: string;
  readonly rule: RankRule;
  /** One sentence with the numbers that decided. */
  readonly because: string;
  readonly prefix: string | undefined;
  readonly asPathLength: number | undefined;
  readonly med: number | undefined;
  readonly distanceKm: number | undefined;
  /** From all appliances down to this one, in order; rules that took none are not named. The origin has none. */
  readonly steps: readonly RankStep[];
}

/** An appliance that was left out, and why. */
export interface Eliminated {
  readonly id: string;
  readonly by:
    | "no-route"
    | "unhealthy"
    | "draining"
    | "silent"
    | "unadmitted"
    | "degraded"
    | "not-held"
    | "list-full";
  readonly because: string;
}

/** An appliance of the best tier, whether it may serve or not. */
export interface BestChoice {
  readonly id: string;
  readonly siteId: string;
  /** Why it is not in the running; absent when it is. "full": it sends as much as it can. */
  readonly out?: Eliminated["by"] | "full";
}

export interface Ranking {
  readonly ranked: readonly RankedSource[];
  readonly eliminated: readonly Eliminated[];
  /** Those whom the network puts first and cannot tell apart for this viewer; empty where no appliance may ever serve. */
  readonly best: readonly BestChoice[];
  /** All there are: listed, named as left out, or only counted. */
  readonly appliances: number;
}
