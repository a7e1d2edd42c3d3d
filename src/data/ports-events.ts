// Beacons as their consumers read them: from this machine's own log, or from Kafka behind it. And what no consumer could use.
import type { LogRecord } from "./ports.ts";

export interface EventPartition {
  readonly id: number;
  /** Of which log this is a part: where a consumer stopped in one says nothing of another. Undefined: this machine's own log. */
  readonly log: string | undefined;
}

export interface EventRead {
  readonly partition: number;
  readonly offset: number;
  readonly limit: number;
  /** Ends the wait at once; whatever arrives later is dropped. */
  readonly signal: AbortSignal;
}

/** Records of one session stand in one partition, in their order. */
export interface EventSource {
  partitions(signal: AbortSignal): Promise<readonly EventPartition[]>;
  /**
   * Records from `offset` on, at most `limit`; empty at the end and beyond it. Below the first that is kept, from that one on.
   */
  read(order: EventRead): Promise<readonly LogRecord[]>;
  /** Offset the next record will get. */
  end(partition: number, signal: AbortSignal): Promise<number>;
  /** Offset of the oldest record that is still there; `end` when there is none. */
  first(partition: number, signal: AbortSignal): Promise<number>;
}

/** A record that nobody could use, and why. */
export interface DeadLetter {
  readonly atMs: number;
  /** Who gave it up: a consumer, or the shipper. */
  readonly consumer: string;
  readonly partition: number;
  readonly offset: number;
  readonly because: string;
  /** Its first bytes: a long one is cut. */
  readonly value: Uint8Array;
  /** Of the whole record. */
  readonly bytes: number;
}

/** Bounded: the oldest go. */
export interface DeadLetters {
  /** Resolves once it is kept. The same one twice is kept once, as far as this program remembers. */
  keep(letter: DeadLetter): Promise<void>;
  /** The newest first. */
  newest(limit: number): Promise<readonly DeadLetter[]>;
}
