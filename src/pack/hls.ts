// HLS media playlists as text, version 7 (fragmented MP4). Source: RFC 8216 §4. Every URI is relative: a signed prefix stands
// before them all.
import { hlsKey } from "./protection.ts";
import { systemKeys } from "./signalling.ts";
import {
  type AudioTrack,
  microsecondsOf,
  type SubtitleTrack,
  secondsText,
  type VideoTrack,
} from "./track.ts";

export const hlsHead = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-INDEPENDENT-SEGMENTS"];

/**
 * The longest segment of any track in whole seconds, rounded up: playlists of pictures and of sound must all name the same.
 * Source: RFC 8216 §6.2.4.
 */
export function targetSeconds(tracks: readonly (VideoTrack | AudioTrack)[]): number {
  return Math.max(0, ...tracks.map((track) => wholeSeconds(microsecondsOf(track))));
}

export function mediaPlaylist(track: VideoTrack | AudioTrack, target: number): string {
  const lengths = microsecondsOf(track);
  const segments = lengths.flatMap((length, index) => [
    `#EXTINF:${secondsText(length)},`,
    `${track.id}/${index + 1}.m4s`,
  ]);
  return lines([...hlsHead, ...opening(target), ...initTags(track), ...segments, "#EXT-X-ENDLIST"]);
}

/** One byte range per picture that stands alone, for winding; each stands until the next. Source: RFC 8216 §4.3.3.6. */
export function iframePlaylist(track: VideoTrack): string {
  const rows = track.segments.flatMap((segment, index) =>
    segment.keyframes.map((keyframe) => ({ ...keyframe, path: `${track.id}/${index + 1}.m4s` })),
  );
  const lengths = microsecondsOf({ timescale: track.timescale, segments: rows });
  const pictures = rows.flatMap((row, index) => [
    `#EXTINF:${secondsText(lengths[index] ?? 0)},`,
    `#EXT-X-BYTERANGE:${row.bytes}@${row.offset}`,
    row.path,
  ]);
  return lines([
    ...hlsHead,
    ...opening(wholeSeconds(lengths)),
    "#EXT-X-I-FRAMES-ONLY",
    ...initTags(track),
    ...pictures,
    "#EXT-X-ENDLIST",
  ]);
}

/** Subtitles as one segment: the whole file, which DASH names too. */
export function subtitlePlaylist({ id }: Pick<SubtitleTrack, "id">, microseconds: number): string {
  const segment = [`#EXTINF:${secondsText(microseconds)},`, `${id}.vtt`];
  return lines([...hlsHead, ...opening(wholeSeconds([microseconds])), ...segment, "#EXT-X-ENDLIST"]);
}

/** Name of the playlist of a rung's pictures that stand alone. */
export function iframePlaylistOf(track: Pick<VideoTrack, "id">): string {
  return `${track.id}${iframeSuffix}.m3u8`;
}

/** A rung's id may not end so. */
export const iframeSuffix = "-iframes";

/** No segment may be longer. */
function wholeSeconds(microseconds: readonly number[]): number {
  return Math.ceil(microseconds.reduce((most, length) => Math.max(most, length), 0) / 1e6);
}

/** Tags that every finished playlist begins with. */
function opening(target: number): readonly string[] {
  return [`#EXT-X-TARGETDURATION:${target}`, "#EXT-X-MEDIA-SEQUENCE:1", "#EXT-X-PLAYLIST-TYPE:VOD"];
}

/** The key stands before the init: a tag holds for what comes after it. */
function initTags({ id, protection }: VideoTrack | AudioTrack): readonly string[] {
  const keys = protection === undefined ? [] : [hlsKey(protection), ...systemKeys(protection)];
  return [...keys, `#EXT-X-MAP:URI="${id}/init.mp4"`];
}

export function lines(all: readonly string[]): string {
  return `${all.join("\n")}\n`;
}
