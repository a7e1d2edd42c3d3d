// What the fill queue does next: stop what may not go on, check before fetching, nothing beyond the budget, delete last.
import {
  beginWork,
  diskRest,
  fileAtSource,
  fileRest,
  isResting,
  quarantine,
  restsUntil,
  setPartial,
  sourceRest,
} from "./fill-books.ts";
import { callWaiting, dequeue, lineUp, stillPending, wait } from "./fill-order.ts";
import {
  type FillCommand,
  type FillState,
  type PlannedFile,
  partialName,
  type Source,
  usedBytes,
} from "./fill-state.ts";
import { isUrgent, mayFetch, waitsStill } from "./fill-time.ts";

/** How many files are looked at in one step, so that none takes long. */
const lookAhead = 64;
/** Files that are deleted at the same time. */
const removals = 8;

/** Hands out work as long as there are free slots, then lets go of what is no longer wanted. */
export function pump(state: FillState, commands: FillCommand[]): void {
  state.hasMore = false;
  state.restEndsAt = Number.POSITIVE_INFINITY;
  stopTheShutOut(state, commands);
  callWaiting(state, lookAhead);
  checkSome(state, commands);
  fetchSome(state, commands);
  if (isComplete(state) && state.leaving.size < state.strays.size) {
    for (const key of state.strays) leave(state, key);
  }
  removeLeavers(state, commands);
}

/** Outside the window nothing goes on but what is urgent. */
function stopTheShutOut(state: FillState, commands: FillCommand[]): void {
  if (state.isOpen || state.fetching === 0) return;
  for (const [key, work] of state.work) {
    if (work.kind !== "fetching" || state.stopping.has(key)) continue;
    if (!mayFetch(state, state.planned.get(key) ?? work.file)) stop(state, key, commands);
  }
}

function stop(state: FillState, key: string, commands: FillCommand[]): void {
  state.stopping.add(key);
  commands.push({ kind: "cancel", key });
}

function isComplete(state: FillState): boolean {
  const isBusy = state.pending.size > 0 || state.fetching > 0 || state.checking > 0;
  return !isBusy && state.bundles.size > 0 && state.lackingBundles === 0;
}

function checkSome(state: FillState, commands: FillCommand[]): void {
  for (let looked = 0; state.checking < state.limits.checks; looked += 1) {
    if (state.checks.first() === undefined) return;
    if (looked === lookAhead) {
      state.hasMore = true;
      return;
    }
    const file = stillPending(state, state.checks.pop());
    if (file === undefined) continue;
    const restsTo = restsUntil(state, fileRest(file.key));
    if (!state.disk.has(file.key)) lineUp(state, file);
    else if (restsTo > state.nowMs) wait(state, file.key, restsTo);
    else check(state, file, commands);
  }
}

function check(state: FillState, file: PlannedFile, commands: FillCommand[]): void {
  const found = state.disk.get(file.key);
  dequeue(state, file.key);
  if (found?.bytes !== file.bytes || found.proof !== undefined) {
    quarantine(state, file.key, commands);
    return;
  }
  beginWork(state, file.key, { kind: "inspecting" });
  commands.push({ kind: "inspect", key: file.key });
}

/** Looks at the first files in the order of work, and puts back at their places those that found no room. */
function fetchSome(state: FillState, commands: FillCommand[]): void {
  if (isResting(state, diskRest, state.nowMs)) {
    if (state.fetches.first() !== undefined) state.restEndsAt = restsUntil(state, diskRest);
    return;
  }
  const back: PlannedFile[] = [];
  for (let looked = 0; ; looked += 1) {
    const key = state.fetches.first();
    if (key === undefined) break;
    if (looked === lookAhead) {
      state.hasMore = back.length < lookAhead;
      break;
    }
    const file = stillPending(state, key);
    if (file !== undefined && !isDue(state, file)) break;
    state.fetches.pop();
    if (file === undefined) continue;
    const step = fetchOne(state, file, commands);
    if (step !== "done") back.push(file);
    if (step === "no slot") break;
  }
  for (const file of back) lineUp(state, file);
}

/** Whether this first file of the order, and so any file, can be begun. */
function isDue(state: FillState, file: PlannedFile): boolean {
  return mayFetch(state, file) && (state.fetching < state.limits.fetches || isUrgent(state, file));
}

function fetchOne(
  state: FillState,
  file: PlannedFile,
  commands: FillCommand[],
): "done" | "no room" | "no slot" {
  const { key } = file;
  if (state.disk.has(key)) {
    lineUp(state, file);
    state.hasMore = true;
    return "done";
  }
  // That its old beginning is gone will be told.
  if (state.discarding.size > 0 && state.discarding.has(partialName(file))) return "no room";
  const source = chooseSource(state, file);
  if (typeof source === "number") {
    wait(state, key, source);
    return "done";
  }
  if (state.fetching >= state.limits.fetches) {
    giveWay(state, commands);
    return "no slot";
  }
  const name = partialName(file);
  const need = file.bytes - (state.partials.get(name) ?? 0);
  if (usedBytes(state) + need > state.limits.budget) {
    makeRoom(state, need, commands);
    return "no room";
  }
  dequeue(state, key);
  setPartial(state, name, 0);
  beginWork(state, key, { kind: "fetching", file, source, resumed: false });
  commands.push({ kind: "fetch", file, source, name });
  return "done";
}

/** The best source that may be asked now, or when one may be; Infinity: never. */
function chooseSource(state: FillState, file: PlannedFile): Source | number {
  const fileTo = restsUntil(state, fileRest(file.key));
  let soonest = Number.POSITIVE_INFINITY;
  for (const source of file.sources) {
    const askedAt = Math.max(
      fileTo,
      restsUntil(state, sourceRest(source)),
      restsUntil(state, fileAtSource(file.key, source)),
      state.nowMs + waitsStill(state, file, source),
    );
    if (askedAt <= state.nowMs) return source;
    soonest = Math.min(soonest, askedAt);
  }
  return soonest;
}

/** What is urgent takes the slot of an ordinary download, of the one that began last; its beginning is kept. */
function giveWay(state: FillState, commands: FillCommand[]): void {
  let last: string | undefined;
  for (const [key, work] of state.work) {
    if (state.stopping.has(key)) return;
    if (work.kind === "fetching" && !isUrgent(state, state.planned.get(key) ?? work.file)) last = key;
  }
  if (last !== undefined) stop(state, last, commands);
}

/** Gives up what the plan no longer wants, piece by piece, and only as much as the next file needs. */
function makeRoom(state: FillState, need: number, commands: FillCommand[]): void {
  const short = (): number => usedBytes(state) - state.leavingBytes + need - state.limits.budget;
  if (short() > 0 && state.quarantineBytes > 0) {
    if (!state.purging) commands.push({ kind: "purge" });
    state.purging = true;
    return;
  }
  for (const key of state.strays) {
    if (short() <= 0) return;
    leave(state, key);
  }
  if (short() <= 0) return;
  if (state.plannedBytes > state.limits.budget) {
    state.problem = `the plan asks for ${state.plannedBytes} bytes, the budget is ${state.limits.budget}; what fits is held`;
  }
}

/** Withdraws a stray from the advertisement; it goes when the control plane knows. */
export function leave(state: FillState, key: string): void {
  if (state.leaving.has(key) || state.work.has(key)) return;
  for (const [id, keys] of state.former) {
    if (!keys.has(key)) continue;
    state.former.delete(id);
    state.version += 1;
  }
  const bytes = state.disk.get(key)?.bytes ?? 0;
  state.leaving.set(key, { version: state.version, bytes });
  state.leavingBytes += bytes;
}

function removeLeavers(state: FillState, commands: FillCommand[]): void {
  for (const [key, { version }] of state.leaving) {
    if (state.removing >= removals || version > state.reported) return;
    if (state.work.has(key)) continue;
    const restsTo = restsUntil(state, fileRest(key));
    if (restsTo > state.nowMs) {
      state.restEndsAt = Math.min(state.restEndsAt, restsTo);
      continue;
    }
    beginWork(state, key, { kind: "removing" });
    commands.push({ kind: "remove", key });
  }
}
