// How long a thread was kept from its work: a stretch of time by the clock, less what other programs took of it.
import { closeSync, openSync, readSync } from "node:fs";
import { threadId } from "node:worker_threads";

export interface Stopwatch {
  /** ms since the last call: by the clock, and of it what this thread was not kept waiting for a processor. */
  lap(): { readonly clockMs: number; readonly ownMs: number };
  close(): void;
}

/**
 * The kernel counts how long a thread was ready and did not run (second field of schedstat, ns). Where it does not
 * say, both times are the clock's.
 */
export function stopwatch(): Stopwatch {
  const file = opened();
  const text = Buffer.alloc(96);
  const waited = (): number => {
    if (file === undefined) return 0;
    const size = readSync(file, text, 0, text.length, 0);
    return Number(text.toString("latin1", 0, size).split(" ")[1]) / 1e6;
  };
  let clock = performance.now();
  let waits = waited();
  return {
    lap() {
      const [now, kept] = [performance.now(), waited()];
      const clockMs = now - clock;
      const ownMs = Math.max(0, clockMs - (kept - waits));
      [clock, waits] = [now, kept];
      return { clockMs, ownMs };
    },
    close() {
      if (file !== undefined) closeSync(file);
    },
  };
}

function opened(): number | undefined {
  try {
    return openSync("/proc/thread-self/schedstat", "r");
  } catch {
    console.error(`thread ${threadId}: the kernel does not say how long it waited for a processor`);
    return undefined;
  }
}
