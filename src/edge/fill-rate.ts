// How fast an appliance may fill: the arithmetic of the token bucket that holds all fill together, and of the urgent lane,
// which takes a share of what viewers leave free. The agent and a simulator do the same sums.
import { type BitsPerSecond, type BytesPerSecond, bitsPerSecond } from "#units/quantity.ts";

/** What the bucket holds when it is full, in seconds of its rate: over any second at most 3 % more than the rate passes. */
const heldSeconds = 0.03;
/** What all that draw from it together have drawn and not yet used, at most. Chosen by us: with the above, under 5 %. */
const drawnSeconds = 0.01;

export interface Bucket {
  /** 0 lets nothing pass; Infinity everything. */
  readonly rate: BytesPerSecond;
  readonly held: number;
  /** Monotonic. */
  readonly atMs: number;
}

export interface Draw {
  readonly bucket: Bucket;
  /** Bytes that may be taken now; 0: ask again after `waitMs`. */
  readonly granted: number;
  readonly waitMs: number;
}

/** It begins empty: a rate that is set anew is no gift. */
export function emptyBucket(rate: BytesPerSecond, nowMs: number): Bucket {
  return { rate, held: 0, atMs: nowMs };
}

/**
 * Asks for up to `wanted` bytes. What is granted over any second is at most 1.03 × the rate and one byte.
 *
 * @param drawers how many ask at the same time: what each may hold without having used it is less with more of them
 */
export function draw(bucket: Bucket, wanted: number, drawers: number, nowMs: number): Draw {
  if (bucket.rate === Number.POSITIVE_INFINITY) return { bucket, granted: wanted, waitMs: 0 };
  const now = filledUp(bucket, nowMs);
  const portion = Math.min(wanted, Math.max(1, Math.floor((bucket.rate * drawnSeconds) / drawers)));
  if (now.held < portion) {
    const waitMs = bucket.rate === 0 ? Number.POSITIVE_INFINITY : ((portion - now.held) / bucket.rate) * 1000;
    return { bucket: now, granted: 0, waitMs };
  }
  return { bucket: { ...now, held: now.held - portion }, granted: portion, waitMs: 0 };
}

/** What was granted and not used comes back. */
export function giveBack(bucket: Bucket, unused: number): Bucket {
  return { ...bucket, held: Math.min(mostHeld(bucket.rate), bucket.held + unused) };
}

export function atRate(bucket: Bucket, rate: BytesPerSecond, nowMs: number): Bucket {
  if (rate === bucket.rate) return bucket;
  const { held } = filledUp(bucket, nowMs);
  return { rate, held: Math.min(held, mostHeld(rate)), atMs: nowMs };
}

function filledUp({ rate, held, atMs }: Bucket, nowMs: number): Bucket {
  if (rate === Number.POSITIVE_INFINITY) return { rate, held: 0, atMs: nowMs };
  const passedMs = Math.max(0, nowMs - atMs);
  return { rate, held: Math.min(mostHeld(rate), held + (rate * passedMs) / 1000), atMs: atMs + passedMs };
}

function mostHeld(rate: number): number {
  if (rate === 0 || rate === Number.POSITIVE_INFINITY) return 0;
  return Math.max(1, rate * heldSeconds);
}

/** What the box is, and what it does for viewers now. */
export interface Egress {
  /** What it can send. */
  readonly throughput: BitsPerSecond;
  /** What it sends. */
  readonly load: BitsPerSecond;
  /** Load and urgent lane together stay below this share of the throughput. */
  readonly limitShare: number;
}

/** Below this the urgent lane is shut: a source that waits for us for minutes gives up anyway. Chosen by us. */
const leastLane = bitsPerSecond(64_000);

/**
 * The urgent lane outside the window: a share of what viewers leave free, and never more than brings the box to its limit,
 * nor than the cap; 0 when that is next to nothing.
 */
export function laneRate(cap: BitsPerSecond, share: number, egress: Egress): BitsPerSecond {
  const { throughput, load, limitShare } = egress;
  const spare = Math.max(0, throughput - load) * share;
  const room = throughput * limitShare - load;
  const rate = Math.min(cap, spare, room);
  return bitsPerSecond(rate < Math.min(leastLane, cap) ? 0 : rate);
}

/** The lower of two caps, of which 0 is none. */
export function lowerCap(a: BitsPerSecond, b: BitsPerSecond): BitsPerSecond {
  return bitsPerSecond(Math.min(a || Number.POSITIVE_INFINITY, b || Number.POSITIVE_INFINITY));
}
