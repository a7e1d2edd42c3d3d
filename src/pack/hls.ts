// HLS playlists as text, version 7 (fragmented MP4). Source: RFC 8216 §4, and draft-pantos-hls-rfc8216bis for
// STABLE-VARIANT-ID. Every URI is relative: a signed prefix stands before them all.
import { hlsKey } from "./protection.ts";
import {
  type AudioTrack,
  meanRate,
  microsecondsOf,
  type PackedTitle,
  peakRate,
  secondsText,
  type VideoTrack,
} from "./track.ts";

const head = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-INDEPENDENT-SEGMENTS"];

export function masterPlaylist(title: PackedTitle): string {
  const { audio } = title;
  const variants = title.video.flatMap((track) => [streamInf(track, title), `${track.id}.m3u8`]);
  return lines([...head, ...(audio === undefined ? [] : [audioGroup(audio)]), ...variants]);
}

export function mediaPlaylist(track: VideoTrack | AudioTrack): string {
  const lengths = microsecondsOf(track);
  const longest = lengths.reduce((most, length) => Math.max(most, length), 0);
  const segments = lengths.flatMap((length, index) => [
    `#EXTINF:${secondsText(length)},`,
    `${track.id}/${index + 1}.m4s`,
  ]);
  return lines([
    ...head,
    `#EXT-X-TARGETDURATION:${Math.ceil(longest / 1e6)}`,
    "#EXT-X-MEDIA-SEQUENCE:1",
    "#EXT-X-PLAYLIST-TYPE:VOD",
    ...(track.protection === undefined ? [] : [hlsKey(track.protection)]),
    `#EXT-X-MAP:URI="${track.id}/init.mp4"`,
    ...segments,
    "#EXT-X-ENDLIST",
  ]);
}

/** Rates are the measured ones, sound included: the peak is the dearest segment of each, met at once. */
function streamInf(track: VideoTrack, title: PackedTitle): string {
  const { audio, frameRate } = title;
  const extra = audio === undefined ? { peak: 0, mean: 0 } : { peak: peakRate(audio), mean: meanRate(audio) };
  const codecs = audio === undefined ? track.codecs : `${track.codecs},${audio.codecs}`;
  const attributes = [
    `BANDWIDTH=${peakRate(track) + extra.peak}`,
    `AVERAGE-BANDWIDTH=${meanRate(track) + extra.mean}`,
    `CODECS="${codecs}"`,
    `RESOLUTION=${track.width}x${track.height}`,
    `FRAME-RATE=${(frameRate.num / frameRate.den).toFixed(3)}`,
    `STABLE-VARIANT-ID="${track.id}"`,
    ...(audio === undefined ? [] : ['AUDIO="sound"']),
  ];
  return `#EXT-X-STREAM-INF:${attributes.join(",")}`;
}

function audioGroup(audio: AudioTrack): string {
  const attributes = [
    "TYPE=AUDIO",
    'GROUP-ID="sound"',
    'NAME="Original"',
    "DEFAULT=YES",
    "AUTOSELECT=YES",
    `CHANNELS="${audio.channels}"`,
    `URI="${audio.id}.m3u8"`,
  ];
  return `#EXT-X-MEDIA:${attributes.join(",")}`;
}

function lines(all: readonly string[]): string {
  return `${all.join("\n")}\n`;
}
