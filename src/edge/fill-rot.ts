// What the fill queue does about a file that was verified and is found to be another one now.
import { quarantine, setDisk, takeGone } from "./fill-books.ts";
import type { FillCommand, FillEvent, FillState } from "./fill-state.ts";

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

/** No bundle with this file is whole any more. */
function withdraw(state: FillState, key: string, proof: string): void {
  const bytes = state.disk.get(key)?.bytes ?? 0;
  setDisk(state, key, { bytes, proof: undefined });
  const file = state.planned.get(key);
  for (const id of file?.sha256 === proof ? file.bundles : []) {
    const lacking = state.lacking.get(id) ?? 0;
    state.lacking.set(id, lacking + 1);
    if (lacking === 0) state.version += 1;
  }
  for (const [id, keys] of state.former) {
    if (!keys.has(key)) continue;
    state.former.delete(id);
    state.version += 1;
  }
}
