// Book-keeping of the fill queue: each sum is changed together with what it sums.
import { enqueue } from "./fill-order.ts";
import {
  type DiskEntry,
  type FillCommand,
  type FillState,
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
  state.stopping.delete(key);
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
  enqueue(state, key);
}

/** How many files of a bundle are not proven. */
export function setLacking(state: FillState, id: string, lacking: number): void {
  const before = state.lacking.get(id) ?? 0;
  state.lackingBundles += Number(lacking > 0) - Number(before > 0);
  state.lacking.set(id, lacking);
}

const sha256Digits = 64;

/** Beginnings that no file of the plan will go on with. */
export function discardStrayPartials(state: FillState, commands: FillCommand[]): void {
  if (state.planned.size === 0 || state.partials.size === 0) return;
  // A name begins with the file's hash: most files of a plan have no beginning, and need no name.
  const begun = new Set([...state.partials.keys()].map((name) => name.slice(0, sha256Digits)));
  const awaited = new Set<string>();
  for (const file of state.planned.values()) if (begun.has(file.sha256)) awaited.add(partialName(file));
  for (const name of state.partials.keys()) if (!awaited.has(name)) discard(state, name, commands);
}

export function countBytes(state: FillState, source: Source, received: number): void {
  state.counts[countOf[source.kind]] += received;
}

const countOf = { peer: "bytesFromPeers", tier: "bytesFromTier", origin: "bytesFromOrigin" } as const;

/** All of the fill rests while the disk is full. */
export const diskRest = "disk";
export const sourceRest = (source: Source): string => `source ${source.sourceId}`;
export const fileRest = (key: string): string => `file ${key}`;
export const fileAtSource = (key: string, source: Source): string => `file ${key} at ${source.sourceId}`;

export function restsUntil(state: FillState, name: string): number {
  return state.rests.get(name)?.until ?? Number.NEGATIVE_INFINITY;
}

export function isResting(state: FillState, name: string, now: number): boolean {
  return restsUntil(state, name) > now;
}

/** A pause of a source, a file, a file at a source or, with neither, the disk. It doubles each time, from the shortest to the longest. */
export function rest(state: FillState, of: Pick<Rest, "source" | "key">, now: number): void {
  const name = restName(of);
  const times = (state.rests.get(name)?.times ?? 0) + 1;
  const pause = Math.min(state.limits.retryMax, state.limits.retryMin * 2 ** Math.min(times - 1, 30));
  state.rests.set(name, { ...of, until: now + pause, times });
}

function restName({ source, key }: Pick<Rest, "source" | "key">): string {
  if (key === undefined) return source === undefined ? diskRest : sourceRest(source);
  return source === undefined ? fileRest(key) : fileAtSource(key, source);
}

/** Sets a file aside that is not what the plan wants in its place. */
export function quarantine(state: FillState, key: string, commands: FillCommand[]): void {
  state.problem = `${key} on this disk is not what was published; it is set aside and fetched again`;
  beginWork(state, key, { kind: "quarantining" });
  commands.push({ kind: "quarantine", key });
}
