// Packed titles for tests, as facts without bytes: a plain one, and one with everything that a title may have.
import type { AudioCodec, Codec } from "#model/encoded.ts";
import { bitsPerSecond } from "#units/quantity.ts";
import { segmentsOf } from "./fragmenter.ts";
import type { AudioTrack, PackedTitle, VideoTrack } from "./track.ts";

export const sampleFrames = 500;
export const sampleSegments = segmentsOf([0, 120, 240, 401], sampleFrames);

/** A keyframe at each segment's start, and one more in its middle. */
export function rungTrack(
  id: string,
  height: number,
  sizes: readonly number[],
  codec: Codec = "h264",
): VideoTrack {
  const codecs = { h264: "avc1.64001E", hevc: "hvc1.1.6.L93.90", vp9: "vp09.00.21.08", av1: "av01.0.04M.08" };
  const segments = sampleSegments.map((segment, index) => {
    const half = Math.floor(segment.frames / 2);
    const bytes = sizes[index] ?? 0;
    const at = (frame: number): number => (segment.startFrame + frame) * 1001;
    const picture = Math.floor(bytes / 8);
    return {
      start: at(0),
      duration: segment.frames * 1001,
      bytes,
      sha256: `${index}`.repeat(64),
      keyframes: [
        { start: at(0), duration: half * 1001, offset: 24, bytes: picture },
        { start: at(half), duration: (segment.frames - half) * 1001, offset: 4 * picture, bytes: picture },
      ],
    };
  });
  const width = (height * 16) / 9;
  return { id, codec, codecs: codecs[codec], timescale: 30_000, width, height, segments };
}

export function soundTrack(
  id: string,
  codec: AudioCodec,
  kilobits: number,
  [language, name]: readonly [language: string, name: string] = ["und", "Original"],
): AudioTrack {
  const segments = [187, 188, 188, 188, 31].map((count, index) => ({
    start: index === 0 ? 0 : (187 + (index - 1) * 188) * 1024,
    duration: count * 1024,
    bytes: Math.round((count * 1024 * kilobits) / 384),
    sha256: `${index}`.repeat(64),
  }));
  const about = { id, codec, codecs: codec === "aac" ? "mp4a.40.2" : "opus", language, name };
  return {
    ...about,
    bitrate: bitsPerSecond(kilobits * 1000),
    timescale: 48_000,
    channels: 2,
    sampleRate: 48_000,
    segments,
  };
}

export function sampleTitle(): PackedTitle {
  return {
    frames: sampleFrames,
    frameRate: { num: 30_000, den: 1001 },
    video: [
      rungTrack("v180-1", 180, [50_000, 70_000, 60_000, 20_000]),
      rungTrack("v360-1", 360, [150_000, 300_000, 190_000, 60_000]),
    ],
    audio: [soundTrack("audio", "aac", 93.75)],
    subtitles: [],
    storyboard: {
      sheets: [9000, 4000],
      tileWidth: 160,
      tileHeight: 90,
      columns: 2,
      rows: 2,
      every: 2.5,
      count: 7,
    },
  };
}

/** Four codecs, two languages at two rates, Opus in one of them, subtitles in two languages of one name. */
export function richTitle(): PackedTitle {
  const english = ["en", "English"] as const;
  const german = ["de", 'Deutsch "Kino" & <mehr>'] as const;
  return {
    ...sampleTitle(),
    video: [
      ...sampleTitle().video,
      rungTrack("av1-180-1", 180, [30_000, 40_000, 30_000, 10_000], "av1"),
      rungTrack("av1-360-1", 360, [90_000, 180_000, 100_000, 40_000], "av1"),
      rungTrack("vp9-180-1", 180, [40_000, 50_000, 40_000, 15_000], "vp9"),
      rungTrack("hevc-180-1", 180, [35_000, 45_000, 35_000, 12_000], "hevc"),
    ],
    audio: [
      soundTrack("audio", "aac", 128, english),
      soundTrack("audio-en-64", "aac", 64, english),
      soundTrack("audio-de-128", "aac", 128, german),
      soundTrack("audio-de-64", "aac", 64, german),
      soundTrack("audio-en-opus", "opus", 96, english),
    ],
    subtitles: [
      { id: "subtitles-en", language: "en", name: "Subtitles", isForced: false, bytes: 4000 },
      { id: "subtitles-de", language: "de", name: "Subtitles", isForced: false, bytes: 4100 },
    ],
  };
}
