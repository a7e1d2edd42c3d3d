// Tracks as the manifests, the sidecar and the placement see them: exact times and measured sizes, no bytes.
import type { FrameRate } from "#units/quantity.ts";

export interface TrackSegment {
  /** Ticks of the track's timescale. */
  readonly start: number;
  readonly duration: number;
  readonly bytes: number;
}

interface Track {
  /** Rendition id, folder, Representation id and STABLE-VARIANT-ID alike. */
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
}

export interface VideoTrack extends Track {
  readonly width: number;
  readonly height: number;
}

export interface AudioTrack extends Track {
  readonly channels: number;
  readonly sampleRate: number;
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
  readonly audio: AudioTrack | undefined;
  readonly storyboard: Storyboard;
}

/** Whole bits per second over the track, inits left out. */
export function meanRate(track: Track): number {
  const ticks = track.segments.reduce((sum, segment) => sum + segment.duration, 0);
  const size = track.segments.reduce((sum, segment) => sum + segment.bytes, 0);
  return ticks === 0 ? 0 : Math.ceil((size * 8 * track.timescale) / ticks);
}

/** Whole bits per second of the dearest segment. */
export function peakRate(track: Track): number {
  return track.segments.reduce(
    (peak, segment) => Math.max(peak, Math.ceil((segment.bytes * 8 * track.timescale) / segment.duration)),
    0,
  );
}

/**
 * Length of each segment in whole microseconds, such that any run of them adds up to the exact time ±0.5 µs:
 * round(end) − round(start), instead of rounding each length by itself.
 */
export function microsecondsOf(track: Track): readonly number[] {
  const micros = (ticks: number): number => Math.round((ticks * 1e6) / track.timescale);
  return track.segments.map((segment) => micros(segment.start + segment.duration) - micros(segment.start));
}

/** Microseconds as seconds with six digits: never an exponent, never a rounded tail. */
export function secondsText(microseconds: number): string {
  return `${Math.floor(microseconds / 1e6)}.${String(microseconds % 1e6).padStart(6, "0")}`;
}

export function filmMicroseconds(title: Pick<PackedTitle, "frames" | "frameRate">): number {
  return Math.round((title.frames * title.frameRate.den * 1e6) / title.frameRate.num);
}
