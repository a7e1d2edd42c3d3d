// One small picture per shot, on one sheet beside the report.
import type { Shot } from "#model/encoded.ts";
import { type Args, plain, type Reference, reading } from "./argv.ts";
import type { Size } from "./size.ts";

export interface ShotPictures {
  readonly tileWidth: number;
  readonly tileHeight: number;
  readonly columns: number;
  readonly rows: number;
  /** `tiles[n]`: which shot the n-th picture shows, and by which frame. In film order. */
  readonly tiles: readonly { readonly shot: number; readonly frame: number }[];
}

const tileWidth = 160;
const columns = 10;
/** A sheet of this many is about 2 MB. The shorter shots of a longer film would be slivers anyway. */
export const mostPictures = 500;

/** The middle frame of each shot; of the longest shots, when there are too many. */
export function planShotPictures(shots: readonly Shot[], display: Size): ShotPictures {
  const longest = [...shots].sort((a, b) => lengthOf(b) - lengthOf(a) || a.id - b.id).slice(0, mostPictures);
  const tiles = longest
    .sort((a, b) => a.id - b.id)
    .map(({ id, startFrame, endFrame }) => ({ shot: id, frame: Math.floor((startFrame + endFrame) / 2) }));
  const tileHeight = Math.max(2, 2 * Math.round((tileWidth * display.height) / display.width / 2));
  return { tileWidth, tileHeight, columns, rows: Math.ceil(tiles.length / columns), tiles };
}

export function shotPicturesArgs(reference: Reference, pictures: ShotPictures, output: string): Args {
  const filters = [
    `select='${pictures.tiles.map(({ frame }) => `eq(n,${frame})`).join("+")}'`,
    `scale=${pictures.tileWidth}:${pictures.tileHeight}:flags=area:out_range=pc`,
    "format=yuvj420p",
    `tile=${pictures.columns}x${pictures.rows}`,
  ];
  const picture = ["-frames:v", "1", "-update", "1", "-q:v", "5", ...plain, "-f", "image2", output];
  return [...reading(reference), "-vf", filters.join(","), ...picture];
}

/** Shots with where their pictures are: "shots.jpg#xywh=160,0,160,90". Source: W3C Media Fragments §4.2.2. */
export function withThumbnails<S extends { readonly startFrame: number }>(
  shots: readonly S[],
  { tileWidth: w, tileHeight: h, columns: across, tiles }: ShotPictures,
  file: string,
): readonly (S & { readonly thumbnail?: string })[] {
  const places = new Map(
    tiles.map(({ shot }, n) => [shot, `${(n % across) * w},${Math.floor(n / across) * h},${w},${h}`]),
  );
  return shots.map((shot, index) => {
    const place = places.get(index);
    return place === undefined ? shot : { ...shot, thumbnail: `${file}#xywh=${place}` };
  });
}

export interface PicturePlace {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export function placeOf(thumbnail: string): PicturePlace | undefined {
  const found = /#xywh=(\d{1,6}),(\d{1,6}),(\d{1,4}),(\d{1,4})$/.exec(thumbnail);
  if (found === null) return undefined;
  const [x = 0, y = 0, width = 0, height = 0] = found.slice(1).map(Number);
  return { x, y, width, height };
}

function lengthOf({ startFrame, endFrame }: Shot): number {
  return endFrame - startFrame;
}
