// The subtitles in manifests that were packaged long ago: read from them, and written into them anew. What is around them stays as it
// is, letter by letter: it says exact times and measured sizes of media that nobody need look at again. The outcome is the text that
// packaging the film with these subtitles would have written.
import { type Refused, refused } from "./boxes.ts";
import { subtitleSets } from "./dash.ts";
import { subtitleGroup, subtitleTags } from "./hls-master.ts";
import type { SubtitleTrack } from "./track.ts";
import { xmlText } from "./xml.ts";

export interface Manifests {
  readonly dash: string;
  readonly hls: string;
}

export type ListedSubtitles = Omit<SubtitleTrack, "bytes">;

export type ManifestsWritten =
  | { readonly kind: "written"; readonly manifests: Manifests; readonly microseconds: number }
  | Refused;

/** In the manifest's order, under the names that it gives them. */
export function listedSubtitles(dash: string): readonly ListedSubtitles[] {
  return setsIn(dash)
    .filter(isText)
    .map((set) => ({
      id: plain(/<Representation id="([^"]*)"/.exec(set)?.[1] ?? ""),
      language: plain(/^ *<AdaptationSet [^>]*\blang="([^"]*)"/.exec(set)?.[1] ?? "und"),
      name: plain(/<Label>([^<]*)<\/Label>/.exec(set)?.[1] ?? ""),
      isForced: set.includes('value="forced-subtitle"'),
    }));
}

/** The same manifests with these subtitles and no others. */
export function withSubtitles({ dash, hls }: Manifests, tracks: readonly SubtitleTrack[]): ManifestsWritten {
  const duration = /<MPD [^>]*\bmediaPresentationDuration="PT(\d+)\.(\d{6})S"/.exec(dash);
  const sets = setsIn(dash);
  if (duration === null || sets.length === 0) return refused("its DASH manifest is not as we write them");
  if (!hls.startsWith("#EXTM3U\n") || !/^#EXT-X-STREAM-INF:/m.test(hls)) {
    return refused("its HLS playlist is not as we write them");
  }
  const microseconds = Number(duration[1]) * 1e6 + Number(duration[2]);
  const manifests = { dash: dashWith(dash, sets, tracks, microseconds), hls: hlsWith(hls, tracks) };
  return { kind: "written", manifests, microseconds };
}

/** Indented by four spaces, as `dashManifest` has them. */
function setsIn(dash: string): readonly string[] {
  return [...dash.matchAll(/^ {4}<AdaptationSet [\s\S]*?^ {4}<\/AdaptationSet>\n/gm)].map(([set]) => set);
}

function isText(set: string): boolean {
  return / contentType="text"/.test(set.slice(0, set.indexOf(">")));
}

function isPictures(set: string): boolean {
  return / contentType="image"/.test(set.slice(0, set.indexOf(">")));
}

/** Sets are numbered as they come: media, subtitles, pictures for the seek bar. */
function dashWith(
  dash: string,
  sets: readonly string[],
  tracks: readonly SubtitleTrack[],
  microseconds: number,
): string {
  const [first = "", last = ""] = [sets[0], sets.at(-1)];
  const media = sets.filter((set) => !isText(set) && !isPictures(set));
  const texts = subtitleSets(tracks, microseconds).map((set) =>
    xmlText({ ...set, attributes: [["id", ""], ...set.attributes] }, "    "),
  );
  const all = [...media, ...texts, ...sets.filter(isPictures)].map((set, index) =>
    set.replace(/^ {4}<AdaptationSet id="[^"]*"/, () => `    <AdaptationSet id="${index + 1}"`),
  );
  return dash.slice(0, dash.indexOf(first)) + all.join("") + dash.slice(dash.lastIndexOf(last) + last.length);
}

function hlsWith(hls: string, tracks: readonly SubtitleTrack[]): string {
  const group = tracks.length === 0 ? "" : `SUBTITLES="${subtitleGroup}",`;
  const lines = hls
    .split("\n")
    .filter((line) => !line.startsWith("#EXT-X-MEDIA:TYPE=SUBTITLES,"))
    .map((line) =>
      line.startsWith("#EXT-X-STREAM-INF:")
        ? line.replace(
            /(,?)(?:SUBTITLES="[^"]*",)?CLOSED-CAPTIONS=NONE$/,
            (_all, comma) => `${comma}${group}CLOSED-CAPTIONS=NONE`,
          )
        : line,
    );
  const variant = lines.findIndex((line) => line.startsWith("#EXT-X-STREAM-INF:"));
  return [...lines.slice(0, variant), ...subtitleTags(tracks), ...lines.slice(variant)].join("\n");
}

/** Text of our own XML as it was before. */
function plain(text: string): string {
  return text
    .replaceAll("&quot;", '"')
    .replaceAll("&gt;", ">")
    .replaceAll("&lt;", "<")
    .replaceAll("&amp;", "&");
}
