// Book-keeping of the fill queue: each sum is changed together with what it sums.
import {
  type DiskEntry,
  type FillCommand,
  type FillState,
  type PlannedFile,
  partialName,
  type Rest,
  type Source,
  type Work,
} from "./fill-state.ts";

export function beginWork(state: FillState, key: string, work: Work): void {
  state.work.set(key, work);
  if ("file" in work) {
    state.fetching += 1;
    state.reservedBytes += work.file.bytes;
  } else if (work.kind === "removing") state.removing += 1;
  else state.checking += 1;
}

export function endWork(state: FillState, key: string): void {
  const work = state.work.get(key);
  if (work === undefined) return;
  state.work.delete(key);
  if ("file" in work) {
    state.fetching -= 1;
    state.reservedBytes -= work.file.bytes;
  } else if (work.kind === "removing") state.removing -= 1;
  else state.checking -= 1;
}

export function setDisk(state: FillState, key: string, entry: DiskEntry | undefined): void {
  state.diskBytes += (entry?.bytes ?? 0) - (state.disk.get(key)?.bytes ?? 0);
  if (entry === undefined) state.disk.delete(key);
  else state.disk.set(key, entry);
  state.changes.push({ key, entry });
}

export function setPartial(state: FillState, name: string, bytes: number): void {
  state.partialBytes += bytes - (state.partials.get(name) ?? 0);
  if (bytes === 0) state.partials.delete(name);
  else state.partials.set(name, bytes);
}

export function discard(state: FillState, name: string, commands: FillCommand[]): void {
  if (state.discarding.has(name)) return;
  state.discarding.add(name);
  commands.push({ kind: "discard", name });
}

/** A key that was to leave is gone, or is wanted again. */
export function stay(state: FillState, key: string): void {
  state.leavingBytes -= state.leaving.get(key)?.bytes ?? 0;
  state.leaving.delete(key);
}

/** A file is no longer in its place: removed, set aside, or lost. */
export function takeGone(state: FillState, key: string): void {
  endWork(state, key);
  setDisk(state, key, undefined);
  state.strays.delete(key);
  stay(state, key);
  if (state.planned.has(key)) state.pending.add(key);
}

/** Beginnings that no file of the plan will go on with. */
export function discardStrayPartials(state: FillState, commands: FillCommand[]): void {
  if (state.planned.size === 0) return;
  const awaited = new Set<string>();
  for (const file of state.planned.values()) awaited.add(partialName(file));
  for (const name of state.partials.keys()) if (!awaited.has(name)) discard(state, name, commands);
}

export function countBytes(state: FillState, source: Source, received: number): void {
  state.counts[source.kind === "origin" ? "bytesFromOrigin" : "bytesFromPeers"] += received;
}

/** All of the fill rests while the disk is full. */
export const diskRest = "disk";
export const sourceRest = (source: Source): string => `source ${source.sourceId}`;
export const fileRest = (key: string): string => `file ${key}`;
export const fileAtSource = (file: PlannedFile, source: Source): string =>
  `file ${file.key} at ${source.sourceId}`;

export function isResting(state: FillState, name: string, now: number): boolean {
  return (state.rests.get(name)?.until ?? 0) > now;
}

/** A pause that doubles each time, from the shortest to the longest. */
export function rest(state: FillState, name: string, now: number): void {
  const times = (state.rests.get(name)?.times ?? 0) + 1;
  const pause = Math.min(state.limits.retryMax, state.limits.retryMin * 2 ** Math.min(times - 1, 30));
  const next: Rest = { until: now + pause, times };
  state.rests.set(name, next);
}

/** Sets a file aside that is not what the plan wants in its place. */
export function quarantine(state: FillState, key: string, commands: FillCommand[]): void {
  state.problem = `${key} on this disk is not what was published; it is set aside and fetched again`;
  beginWork(state, key, { kind: "quarantining" });
  commands.push({ kind: "quarantine", key });
}
