// The order of work: what is urgent first, then as the plan has it. What cannot be done yet waits until its time and holds
// up nothing behind it.
import { type FillState, isProven, type PlannedFile } from "./fill-state.ts";
import { isUrgent } from "./fill-time.ts";

/** Puts ordinary files behind urgent ones, whatever their place in the plan. */
const behindUrgent = 2 ** 40;

/** A file of the plan is to be hashed or fetched; one that the plan does not want is not. */
export function enqueue(state: FillState, key: string): void {
  const file = state.planned.get(key);
  if (file === undefined) return;
  state.pending.add(key);
  lineUp(state, file);
}

export function dequeue(state: FillState, key: string): void {
  state.pending.delete(key);
  state.unchecked.delete(key);
  state.urgent.delete(key);
}

/** At its place among those that can be done now. */
export function lineUp(state: FillState, file: PlannedFile): void {
  const { key, rank } = file;
  const urgent = isUrgent(state, file);
  const place = urgent ? rank : rank + behindUrgent;
  if (state.disk.has(key)) {
    state.unchecked.add(key);
    state.urgent.delete(key);
    state.checks.push(key, place);
    return;
  }
  state.unchecked.delete(key);
  if (urgent) state.urgent.add(key);
  state.fetches.push(key, place);
}

/** Not to be looked at before that moment of the monotonic clock; Infinity: not before something else happens. */
export function wait(state: FillState, key: string, until: number): void {
  if (until < Number.POSITIVE_INFINITY) state.waiting.push(key, until);
}

/** What waited long enough takes its place again, a few at a time. */
export function callWaiting(state: FillState, atMost: number): void {
  for (let called = 0; called < atMost && state.waiting.firstAt() <= state.nowMs; called += 1) {
    const file = stillPending(state, state.waiting.pop());
    if (file !== undefined) lineUp(state, file);
  }
  if (state.waiting.firstAt() <= state.nowMs) state.hasMore = true;
}

export function stillPending(state: FillState, key: string | undefined): PlannedFile | undefined {
  if (key === undefined || !state.pending.has(key) || state.work.has(key)) return undefined;
  return state.planned.get(key);
}

/** All of the plan that is neither proven nor being worked on, anew. */
export function lineUpAll(state: FillState): void {
  for (const heap of [state.checks, state.fetches, state.waiting]) heap.clear();
  for (const keys of [state.pending, state.unchecked, state.urgent]) keys.clear();
  for (const file of state.planned.values()) {
    if (!isProven(state, file) && !state.work.has(file.key)) enqueue(state, file.key);
  }
}
