// Holds all fill of an appliance together under one rate: the bucket of fill-rate.ts, and those who wait at it. What is
// urgent goes first.
import { atRate, type Bucket, draw, emptyBucket, giveBack } from "#edge/fill-rate.ts";
import { type BytesPerSecond, bytesPerSecond } from "#units/quantity.ts";

interface Waiter {
  readonly wanted: number;
  readonly isUrgent: boolean;
  readonly resolve: (granted: number) => void;
}

export class RateGate {
  readonly #drawers: number;
  #bucket: Bucket;
  /** Urgent ones first, else as they came. */
  #waiting: readonly Waiter[] = [];
  #timer: NodeJS.Timeout | undefined;

  /** `drawers`: how many may ask at the same time. */
  constructor(rate: BytesPerSecond, drawers: number) {
    this.#drawers = drawers;
    this.#bucket = emptyBucket(rate, performance.now());
  }

  setRate(rate: BytesPerSecond): void {
    if (rate === this.#bucket.rate) return;
    this.#bucket = atRate(this.#bucket, rate, performance.now());
    this.#serve();
  }

  /** Waits until bytes may be taken in: says how many, at least one and at most what is wanted; 0 when the signal ended first. */
  async take(wanted: number, signal: AbortSignal, isUrgent = false): Promise<number> {
    if (signal.aborted) return 0;
    const granted = this.#waiting.length === 0 ? this.#draw(wanted).granted : 0;
    return granted > 0 ? granted : this.#wait(wanted, signal, isUrgent);
  }

  /** What was granted and not used. */
  giveBack(unused: number): void {
    if (unused === 0) return;
    this.#bucket = giveBack(this.#bucket, unused);
    this.#serve();
  }

  /** Waits until these bytes, already taken in, are paid for. */
  async pass(bytes: number, signal: AbortSignal): Promise<void> {
    for (let left = bytes; left > 0 && !signal.aborted; ) left -= await this.take(left, signal);
  }

  #draw(wanted: number): { readonly granted: number; readonly waitMs: number } {
    const { bucket, ...drawn } = draw(this.#bucket, wanted, this.#drawers, performance.now());
    this.#bucket = bucket;
    return drawn;
  }

  #wait(wanted: number, signal: AbortSignal, isUrgent: boolean): Promise<number> {
    return new Promise((resolve) => {
      const leave = (): void => {
        this.#waiting = this.#waiting.filter((other) => other !== waiter);
        resolve(0);
      };
      const waiter: Waiter = {
        ...{ wanted, isUrgent },
        resolve: (granted) => {
          signal.removeEventListener("abort", leave);
          resolve(granted);
        },
      };
      signal.addEventListener("abort", leave, { once: true });
      const behind = this.#waiting.findIndex((other) => isUrgent && !other.isUrgent);
      this.#waiting = this.#waiting.toSpliced(behind < 0 ? this.#waiting.length : behind, 0, waiter);
      this.#serve();
    });
  }

  #serve(): void {
    clearTimeout(this.#timer);
    for (;;) {
      const [first, ...others] = this.#waiting;
      if (first === undefined) return;
      const { granted, waitMs } = this.#draw(first.wanted);
      if (granted === 0) {
        if (waitMs < Number.POSITIVE_INFINITY)
          this.#timer = setTimeout(() => this.#serve(), Math.ceil(waitMs));
        return;
      }
      this.#waiting = others;
      first.resolve(granted);
    }
  }
}

/** 0 is no limit. */
export function openGate(rate: BytesPerSecond, drawers = 1): RateGate {
  return new RateGate(bytesPerSecond(rate || Number.POSITIVE_INFINITY), drawers);
}
