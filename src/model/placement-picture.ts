// What the pictures of a placement plan are drawn from: computed by place, drawn by draw, shown in reports and on the
// operator page.

/** A stretch of the hash circle and who owns it. Turns in [0, 1], `from` before `to`. */
export interface Arc {
  readonly serverId: string;
  readonly from: number;
  readonly to: number;
}

/**
 * What a server is among its cluster, by numbers alone: "fast" has more of the throughput than of the storage, "large"
 * the other way round, "even" neither by more than a half.
 */
export type ServerKind = "fast" | "large" | "even";

export interface PictureServer {
  readonly serverId: string;
  readonly kind: ServerKind;
  /** Shares in [0, 1]: of all bytes stored, of all traffic served, of all throughput there is. */
  readonly storageShare: number;
  readonly trafficShare: number;
  readonly throughputShare: number;
  /** Traffic share ÷ throughput share: 1 is the cluster's mean. */
  readonly utilisation: number;
}

export interface PlanPictures {
  /** Fast ones first, then by id: the order around each circle. */
  readonly servers: readonly PictureServer[];
  /** Uniform consistent hashing of the same servers, for comparison. */
  readonly uniform: { readonly tokensEach: number; readonly arcs: readonly Arc[] };
  /** One circle per band, densest first: each server owns its weight of it. */
  readonly bands: readonly {
    /** Depths in [0, 1] of the stored bytes below the head. */
    readonly from: number;
    readonly to: number;
    /** Share of the traffic below the head that falls into the band; absent where the curve is not known. */
    readonly traffic?: number | undefined;
    readonly arcs: readonly Arc[];
  }[];
}

/** What one day's plans moved. */
export interface ChurnDay {
  /** 00:00 UTC. */
  readonly startMs: number;
  readonly plans: number;
  readonly bytes: number;
}
