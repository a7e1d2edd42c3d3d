// What the fill queue does next: checks before fetches, nothing beyond the budget, deletions last.
import {
  beginWork,
  diskRest,
  fileAtSource,
  fileRest,
  isResting,
  quarantine,
  setPartial,
  sourceRest,
} from "./fill-books.ts";
import { type FillCommand, type FillState, type PlannedFile, partialName, usedBytes } from "./fill-state.ts";

/** How far behind the head of the queue is looked for something that can be done now. */
const lookAhead = 64;
/** Files that are deleted at the same time. */
const removals = 8;

/** Hands out work as long as there are free slots, then lets go of what is no longer wanted. */
export function pump(state: FillState, now: number, commands: FillCommand[]): void {
  let looked = 0;
  for (const key of state.pending) {
    if (looked++ >= lookAhead || !hasFreeSlot(state)) break;
    const file = state.planned.get(key);
    if (file === undefined || state.work.has(key)) state.pending.delete(key);
    else if (state.discarding.has(partialName(file)) || isResting(state, fileRest(key), now))
      defer(state, key);
    else if (state.disk.has(key)) check(state, file, commands);
    else fetchNext(state, file, now, commands);
  }
  if (isComplete(state)) {
    for (const key of state.strays) leave(state, key);
  }
  removeLeavers(state, now, commands);
}

function hasFreeSlot(state: FillState): boolean {
  return state.fetching < state.limits.fetches || state.checking < state.limits.checks;
}

function isComplete(state: FillState): boolean {
  return state.bundles.size > 0 && state.pending.size === 0 && everyFileProven(state);
}

function everyFileProven(state: FillState): boolean {
  if (state.fetching > 0 || state.checking > 0) return false;
  for (const [id, lacking] of state.lacking) {
    if (lacking > 0 && (state.bundles.get(id)?.length ?? 0) > 0) return false;
  }
  return true;
}

/** To the end of the queue: others go first. */
function defer(state: FillState, key: string): void {
  state.pending.delete(key);
  state.pending.add(key);
}

function check(state: FillState, file: PlannedFile, commands: FillCommand[]): void {
  if (state.checking >= state.limits.checks) return;
  const found = state.disk.get(file.key);
  state.pending.delete(file.key);
  if (found?.bytes !== file.bytes || found.proof !== undefined) {
    quarantine(state, file.key, commands);
    return;
  }
  beginWork(state, file.key, { kind: "inspecting" });
  commands.push({ kind: "inspect", key: file.key });
}

function fetchNext(state: FillState, file: PlannedFile, now: number, commands: FillCommand[]): void {
  if (state.fetching >= state.limits.fetches || isResting(state, diskRest, now)) return;
  const source = file.sources.find(
    (candidate) =>
      !isResting(state, sourceRest(candidate), now) && !isResting(state, fileAtSource(file, candidate), now),
  );
  if (source === undefined) {
    defer(state, file.key);
    return;
  }
  const name = partialName(file);
  const need = file.bytes - (state.partials.get(name) ?? 0);
  if (usedBytes(state) + need > state.limits.budget) {
    makeRoom(state, need, commands);
    return;
  }
  state.pending.delete(file.key);
  setPartial(state, name, 0);
  beginWork(state, file.key, { kind: "fetching", file, source, resumed: false });
  commands.push({ kind: "fetch", file, source, name });
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

function removeLeavers(state: FillState, now: number, commands: FillCommand[]): void {
  for (const [key, { version }] of state.leaving) {
    if (state.removing >= removals || version > state.reported) return;
    if (state.work.has(key) || isResting(state, fileRest(key), now)) continue;
    beginWork(state, key, { kind: "removing" });
    commands.push({ kind: "remove", key });
  }
}
