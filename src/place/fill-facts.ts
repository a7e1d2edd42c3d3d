// What the fill plan is made from: every box as it is now, every file with where it is planned.

/** A box of the plan, as others see it. A box that was never heard of is not healthy, and holds nothing. */
export interface FillBox {
  readonly id: string;
  readonly siteId: string;
  /** Boxes that share one copy from outside. */
  readonly clusterId: string;
  /** Bytes that it may use, the headroom of plans included. */
  readonly storageBytes: number;
  readonly throughputBps: number;
  readonly isHealthy: boolean;
  /** What it sends now ÷ its throughput. */
  readonly load: number;
  /** It advertises the file, in the version that is published. */
  readonly holds: (fileId: string) => boolean;
  /**
   * It holds the file, and no state that it follows, or may yet follow, lets go of it. What is merely held may be on its
   * way out: a box that was told to drop a file advertises it until it has made place for another.
   */
  readonly secures: (fileId: string) => boolean;
  /** It was told to fetch the file from outside for its cluster. */
  readonly leads: (fileId: string) => boolean;
  /** Not tonight. */
  readonly defers: (fileId: string) => boolean;
  /** As its last report had it; "unknown" after a new plan, and before its first report. */
  readonly progress: FillProgress;
}

/**
 * "blocked": it lacks something, and has no room for any of it beside what it keeps for others. "gone": silent for so long
 * that nobody waits for it.
 */
export type FillProgress = "filling" | "blocked" | "done" | "unknown" | "gone";

/** A published file with its places in the plan. */
export interface FillFile {
  readonly id: string;
  readonly titleId: string;
  readonly sizeBytes: number;
  readonly playsPerDay: number;
  /** Tells the versions of a title apart. */
  readonly publishedAtMs: number;
  /** None: a hole. */
  readonly serverIds: readonly string[];
}

export interface FillWorld {
  readonly files: ReadonlyMap<string, FillFile>;
  /** What is planned on each box. */
  readonly planned: ReadonlyMap<string, readonly FillFile[]>;
  readonly boxes: ReadonlyMap<string, FillBox>;
}

/** Bytes from one site to another; what is not known is undefined, and counts as worse than whatever is known. */
export interface Way {
  /** Length of the AS path by which the sender's site reaches the receiver. */
  readonly asPathLength: number | undefined;
  /** A site at an exchange is built to send to other networks, one inside an ISP is not. */
  readonly kind: "embedded" | "exchange";
  readonly km: number | undefined;
}

/** Planned boxes of a file that are well and secure it, counted up to `most`. */
export function securedCopies(world: FillWorld, file: FillFile, most: number): number {
  let copies = 0;
  for (const id of file.serverIds) {
    if (copies >= most) return copies;
    const box = world.boxes.get(id);
    if (box?.isHealthy === true && box.secures(file.id)) copies += 1;
  }
  return copies;
}
