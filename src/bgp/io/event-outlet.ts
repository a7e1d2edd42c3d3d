// Route events on their way to who wants them, in batches. While a batch is being taken, the neighbours wait.
import type { RouteEvent } from "#model/network.ts";

export type TakeEvents = (events: readonly RouteEvent[]) => void | Promise<void>;

export interface EventOutlet {
  add(event: RouteEvent): void;
  /** Hands over what has gathered. */
  flush(): void;
  /** Resolves when all that was added is taken. */
  settled(): Promise<void>;
}

/** Largest batch; a sweep of a full table is many. */
const mostEvents = 4096;

export interface OutletOrder {
  readonly take: TakeEvents;
  readonly pause: () => void;
  readonly resume: () => void;
  readonly failed: (error: unknown) => void;
}

export function eventOutlet({ take, pause, resume, failed }: OutletOrder): EventOutlet {
  let gathered: RouteEvent[] = [];
  let waiting = 0;
  let last: Promise<void> = Promise.resolve();

  const flush = (): void => {
    if (gathered.length === 0) return;
    const batch = gathered;
    gathered = [];
    if (waiting === 0) {
      const taken = take(batch);
      if (taken !== undefined) follow(taken);
    } else follow(last.then(() => take(batch)));
  };
  const follow = (taken: Promise<void>): void => {
    if (waiting === 0) pause();
    waiting += 1;
    last = taken.catch(failed).then(() => {
      waiting -= 1;
      if (waiting === 0) resume();
    });
  };
  return {
    add: (event) => {
      gathered.push(event);
      if (gathered.length >= mostEvents) flush();
    },
    flush,
    settled: async () => {
      flush();
      await last;
    },
  };
}
