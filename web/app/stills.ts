// The storyboard of a film that nobody plays yet: asked for once in a while, and a few pictures of it, spread over the film.
import { postPrefetch } from "#web/client.ts";
import type { Tile } from "#web/player/storyboard.ts";
import { parseStoryboard } from "#web/player/storyboard.ts";

const most = 12;
const within = 8000;
/** Films that are remembered at once; the one asked longest ago is forgotten. */
const kept = 200;
/** Chosen by us: a film that is made anew has other pictures. */
const longestMs = 300_000;
/** A preview that begins now still shows all its pictures. */
const marginMs = 30_000;

/** Tiles, and until when their signed addresses are served, by this page's clock. */
export interface SignedTiles {
  readonly tiles: readonly Tile[];
  readonly untilMs: number;
}

export interface TileShelf {
  /** Never fails: a film whose storyboard cannot be had has no preview this time, and is asked again the next. */
  readonly tilesOf: (titleId: string, signal: AbortSignal) => Promise<readonly Tile[]>;
  readonly forget: () => void;
}

export function tileShelf(
  ask: (titleId: string, signal: AbortSignal) => Promise<SignedTiles>,
  now: () => number,
): TileShelf {
  const asked = new Map<string, { readonly tiles: Promise<readonly Tile[]>; untilMs: number }>();
  const tilesOf = (titleId: string, signal: AbortSignal): Promise<readonly Tile[]> => {
    const known = asked.get(titleId);
    if (known !== undefined && now() < known.untilMs) return known.tiles;
    const latestMs = now() + longestMs;
    const answer = ask(titleId, signal);
    const tiles = answer.then(
      (signed) => {
        one.untilMs = Math.min(latestMs, signed.untilMs - marginMs);
        return signed.tiles;
      },
      () => {
        if (asked.get(titleId) === one) asked.delete(titleId);
        return [];
      },
    );
    const one = { tiles, untilMs: latestMs };
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

async function fetchTiles(titleId: string, signal: AbortSignal): Promise<SignedTiles> {
  const { storyboardUrl, expiresAtMs } = await postPrefetch({ titleId }, signal);
  const both = AbortSignal.any([signal, AbortSignal.timeout(within)]);
  const response = await fetch(storyboardUrl, { signal: both });
  if (!response.ok) throw new Error(`${storyboardUrl} answered with status ${response.status}.`);
  const tiles = parseStoryboard(await response.text(), new URL(storyboardUrl, location.href).href);
  return { tiles, untilMs: expiresAtMs };
}
