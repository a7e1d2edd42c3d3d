// A drill: an appliance is lost on purpose, for a bounded time, so that it is seen how viewers fare without it.

/** The ways an appliance is lost in a drill. What each of them does is said in src/control/README.md. */
export const drillKinds = ["drain", "kill", "withdraw"] as const;
export type DrillKind = (typeof drillKinds)[number];

export const drillPattern = /^d[0-9a-f]{8}$/;

/** What an appliance has to know of a kill. It ends by itself. */
export interface Killed {
  /** Of the drill; matches `drillPattern`. */
  readonly id: string;
  /** From this moment on nginx may run again. */
  readonly endsAtMs: number;
  /** How long it was ordered for. */
  readonly durationMs: number;
}

/** No drill is longer. */
export const longestDrillMs = 3_600_000;
