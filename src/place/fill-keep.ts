// Why a move loses nothing: who holds a file that is now planned elsewhere keeps it until a new place has it for good.
//
// One box keeps each file. Then full boxes that swap never stand still: let S be the boxes that lack something and have no
// room for any of it. Each file kept in S is lacked by a box in S (else somebody could move), so that what lies in S is at
// most what is planned in S, which is at most its storage less the headroom. But then some box of S has the headroom free,
// and can fetch whatever is not larger than that. Where a single file is larger than the headroom, `giveWay` ends it.
import { unitInterval } from "#units/hash.ts";
import { type FillBox, type FillFile, type FillWorld, securedCopies } from "./fill-facts.ts";

/** Of what this box holds beyond its plan: what would be lost, or might be, if it let go. */
export function keptBy(
  me: FillBox,
  held: Iterable<string>,
  world: FillWorld,
  keepCopies: number,
): readonly FillFile[] {
  const kept: FillFile[] = [];
  for (const id of held) {
    const file = world.files.get(id);
    if (file === undefined || file.serverIds.length === 0) continue;
    if (file.serverIds.includes(me.id)) continue;
    const wanted = Math.min(keepCopies, file.serverIds.length);
    if (securedCopies(world, file, wanted) < wanted && !isKeptElsewhere(me, file, world)) kept.push(file);
  }
  return kept;
}

/** By one before this box in the file's order: of all that hold it, the first that secures it keeps it. */
function isKeptElsewhere(me: FillBox, file: FillFile, world: FillWorld): boolean {
  const mine = placeOf(file, me);
  for (const box of world.boxes.values()) {
    if (box.id === me.id || !box.isHealthy || !box.secures(file.id)) continue;
    if (!file.serverIds.includes(box.id) && placeOf(file, box) < mine) return true;
  }
  return false;
}

const placeOf = (file: FillFile, box: FillBox): number => unitInterval(`${file.id}\n${box.id}`);

/**
 * What a box gives up of what it keeps, when nobody can move: the least played, until the smallest file that it lacks has
 * room. The origin has it still. Only where that file is larger than the headroom.
 */
export function giveWay(
  kept: readonly FillFile[],
  freeBytes: number,
  smallestLacking: number,
): readonly FillFile[] {
  const given: FillFile[] = [];
  let free = freeBytes;
  for (const file of kept.toSorted((a, b) => a.playsPerDay - b.playsPerDay || (a.id < b.id ? -1 : 1))) {
    if (free >= smallestLacking) break;
    given.push(file);
    free += file.sizeBytes;
  }
  return free >= smallestLacking ? given : [];
}

/** Whether nobody else can move either. */
export function isDeadlocked(me: FillBox, world: FillWorld): boolean {
  for (const { id, progress } of world.boxes.values()) {
    if (id !== me.id && progress !== "blocked" && progress !== "done" && progress !== "gone") return false;
  }
  return true;
}

/** Whether a place of the file may still come for it. */
export function isAwaited(file: FillFile, world: FillWorld): boolean {
  return file.serverIds.some((id) => world.boxes.get(id)?.progress !== "gone");
}
