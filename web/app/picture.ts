// Which picture shows a film: the catalogue's own where one is wide enough, else a frame of the film.
import type { Picture } from "#wire/picture.ts";

type Pictured = Pick<Picture, "kind" | "path" | "width" | "height">;

/** Kinds that fit a wide frame, the best first. */
const wide = ["backdrop", "still"] as const;

/** Addresses to try, the first first. A portrait is not cut down to a strip: the film's own frame shows more. */
export function wideUrls(pictures: readonly Pictured[] = [], posterUrl?: string): readonly string[] {
  const named = wide.flatMap((kind) => pictures.filter((picture) => picture.kind === kind));
  const others = pictures.filter(
    (picture) => !named.includes(picture) && picture.kind !== "logo" && picture.width > picture.height,
  );
  return [...[...named, ...others].map(({ path }) => path), ...(posterUrl === undefined ? [] : [posterUrl])];
}
