// What the placement plan says: written by place, read by control, edge and the operator page.
import type { ApplianceId } from "#units/id.ts";

/** Input: a file's demand. */
export interface FileDemand {
  readonly id: string;
  readonly titleId: string;
  readonly sizeBytes: number;
  readonly playsPerDay: number;
}

/** Input: what one appliance can hold and send. */
export interface PlacementServer {
  readonly id: string;
  readonly siteId: string;
  readonly storageBytes: number;
  readonly throughputBps: number;
  /** "draining": what it holds may still be read from it, nothing new is placed there. Absent: up. */
  readonly state?: "up" | "draining" | undefined;
}

export interface PlacementPlan {
  /** Catalogue-depth cutoff D in [0, 1]: share of stored bytes above which a file counts as popular. */
  readonly cutoff: number;
  /** Per server: share of the popular band (alpha) and of the tail (beta). Each sums to 1. */
  readonly weights: readonly { readonly serverId: string; readonly alpha: number; readonly beta: number }[];
  /** 0: both constraints hold exactly; 1: traffic simply follows storage. */
  readonly lambda: number;
  /** Files held by every server. */
  readonly head: readonly string[];
  readonly assignment: readonly PlacedFile[];
  readonly predicted: PredictedLoad;
  /** What the cutoff was chosen from, for pictures and for whoever asks why. */
  readonly theory?: PlanTheory | undefined;
}

export interface PlanTheory {
  /**
   * "one-band": everything is drawn alike; "two-bands": a cutoff with weights on either side; "many-bands": two could not
   * meet both equations, a linear program over more could.
   */
  readonly method: "one-band" | "two-bands" | "many-bands";
  /** P(x) of the files below the head: share of traffic carried by the densest x of the stored bytes. At most 201 points. */
  readonly curve: readonly { readonly depth: number; readonly share: number }[];
  /** Cutoffs with which no weight is negative; absent where there are none without relaxation. */
  readonly feasible?: { readonly low: number; readonly high: number } | undefined;
  /** argmax P(D) − D: where a file that crosses is least likely to move. */
  readonly cheapest: number;
  /** Densest first; depths in [0, 1] of the stored bytes below the head. Weights in the order of the plan's servers. */
  readonly bands: readonly {
    readonly from: number;
    readonly to: number;
    readonly weights: readonly number[];
  }[];
  /** Share of all traffic that the head carries. */
  readonly headTraffic: number;
  /** What was wanted and could not be done, for who wonders at λ. */
  readonly note?: string | undefined;
}

export interface PlacedFile {
  readonly fileId: string;
  readonly band: "head" | "popular" | "tail" | "hole";
  readonly serverIds: readonly ApplianceId[];
  /** Why it is here, in words and numbers. */
  readonly because: string;
}

export interface PredictedLoad {
  /** Highest (traffic ÷ throughput) ÷ mean over servers; 1 is perfect balance. */
  readonly maxUtilisation: number;
  /** Share of the cluster's total throughput reachable before the first server saturates. */
  readonly effectiveCapacity: number;
  /** Share of traffic whose file no server holds, percent. */
  readonly holePercent: number;
  /** Bytes to be filled compared with the previous plan. */
  readonly churnBytes: number;
  readonly servers: readonly {
    readonly serverId: string;
    readonly bytes: number;
    readonly trafficShare: number;
    readonly storageShare: number;
  }[];
}
