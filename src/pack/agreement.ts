// Whether HLS, DASH and the folder speak of the same files: each text is read for what it names, as a player would.

/** Every path that a playlist names; a `data:` address carries its content itself, and `skd:` is a name of FairPlay's. */
export function pathsInPlaylist(text: string): readonly string[] {
  const attributes = [...text.matchAll(/URI="([^"]*)"/g)].map((match) => match[1] ?? "");
  const paths = attributes.filter((uri) => !/^(?:data|skd):/.test(uri));
  return [...paths, ...text.split("\n").filter((line) => line !== "" && !line.startsWith("#"))];
}

export interface NamedRange {
  readonly path: string;
  readonly offset: number;
  readonly bytes: number;
}

/** The parts of files that a playlist names. */
export function rangesInPlaylist(text: string): readonly NamedRange[] {
  return [...text.matchAll(/^#EXT-X-BYTERANGE:(\d+)@(\d+)\n([^#\n]+)$/gm)].map(
    ([, bytes, offset, path = ""]) => ({ path, offset: Number(offset), bytes: Number(bytes) }),
  );
}

/** Every path of media and subtitles that our own DASH manifest names; sprite sheets have no timeline and are left out. */
export function pathsInManifest(text: string): readonly string[] {
  return [...text.matchAll(/<AdaptationSet[\s\S]*?<\/AdaptationSet>/g)].flatMap(([set]) => {
    const whole = [...set.matchAll(/<BaseURL>([^<]*)<\/BaseURL>/g)].map((match) => match[1] ?? "");
    const media = /media="([^"]*)"/.exec(set)?.[1] ?? "";
    const init = /initialization="([^"]*)"/.exec(set)?.[1];
    if (init === undefined) return whole;
    const counts = [...set.matchAll(/<S\b[^>]*?(?: r="(\d+)")?\/>/g)].map(
      (match) => 1 + Number(match[1] ?? 0),
    );
    const count = counts.reduce((sum, runs) => sum + runs, 0);
    const ids = [...set.matchAll(/<Representation id="([^"]*)"/g)].map((match) => match[1] ?? "");
    return ids.flatMap((id) => {
      const named = (template: string): string => template.replace("$RepresentationID$", id);
      const numbers = Array.from({ length: count }, (_, index) => String(index + 1));
      return [named(init), ...numbers.map((number) => named(media).replace("$Number$", number))];
    });
  });
}

/** A file that both manifests must name: all media, and the subtitles. The storyboard is the player's own. */
function isShared(path: string): boolean {
  return path.includes("/") || (path.endsWith(".vtt") && path !== "storyboard.vtt");
}

/**
 * What the two manifests and the folder disagree on; undefined when HLS, DASH and the folder name the same segments and
 * subtitles, all that is named is there, and every playlist is named by the master.
 */
export function unlisted(
  playlists: readonly string[],
  manifest: string,
  folder: ReadonlyMap<string, number>,
): string | undefined {
  const hls = new Set(playlists.flatMap(pathsInPlaylist));
  const dash = new Set(pathsInManifest(manifest));
  const lost = [...hls, ...dash].find((path) => !folder.has(path));
  if (lost !== undefined) return `a manifest names ${lost}, which is not there`;
  const paths = [...folder.keys()];
  const missed = paths.find((path) => isShared(path) && !(hls.has(path) && dash.has(path)));
  if (missed !== undefined) return `${missed} is not named by both manifests`;
  const loose = paths.find((path) => path.endsWith(".m3u8") && path !== "master.m3u8" && !hls.has(path));
  if (loose !== undefined) return `${loose} is not named by the master playlist`;
  if (targetsOf(playlists).size > 1)
    return `playlists of pictures and sound name target durations of ${[...targetsOf(playlists)].join(" and ")} s`;
  const long = playlists
    .flatMap(rangesInPlaylist)
    .find((range) => range.offset + range.bytes > (folder.get(range.path) ?? 0));
  if (long !== undefined) return `a playlist names bytes of ${long.path} beyond its end`;
  return undefined;
}

/** Target durations of all playlists that hold media in segments with an init: RFC 8216 §6.2.4 wants one. */
function targetsOf(playlists: readonly string[]): ReadonlySet<string> {
  const media = playlists.filter(
    (text) => text.includes("#EXT-X-MAP:") && !text.includes("#EXT-X-I-FRAMES-ONLY"),
  );
  return new Set(media.map((text) => /#EXT-X-TARGETDURATION:(\d+)/.exec(text)?.[1] ?? "no"));
}
