// What the fill queue does about a disk that has no room, whatever the budget says: it waits as a whole, and makes room.
import { diskRest, endWork, isResting, rest, setPartial } from "./fill-books.ts";
import { leave } from "./fill-next.ts";
import { enqueue } from "./fill-order.ts";
import { type FillCommand, type FillEvent, type FillState, partialName } from "./fill-state.ts";

/** A write found no room. What is held stays; what nobody wants any more, and what lies in quarantine, goes. */
export function takeFull(
  state: FillState,
  event: Extract<FillEvent, { kind: "full" }>,
  now: number,
  commands: FillCommand[],
): void {
  const work = state.work.get(event.key);
  endWork(state, event.key);
  if (!isResting(state, diskRest, now)) rest(state, {}, now);
  state.problem = `the disk is full (${event.detail}): the fill pauses, and goes on when there is room`;
  if (work === undefined || !("file" in work)) return;
  setPartial(state, partialName(work.file), work.file.bytes);
  enqueue(state, event.key);
  if (state.quarantineBytes > 0 && !state.purging) {
    state.purging = true;
    commands.push({ kind: "purge" });
  }
  for (const key of state.strays) {
    if (state.leavingBytes >= work.file.bytes) return;
    leave(state, key);
  }
}
