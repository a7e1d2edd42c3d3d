// Tracks as the manifests, the sidecar and the placement see them: exact times and measured sizes, no bytes.
import type { AudioCodec, Codec } from "#model/encoded.ts";
import type { Signalling } from "#model/key-system.ts";
import type { BitsPerSecond, FrameRate } from "#units/quantity.ts";

export interface TrackSegment {
  /** Ticks of the track's timescale. */
  readonly start: number;
  readonly duration: number;
  readonly bytes: number;
  /** Lowercase hex. */
  readonly sha256: string;
}

/** A picture that stands alone, and where in its segment's file it lies together with what it needs to be decoded. */
export interface Keyframe {
  /** Ticks of the track's timescale; it stands for all pictures up to the next one. */
  readonly start: number;
  readonly duration: number;
  readonly offset: number;
  readonly bytes: number;
}

export interface VideoSegment extends TrackSegment {
  /** At least the one that the segment begins with. */
  readonly keyframes: readonly Keyframe[];
}

interface Track {
  /** Rendition id, folder, Representation id and STABLE-VARIANT-ID alike; its pictures that stand alone are the variant `<id>-iframes`. */
  readonly id: string;
  readonly codecs: string;
  readonly timescale: number;
  readonly segments: readonly TrackSegment[];
  /** Only when the rendition is encrypted. */
  readonly protection?: TrackProtection;
}

/** What the manifests say about an encrypted rendition. */
export interface TrackProtection {
  /** Lowercase hex. */
  readonly kid: string;
  /** Where a ClearKey player asks for the key; undefined when the player is told otherwise. */
  readonly licenceUrl: string | undefined;
  /** What a provider's systems want to stand there. Absent: ClearKey alone. */
  readonly signalling?: readonly Signalling[];
}

export interface VideoTrack extends Track {
  readonly codec: Codec;
  readonly width: number;
  readonly height: number;
  readonly segments: readonly VideoSegment[];
}

export interface AudioTrack extends Track {
  readonly codec: AudioCodec;
  /** BCP 47, or "und". */
  readonly language: string;
  readonly name: string;
  /** What the encoder aimed at: tells the steps of a sound ladder apart. */
  readonly bitrate: BitsPerSecond;
  readonly channels: number;
  readonly sampleRate: number;
}

/** A whole WebVTT file, "<id>.vtt". */
export interface SubtitleTrack {
  readonly id: string;
  /** BCP 47, or "und". */
  readonly language: string;
  readonly name: string;
  readonly isForced: boolean;
  readonly bytes: number;
}

/** Sprite sheets of small pictures, numbered from 1. */
export interface Storyboard {
  /** Bytes of each sheet. */
  readonly sheets: readonly number[];
  readonly tileWidth: number;
  readonly tileHeight: number;
  readonly columns: number;
  readonly rows: number;
  /** Seconds of film between two tiles. */
  readonly every: number;
  readonly count: number;
}

/** What both manifests are written from. */
export interface PackedTitle {
  readonly frames: number;
  readonly frameRate: FrameRate;
  readonly video: readonly VideoTrack[];
  /** The first plays unless another is chosen. */
  readonly audio: readonly AudioTrack[];
  readonly subtitles: readonly SubtitleTrack[];
  readonly storyboard: Storyboard;
}

/** Runs of time with their bytes, such as a track's segments or its keyframes. */
interface Weighed {
  readonly timescale: number;
  readonly segments: readonly { readonly duration: number; readonly bytes: number }[];
}

/** Whole bits per second over the track, inits left out. */
export function meanRate({ segments, timescale }: Weighed): number {
  const ticks = segments.reduce((sum, segment) => sum + segment.duration, 0);
  const size = segments.reduce((sum, segment) => sum + segment.bytes, 0);
  return ticks === 0 ? 0 : Math.ceil((size * 8 * timescale) / ticks);
}

/** Whole bits per second of the dearest segment. */
export function peakRate({ segments, timescale }: Weighed): number {
  return segments.reduce(
    (peak, segment) => Math.max(peak, Math.ceil((segment.bytes * 8 * timescale) / segment.duration)),
    0,
  );
}

/**
 * Length of each segment in whole microseconds, such that any run of them adds up to the exact time ±0.5 µs:
 * round(end) − round(start), instead of rounding each length by itself.
 */
export function microsecondsOf({
  segments,
  timescale,
}: {
  readonly timescale: number;
  readonly segments: readonly { readonly start: number; readonly duration: number }[];
}): readonly number[] {
  const micros = (ticks: number): number => Math.round((ticks * 1e6) / timescale);
  return segments.map((segment) => micros(segment.start + segment.duration) - micros(segment.start));
}

/** Microseconds as seconds with six digits: never an exponent, never a rounded tail. */
export function secondsText(microseconds: number): string {
  return `${Math.floor(microseconds / 1e6)}.${String(microseconds % 1e6).padStart(6, "0")}`;
}

export function filmMicroseconds(title: Pick<PackedTitle, "frames" | "frameRate">): number {
  return Math.round((title.frames * title.frameRate.den * 1e6) / title.frameRate.num);
}
