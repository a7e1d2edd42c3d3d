// How far event time has come: up to the watermark, nearly all events are in.

/** One partition of the log. */
export interface Partition {
  /** Of its latest event; undefined before the first. */
  readonly maxMs: number | undefined;
  /** By the ticks: when it was last known to bring something. */
  readonly heardMs: number | undefined;
  /** It brought something since the last tick. */
  readonly isFresh: boolean;
  readonly isIdle: boolean;
}

export type Partitions = ReadonlyMap<number, Partition>;

export const unheard: Partition = { maxMs: undefined, heardMs: undefined, isFresh: false, isIdle: false };

export function heard(partition: Partition, atMs: number): Partition {
  const maxMs = Math.max(partition.maxMs ?? atMs, atMs);
  return { ...partition, maxMs, isFresh: true, isIdle: false };
}

/** A silence is measured from the first tick that heard nothing. */
export function ticked(partition: Partition, nowMs: number, idleMs: number): Partition {
  if (partition.isFresh || partition.heardMs === undefined) {
    return { ...partition, heardMs: nowMs, isFresh: false };
  }
  return { ...partition, isIdle: partition.isIdle || nowMs - partition.heardMs >= idleMs };
}

/**
 * The least of what the partitions that are not idle have reached. Undefined while one of them has not begun, or none is left.
 */
export function reached(partitions: Partitions, disorderMs: number): number | undefined {
  let least = Number.POSITIVE_INFINITY;
  for (const { maxMs, isIdle } of partitions.values()) {
    if (isIdle) continue;
    if (maxMs === undefined) return undefined;
    least = Math.min(least, maxMs);
  }
  return least === Number.POSITIVE_INFINITY ? undefined : least - disorderMs;
}

export function allIdle(partitions: Partitions): boolean {
  return partitions.size > 0 && [...partitions.values()].every(({ isIdle }) => isIdle);
}
