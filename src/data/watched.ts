// What counts as watched, and not only begun: the same wherever bookmarks lie.
import type { Bookmark } from "#model/playback.ts";

/** Played for so long, or for so much of it, or to the end. */
export const watchedMs = 120_000;
export const watchedPart = 20;

export function isWatched({ finished, positionMs, durationMs }: Bookmark): boolean {
  return finished || positionMs >= watchedMs || positionMs * watchedPart >= durationMs;
}
