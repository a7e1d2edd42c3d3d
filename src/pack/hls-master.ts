// The HLS multivariant playlist as text. Each rung is offered once per codec of the sound, AAC first: players take the first
// variants whose CODECS they know, so one that lacks Opus (or HEVC, VP9, AV1) plays on without ever having noticed.
// Sources: RFC 8216 §4.3.4, and draft-pantos-hls-rfc8216bis for VIDEO-RANGE and the stable ids.
import { hlsHead, iframePlaylistOf, lines } from "./hls.ts";
import { sessionKeys } from "./signalling.ts";
import { distinct, groupsFor, type SoundGroup, soundGroups, voicesOf } from "./sounds.ts";
import {
  type AudioTrack,
  meanRate,
  type PackedTitle,
  peakRate,
  type SubtitleTrack,
  type VideoTrack,
} from "./track.ts";

export const subtitleGroup = "subtitles";

export function masterPlaylist(title: PackedTitle): string {
  const groups = soundGroups(voicesOf(title.audio));
  return lines([
    ...hlsHead,
    ...sessionKeys(title),
    ...groups.flatMap(soundTags),
    ...subtitleTags(title.subtitles),
    ...variants(title, groups),
    ...title.video.map(iframeTag),
  ]);
}

/** All rungs with the first codec of the sound, then all with the next. */
function variants(title: PackedTitle, groups: readonly SoundGroup[]): readonly string[] {
  const codecs = [...new Set(groups.map((group) => group.codec))];
  const offered = (track: VideoTrack, group: SoundGroup | undefined): readonly string[] => [
    streamTag(track, group, title),
    `${track.id}.m3u8`,
  ];
  if (codecs.length === 0) return title.video.flatMap((track) => offered(track, undefined));
  return codecs.flatMap((codec) =>
    title.video.flatMap((track) => {
      const group = groupsOf(track, title, groups).find((one) => one.codec === codec);
      return offered(track, group);
    }),
  );
}

/** A rung's rank is counted among those of its codec: they are one ladder. */
function groupsOf(
  track: VideoTrack,
  title: PackedTitle,
  groups: readonly SoundGroup[],
): readonly SoundGroup[] {
  const ladder = title.video
    .filter((other) => other.codec === track.codec)
    .toSorted((a, b) => meanRate(a) - meanRate(b));
  return groupsFor(ladder.indexOf(track), ladder.length, groups);
}

/** Rates are the measured ones, sound included: the dearest segment of each, met at once. */
function streamTag(track: VideoTrack, group: SoundGroup | undefined, title: PackedTitle): string {
  const { frameRate, subtitles } = title;
  const sounds = group?.members.map((member) => member.track) ?? [];
  const most = (of: (sound: AudioTrack) => number): number =>
    sounds.reduce((so, sound) => Math.max(so, of(sound)), 0);
  // The group's own codec first: hls.js tells ladders apart by it.
  const own = sounds.toSorted((a, b) => Number(b.codec === group?.codec) - Number(a.codec === group?.codec));
  const codecs = [...new Set([track.codecs, ...own.map((sound) => sound.codecs)])];
  const attributes = [
    `BANDWIDTH=${peakRate(track) + most(peakRate)}`,
    `AVERAGE-BANDWIDTH=${meanRate(track) + most(meanRate)}`,
    `CODECS="${codecs.join(",")}"`,
    `RESOLUTION=${track.width}x${track.height}`,
    `FRAME-RATE=${(frameRate.num / frameRate.den).toFixed(3)}`,
    "VIDEO-RANGE=SDR",
    `STABLE-VARIANT-ID="${track.id}"`,
    ...(group === undefined ? [] : [`AUDIO="${group.id}"`]),
    ...(subtitles.length === 0 ? [] : [`SUBTITLES="${subtitleGroup}"`]),
    // Said, so that no player fetches a segment only to look for them.
    "CLOSED-CAPTIONS=NONE",
  ];
  return `#EXT-X-STREAM-INF:${attributes.join(",")}`;
}

/** Rates of the pictures alone: each counts for as long as it stands. */
function iframeTag(track: VideoTrack): string {
  const segments = track.segments.flatMap((segment) => segment.keyframes);
  const pictures = { timescale: track.timescale, segments };
  const attributes = [
    `BANDWIDTH=${peakRate(pictures)}`,
    `AVERAGE-BANDWIDTH=${meanRate(pictures)}`,
    `CODECS="${track.codecs}"`,
    `RESOLUTION=${track.width}x${track.height}`,
    "VIDEO-RANGE=SDR",
    `STABLE-VARIANT-ID="${track.id}-iframes"`,
    `URI="${iframePlaylistOf(track)}"`,
  ];
  return `#EXT-X-I-FRAME-STREAM-INF:${attributes.join(",")}`;
}

/** The first voice is the default of every group. */
function soundTags(group: SoundGroup): readonly string[] {
  const voices = group.members.map(({ voice }) => voice);
  return group.members.map(({ voice, track }, index) =>
    mediaTag([
      "TYPE=AUDIO",
      `GROUP-ID="${group.id}"`,
      `NAME="${quotable(voice.name)}"`,
      ...languageOf(voice.language),
      `DEFAULT=${index === 0 ? "YES" : "NO"}`,
      autoselect(voices, index),
      `CHANNELS="${track.channels}"`,
      `STABLE-RENDITION-ID="${track.id}"`,
      `URI="${track.id}.m3u8"`,
    ]),
  );
}

export function subtitleTags(subtitles: readonly SubtitleTrack[]): readonly string[] {
  const names = distinct(subtitles);
  return subtitles.map((track, index) =>
    subtitleTag(track, names[index] ?? track.name, autoselect(subtitles, index)),
  );
}

/** Never shown unasked: nothing in the file says that a viewer could not do without. */
function subtitleTag(track: SubtitleTrack, name: string, auto: string): string {
  return mediaTag([
    "TYPE=SUBTITLES",
    `GROUP-ID="${subtitleGroup}"`,
    `NAME="${quotable(name)}"`,
    ...languageOf(track.language),
    "DEFAULT=NO",
    auto,
    `FORCED=${track.isForced ? "YES" : "NO"}`,
    `STABLE-RENDITION-ID="${track.id}"`,
    `URI="${track.id}.m3u8"`,
  ]);
}

/**
 * A player that goes by the viewer's language takes one of it, so only the first says YES; forced subtitles are no choice, and
 * count by themselves. Source: RFC 8216 §4.3.4.1.1.
 */
function autoselect(
  all: readonly { readonly language: string; readonly isForced?: boolean }[],
  index: number,
): string {
  const own = all[index];
  const first = all.findIndex(
    ({ language, isForced }) => language === own?.language && isForced === own.isForced,
  );
  return `AUTOSELECT=${first === index ? "YES" : "NO"}`;
}

function mediaTag(attributes: readonly string[]): string {
  return `#EXT-X-MEDIA:${attributes.join(",")}`;
}

function languageOf(language: string): readonly string[] {
  return language === "und" ? [] : [`LANGUAGE="${language}"`];
}

/** A quoted string has no way to escape: quotes become apostrophes, and a line stays a line. Source: RFC 8216 §4.2. */
function quotable(text: string): string {
  return text.replaceAll('"', "'").replaceAll(/\p{Cc}+/gu, " ");
}
