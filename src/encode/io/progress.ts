// How far a list of unequal tasks is, and how long the rest will take at the pace of this run.
import { etaSeconds } from "#encode/rungs.ts";

export interface Progress {
  readonly done: number;
  readonly total: number;
  /** Of `done`, those an earlier run had made. */
  readonly reused: number;
  readonly etaSeconds: number | undefined;
}

export interface Pace<T> {
  readonly now: () => Progress;
  /** Call when an item is done. */
  readonly finished: (item: T) => Progress;
}

/** `work` weighs an item; `reused` items were done before this run. */
export function paceOver<T>(items: readonly T[], work: (item: T) => number, reused: number): Pace<T> {
  const begun = performance.now();
  const total = items.reduce((sum, item) => sum + work(item), 0);
  let doneWork = 0;
  let done = 0;
  const now = (): Progress => {
    const eta = etaSeconds(doneWork, total - doneWork, (performance.now() - begun) / 1000);
    return { done: done + reused, total: items.length + reused, reused, etaSeconds: eta };
  };
  const finished = (item: T): Progress => {
    doneWork += work(item);
    done++;
    return now();
  };
  return { now, finished };
}
