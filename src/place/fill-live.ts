// What is new: which files are fetched before the night, and when a title is announced.
import { type FillBox, type FillFile, type FillWorld, securedCopies } from "./fill-facts.ts";
import { byDraw } from "./fill-sources.ts";
import type { PlaceSettings } from "./settings.ts";

const hourMs = 3_600_000;

/** Published, or published anew after a faulty encode, not long ago, and not yet where it should be. */
export function isUrgent(
  file: FillFile,
  world: FillWorld,
  nowMs: number,
  settings: Pick<PlaceSettings, "fillUrgentHours" | "fillUrgentCopies">,
): boolean {
  return copiesToCome(file, world, nowMs, settings) > 0;
}

/** Copies that are still wanted urgently. A clock that was wrong when a title was published makes nothing urgent for ever. */
function copiesToCome(
  file: FillFile,
  world: FillWorld,
  nowMs: number,
  settings: Pick<PlaceSettings, "fillUrgentHours" | "fillUrgentCopies">,
): number {
  if (Math.abs(nowMs - file.publishedAtMs) >= settings.fillUrgentHours * hourMs) return 0;
  const wanted = Math.min(settings.fillUrgentCopies, file.serverIds.length);
  return wanted - securedCopies(world, file, wanted);
}

/**
 * Whether this box is one of the few that bring an urgent file before the night: of those that can, the first in the
 * file's draw. Else every site would fetch it by day, until the first two boxes have it.
 */
export function isUrgentFor(
  me: FillBox,
  file: FillFile,
  world: FillWorld,
  nowMs: number,
  settings: Pick<PlaceSettings, "fillUrgentHours" | "fillUrgentCopies" | "fillBusyPercent">,
): boolean {
  const toCome = copiesToCome(file, world, nowMs, settings);
  if (toCome <= 0) return false;
  const able = file.serverIds.flatMap((id) => {
    const box = id === me.id ? me : world.boxes.get(id);
    if (box === undefined || !box.isHealthy || box.holds(file.id)) return [];
    return box.progress === "blocked" || box.load > settings.fillBusyPercent / 100 ? [] : [box];
  });
  const place = byDraw(file.id, able).indexOf(me);
  return (place < 0 ? able.length : place) < toCome;
}

/**
 * Whether so many fill clusters hold so many copies of each of a title's files. A title that has been out for longer than
 * new files are urgent is live whatever happens to its copies.
 */
export function isLive(
  files: readonly FillFile[],
  world: FillWorld,
  nowMs: number,
  settings: Pick<PlaceSettings, "fillUrgentHours" | "liveClusters" | "liveCopies">,
): boolean {
  const { liveClusters, liveCopies, fillUrgentHours } = settings;
  const publishedAtMs = Math.max(...files.map((file) => file.publishedAtMs));
  if (liveClusters === 0 || Math.abs(nowMs - publishedAtMs) >= fillUrgentHours * hourMs) return true;
  const holders = new Map<string, number>();
  for (const box of world.boxes.values()) {
    if (!box.isHealthy || !files.every((file) => box.holds(file.id))) continue;
    holders.set(box.clusterId, (holders.get(box.clusterId) ?? 0) + 1);
  }
  return [...holders.values()].filter((copies) => copies >= liveCopies).length >= liveClusters;
}
