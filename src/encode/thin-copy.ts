// Manifests that lie in another folder than their media: the same text with its relative addresses moved.

/** An HLS master playlist whose playlists are found under `base` ("../package/"). */
export function movedMaster(playlist: string, base: string): string {
  return playlist
    .split("\n")
    .map((line) => {
      if (line.startsWith("#"))
        return line.replaceAll(/URI="([^"]*)"/g, (_, uri: string) => `URI="${moved(uri, base)}"`);
      return line.trim() === "" ? line : moved(line, base);
    })
    .join("\n");
}

/** A DASH manifest whose media are found under `base`. Source: ISO/IEC 23009-1 §5.6 (BaseURL is MPD's first child but one). */
export function movedManifest(manifest: string, base: string): string {
  return manifest.replace(
    /(<MPD\b[^>]*>)(\s*<ProgramInformation[\s\S]*?<\/ProgramInformation>)?/,
    `$&\n  <BaseURL>${base}</BaseURL>`,
  );
}

function moved(uri: string, base: string): string {
  return /^[a-z][a-z0-9+.-]*:|^\//i.test(uri) ? uri : `${base}${uri}`;
}
