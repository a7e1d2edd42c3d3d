// How far a list of unequal tasks is, and how long the rest will take at the pace of this run.
import { etaSeconds } from "#encode/rungs.ts";

export interface Progress {
  readonly done: number;
  readonly total: number;
  /** Of `done`, those an earlier run had made. */
  readonly reused: number;
  /** Of this run's work, from 0 to 1; items that are done in part count. */
  readonly share: number;
  readonly etaSeconds: number | undefined;
}

export interface Pace<T> {
  readonly now: () => Progress;
  /** Call when an item is done in part; undefined when less than a second has passed since the last. */
  readonly partly: (item: T, share: number) => Progress | undefined;
  /** Call when an item is done. */
  readonly finished: (item: T) => Progress;
}

const leastMs = 1000;
/** What a program did in its first moments, starting up, says nothing of its pace. */
export const leastSeconds = 5;

/** `work` weighs an item; `reused` items were done before this run. */
export function paceOver<T>(
  items: readonly T[],
  work: (item: T) => number,
  reused: number,
  clock: () => number = () => performance.now(),
): Pace<T> {
  const begun = clock();
  const total = items.reduce((sum, item) => sum + work(item), 0);
  let doneWork = 0;
  let done = 0;
  let told = begun;
  const parts = new Map<T, number>();
  const now = (): Progress => {
    told = clock();
    const partWork = [...parts].reduce((sum, [item, share]) => sum + work(item) * share, doneWork);
    const elapsed = (told - begun) / 1000;
    const isEarly = done === 0 && elapsed < leastSeconds;
    const eta = isEarly ? undefined : etaSeconds(partWork, total - partWork, elapsed);
    const share = total === 0 ? 1 : partWork / total;
    return { done: done + reused, total: items.length + reused, reused, share, etaSeconds: eta };
  };
  const partly = (item: T, share: number): Progress | undefined => {
    parts.set(item, share);
    return clock() - told < leastMs ? undefined : now();
  };
  const finished = (item: T): Progress => {
    parts.delete(item);
    doneWork += work(item);
    done++;
    return now();
  };
  return { now, partly, finished };
}
