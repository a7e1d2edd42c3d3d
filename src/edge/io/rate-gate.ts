// Holds all fill of an appliance together under one rate: a token bucket that holds a quarter of a second.
import { setTimeout as sleep } from "node:timers/promises";
import type { BytesPerSecond } from "#units/quantity.ts";

const burstSeconds = 0.25;

export interface RateGate {
  /** Waits until these bytes, already received, are paid for. */
  pass(bytes: number, signal: AbortSignal): Promise<void>;
}

export function openGate(rate: BytesPerSecond): RateGate {
  return rate > 0 ? new TokenBucket(rate) : { pass: () => Promise.resolve() };
}

class TokenBucket implements RateGate {
  readonly #rate: number;
  /** When everything taken so far is paid for, in ms of performance.now. */
  #paidAt = 0;

  constructor(rate: number) {
    this.#rate = rate;
  }

  async pass(bytes: number, signal: AbortSignal): Promise<void> {
    const now = performance.now();
    this.#paidAt = Math.max(this.#paidAt, now - burstSeconds * 1000) + (bytes / this.#rate) * 1000;
    const wait = this.#paidAt - now;
    if (wait > 0) await sleep(wait, undefined, { signal }).catch(() => undefined);
  }
}
