// The storyboard of a film that nobody plays yet: asked for once in a while, and a few pictures of it, spread over the film.
import { postPrefetch } from "#web/client.ts";
import type { Tile } from "#web/player/storyboard.ts";
import { parseStoryboard } from "#web/player/storyboard.ts";

const most = 12;
const within = 8000;
/** Films that are remembered at once; the one asked longest ago is forgotten. */
const kept = 200;
/**
 * A little more than the minute for which the control plane grants one look ahead per film: sooner it would refuse. What was shown
 * by then is in the browser's cache; what was not may be refused, since a look ahead is signed for seconds.
 */
const keptMs = 61_000;

export interface TileShelf {
  /** Never fails: a film whose storyboard cannot be had has no preview this time, and is asked again the next. */
  readonly tilesOf: (titleId: string, signal: AbortSignal) => Promise<readonly Tile[]>;
  readonly forget: () => void;
}

export function tileShelf(
  ask: (titleId: string, signal: AbortSignal) => Promise<readonly Tile[]>,
  now: () => number,
): TileShelf {
  const asked = new Map<string, { readonly tiles: Promise<readonly Tile[]>; readonly untilMs: number }>();
  const tilesOf = (titleId: string, signal: AbortSignal): Promise<readonly Tile[]> => {
    const known = asked.get(titleId);
    if (known !== undefined && now() < known.untilMs) return known.tiles;
    const tiles = ask(titleId, signal).catch(() => {
      if (asked.get(titleId) === one) asked.delete(titleId);
      return [];
    });
    const one = { tiles, untilMs: now() + keptMs };
    asked.delete(titleId);
    asked.set(titleId, one);
    const [oldest] = asked.keys();
    if (asked.size > kept && oldest !== undefined) asked.delete(oldest);
    return tiles;
  };
  return { tilesOf, forget: () => asked.clear() };
}

/** Of this page. Their addresses are signed for one person: the next one is not given them. */
export const { tilesOf, forget: forgetTiles } = tileShelf(fetchTiles, Date.now);

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
  if (!response.ok) throw new Error(`${storyboardUrl} answered with status ${response.status}.`);
  return parseStoryboard(await response.text(), new URL(storyboardUrl, location.href).href);
}
