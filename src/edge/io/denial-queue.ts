// What is denied at the origin: the newest list wins, one is applied at a time, and one that failed is tried again.
import { setTimeout as sleep } from "node:timers/promises";
import type { Denial } from "#model/denial.ts";

export interface DenialQueueOrder {
  readonly apply: (denied: readonly Denial[]) => Promise<void>;
  /** Between a failure and the next try. */
  readonly retryMs: number;
  /** Its end forgets what is not applied yet. */
  readonly signal: AbortSignal;
  readonly onTrouble: (error: unknown) => void;
}

/** Returns how the queue is given a list: whole, in the place of all that came before. */
export function openDenialQueue(order: DenialQueueOrder): (denied: readonly Denial[]) => void {
  let newest: readonly Denial[] | undefined;
  let isWorking = false;
  const work = async (): Promise<void> => {
    while (newest !== undefined && !order.signal.aborted) {
      const denied = newest;
      try {
        await order.apply(denied);
        if (newest === denied) newest = undefined;
      } catch (error) {
        if (order.signal.aborted) break;
        order.onTrouble(error);
        await sleep(order.retryMs, undefined, { signal: order.signal }).catch(() => undefined);
      }
    }
    isWorking = false;
  };
  return (denied) => {
    newest = denied;
    if (isWorking) return;
    isWorking = true;
    void work();
  };
}
