// Why a move loses nothing: who holds a file that is now planned elsewhere keeps it until a new place has it for good.
//
// One box keeps a file in each cluster that lacks it, so that it comes to its new place from there, and never more boxes keep
// it than places lack it. Then full boxes that swap never stand still: let S be the boxes that lack something and have no
// room for any of it. Each copy kept in S has a place in S that lacks it, and no two the same (else somebody could move), so
// that what lies in S is at most what is planned in S, which is at most its storage less the headroom. But then some box of S
// has the headroom free, and can fetch whatever is not larger than that. Where a single file is larger, `giveWay` ends it.
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
    if (keeps(me, file, world, keepCopies)) kept.push(file);
  }
  return kept;
}

function keeps(me: FillBox, file: FillFile, world: FillWorld, keepCopies: number): boolean {
  const lacksHere = lacking(me.clusterId, file, world);
  const wanted = Math.min(keepCopies, file.serverIds.length);
  if (!lacksHere && securedCopies(world, file, wanted) >= wanted) return false;
  const mine = placeOf(file, me);
  for (const box of world.boxes.values()) {
    if (box.id === me.id || !box.isHealthy || !box.secures(file.id)) continue;
    if (file.serverIds.includes(box.id)) continue;
    const isFirst = placeOf(file, box) < mine;
    if (
      box.clusterId === me.clusterId
        ? isFirst
        : !lacksHere && (isFirst || lacking(box.clusterId, file, world))
    )
      return false;
  }
  return true;
}

/** Whether a place in this cluster that is well waits for the file, and none there has it for good. */
function lacking(clusterId: string, file: FillFile, world: FillWorld): boolean {
  let isLacked = false;
  for (const id of file.serverIds) {
    const box = world.boxes.get(id);
    if (box?.isHealthy !== true || box.clusterId !== clusterId) continue;
    if (box.secures(file.id)) return false;
    isLacked = true;
  }
  return isLacked;
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
