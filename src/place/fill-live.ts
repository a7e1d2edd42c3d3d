// What is new: which files are fetched before the night, and when a title is announced.
import { type FillFile, type FillWorld, securedCopies } from "./fill-facts.ts";
import type { PlaceSettings } from "./settings.ts";

const hourMs = 3_600_000;

/** Published, or published anew after a faulty encode, not long ago, and not yet where it should be. */
export function isUrgent(
  file: FillFile,
  world: FillWorld,
  nowMs: number,
  settings: Pick<PlaceSettings, "fillUrgentHours" | "fillUrgentCopies">,
): boolean {
  if (nowMs - file.publishedAtMs >= settings.fillUrgentHours * hourMs) return false;
  const wanted = Math.min(settings.fillUrgentCopies, file.serverIds.length);
  return securedCopies(world, file, wanted) < wanted;
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
  if (liveClusters === 0 || nowMs - publishedAtMs >= fillUrgentHours * hourMs) return true;
  const holders = new Map<string, number>();
  for (const box of world.boxes.values()) {
    if (!box.isHealthy || !files.every((file) => box.holds(file.id))) continue;
    holders.set(box.clusterId, (holders.get(box.clusterId) ?? 0) + 1);
  }
  return [...holders.values()].filter((copies) => copies >= liveCopies).length >= liveClusters;
}
