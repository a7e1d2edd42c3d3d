// What the fill queue does about a file that was verified and is found to be another one now.
import { quarantine, setDisk, setLacking, takeGone } from "./fill-books.ts";
import { enqueue } from "./fill-order.ts";
import type { FillCommand, FillEvent, FillState } from "./fill-state.ts";
import { fileClock, isUrgent, waited } from "./fill-time.ts";

/** Stands for the hash of a file whose bytes the disk does not give back. */
export const unreadable = "unreadable";

/** A held file was read again. What was found is about the file that lay there then: another one since is let be. */
export function takeScrub(
  state: FillState,
  { key, proof, sha256 }: Extract<FillEvent, { kind: "scrubbed" }>,
  commands: FillCommand[],
): void {
  if (sha256 === proof || state.disk.get(key)?.proof !== proof || state.work.has(key)) return;
  state.rotten += 1;
  withdraw(state, key, proof);
  if (sha256 !== undefined) {
    quarantine(state, key, commands);
    return;
  }
  state.problem = `${key} was verified on this disk, and is not there any more; it is fetched again`;
  takeGone(state, key);
}

/** Viewers asked for these in vain. What was verified here and is lost is fetched urgently from now on; the rest is the plan's affair. */
export function takeMisses(state: FillState, keys: readonly string[]): void {
  for (const key of keys) {
    const file = state.planned.get(key);
    if (file === undefined || !state.lost.has(key) || isUrgent(state, file)) continue;
    const since = fileClock(state, true) - waited(state, file);
    state.asked.add(key);
    state.planned.set(key, { ...file, since });
    if (state.pending.has(key)) enqueue(state, key);
  }
}

/** No bundle with this file is whole any more. */
function withdraw(state: FillState, key: string, proof: string): void {
  const bytes = state.disk.get(key)?.bytes ?? 0;
  setDisk(state, key, { bytes, proof: undefined });
  const file = state.planned.get(key);
  if (file?.sha256 === proof) {
    state.lost.add(key);
    state.planned.set(key, { ...file, since: fileClock(state, file.urgent) });
  }
  for (const id of file?.sha256 === proof ? file.bundles : []) {
    const lacking = state.lacking.get(id) ?? 0;
    setLacking(state, id, lacking + 1);
    if (lacking === 0) state.version += 1;
  }
  for (const [id, keys] of state.former) {
    if (!keys.has(key)) continue;
    state.former.delete(id);
    state.version += 1;
  }
}
