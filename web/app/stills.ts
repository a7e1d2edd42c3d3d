// The storyboard of a film that nobody plays yet: asked for once a page, and a few pictures of it, spread over the film.
import { postPrefetch } from "#web/client.ts";
import type { Tile } from "#web/player/storyboard.ts";
import { parseStoryboard } from "#web/player/storyboard.ts";

const most = 12;
const within = 8000;
/** Films that one visit remembers; the one asked longest ago is forgotten. */
const kept = 200;
const asked = new Map<string, Promise<readonly Tile[]>>();

/** Never fails: a film whose storyboard cannot be had has no preview. Given up in mid-way it is asked again. */
export function tilesOf(titleId: string, signal: AbortSignal): Promise<readonly Tile[]> {
  const known = asked.get(titleId);
  if (known !== undefined) return known;
  const tiles = fetchTiles(titleId, signal).catch(() => {
    if (signal.aborted) asked.delete(titleId);
    return [];
  });
  asked.set(titleId, tiles);
  const [oldest] = asked.keys();
  if (asked.size > kept && oldest !== undefined) asked.delete(oldest);
  return tiles;
}

/** At most twelve of them, evenly from the first to the last. */
export function stillsOf(tiles: readonly Tile[]): readonly Tile[] {
  if (tiles.length <= most) return tiles;
  return Array.from({ length: most }, (_, index) => {
    const at = Math.round((index * (tiles.length - 1)) / (most - 1));
    return tiles.slice(at, at + 1);
  }).flat();
}

async function fetchTiles(titleId: string, signal: AbortSignal): Promise<readonly Tile[]> {
  const { storyboardUrl } = await postPrefetch({ titleId }, signal);
  const both = AbortSignal.any([signal, AbortSignal.timeout(within)]);
  const response = await fetch(storyboardUrl, { signal: both });
  if (!response.ok) return [];
  return parseStoryboard(await response.text(), new URL(storyboardUrl, location.href).href);
}
