// Addresses of a play with another signed folder in them: what a beat brings is put in the place of what was there.
import type { PlayAnswer } from "#wire/viewer.ts";
import type { Tile } from "./storyboard.ts";

type Signed = Pick<PlayAnswer, "prefix" | "expiresAtMs">;

export function resigned(play: PlayAnswer, { prefix, expiresAtMs }: Signed): PlayAnswer {
  const fresh = (url: string): string => withFolder(url, play.prefix, prefix);
  return {
    ...play,
    prefix,
    expiresAtMs,
    manifests: play.manifests.map(({ sourceId, dash, hls }) => ({
      sourceId,
      dash: fresh(dash),
      hls: fresh(hls),
    })),
    sources: Object.fromEntries(
      Object.entries(play.sources).map(([id, list]) => [
        id,
        list.map(({ sourceId, baseUrl }) => ({ sourceId, baseUrl: fresh(baseUrl) })),
      ]),
    ),
    sidecarUrls: play.sidecarUrls.map(fresh),
    storyboardUrl: fresh(play.storyboardUrl),
  };
}

export function resignedTiles(tiles: readonly Tile[], before: string, after: string): readonly Tile[] {
  return tiles.map((tile) => ({ ...tile, url: withFolder(tile.url, before, after) }));
}

/** An address without the folder stays as it is. */
function withFolder(url: string, before: string, after: string): string {
  const at = url.indexOf(before);
  return at < 0 ? url : `${url.slice(0, at)}${after}${url.slice(at + before.length)}`;
}
