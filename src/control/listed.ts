// The renditions that a play names, and whose keys a licence holds.
import type { Rendition } from "#model/package.ts";

/** Without what is above; the lowest rung stays, whatever the limit says: a film without pictures is none. */
export function listedRenditions(renditions: readonly Rendition[], maxHeight: number): readonly Rendition[] {
  const lowest = Math.min(...renditions.filter(({ kind }) => kind === "video").map(({ height }) => height));
  return renditions.filter(({ height }) => height <= Math.max(maxHeight, lowest));
}
