// The ranked list: written by steer, read by control, the player and both pages.

/** Which rule set an entry apart from the one below it; for the last appliance, from the one above it. */
export type RankRule =
  | "longest-prefix"
  | "as-path"
  | "med"
  | "distance"
  | "load"
  | "tie-break"
  | "origin-last";

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
}

/** An appliance that was left out, and why. */
export interface Eliminated {
  readonly id: string;
  readonly by: "no-route" | "unhealthy" | "draining" | "silent" | "unadmitted" | "not-held";
  readonly because: string;
}

export interface Ranking {
  readonly ranked: readonly RankedSource[];
  readonly eliminated: readonly Eliminated[];
}
