// Viewers who keep asking an appliance, one request after the other, and what became of each.
import { setTimeout as sleep } from "node:timers/promises";
import { atEnd, get, type Scope } from "./edge-rig.ts";

export interface ViewersOrder {
  readonly listen: string;
  readonly viewers: number;
  /** Between the end of one request and the next of the same viewer, in ms. */
  readonly restMs: number;
  /** Signed anew each time. */
  readonly path: () => string;
  /** Of the whole file. */
  readonly bytes: number;
}

export interface Viewers {
  asked(): number;
  /** Why each request that did not bring the whole file did not. */
  failed(): readonly string[];
  /** Longest time in which no request was answered whole, in ms, up to now. */
  longestGapMs(): number;
  /** Forgets what was counted so far. */
  restart(): void;
  /** Resolves when the last request is over. */
  stop(): Promise<void>;
}

export function startViewers(t: Scope, order: ViewersOrder): Viewers {
  let [asked, failed, isOver] = [0, [] as string[], false];
  let [lastAt, gapMs] = [performance.now(), 0];
  const one = async (): Promise<void> => {
    while (!isOver) {
      asked += 1;
      const because = await outcome(order);
      if (because === undefined) {
        gapMs = Math.max(gapMs, performance.now() - lastAt);
        lastAt = performance.now();
      } else failed.push(because);
      await sleep(order.restMs);
    }
  };
  const all = Promise.all(Array.from({ length: order.viewers }, one));
  const stop = async (): Promise<void> => {
    isOver = true;
    await all;
  };
  atEnd(t, stop);
  return {
    asked: () => asked,
    failed: () => failed,
    longestGapMs: () => Math.max(gapMs, performance.now() - lastAt),
    restart: () => {
      [asked, failed, lastAt, gapMs] = [0, [], performance.now(), 0];
    },
    stop,
  };
}

async function outcome({ listen, path, bytes }: ViewersOrder): Promise<string | undefined> {
  try {
    const { status, body } = await get(listen, path());
    if (status !== 200) return `status ${status}`;
    return body.length === bytes ? undefined : `${body.length} of ${bytes} bytes`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
