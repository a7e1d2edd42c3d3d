// The sidecar: bytes and quality of every segment, so that the player knows what it is about to ask for.
import type { AudioCodec, Codec, Metric } from "#model/encoded.ts";
import { type AudioTrack, meanRate, microsecondsOf, type VideoTrack } from "./track.ts";

/** The shape of wire/sidecar.ts, which io/ holds this against. */
export interface SidecarFacts {
  readonly version: 1;
  readonly titleId: string;
  readonly metric: Metric;
  readonly durationsMs: readonly number[];
  readonly renditions: readonly {
    readonly id: string;
    readonly codec: Codec;
    readonly width: number;
    readonly height: number;
    readonly bitrateBps: number;
    readonly bytes: readonly number[];
    readonly quality: readonly number[];
    readonly sha256Prefix: readonly string[];
  }[];
  readonly sounds: readonly {
    readonly id: string;
    readonly codec: AudioCodec;
    readonly language: string;
    readonly bitrateBps: number;
    readonly bytes: readonly number[];
    readonly sha256Prefix: readonly string[];
  }[];
}

export interface ScoredTrack {
  readonly track: VideoTrack;
  /** Of each segment, on the metric's scale. */
  readonly quality: readonly number[];
}

export function sidecarOf(
  titleId: string,
  metric: Metric,
  tracks: readonly ScoredTrack[],
  sounds: readonly AudioTrack[],
): SidecarFacts {
  const [first] = tracks;
  return {
    version: 1,
    titleId,
    metric,
    durationsMs: first === undefined ? [] : microsecondsOf(first.track).map((length) => length / 1000),
    renditions: tracks.map(({ track, quality }) => ({
      id: track.id,
      codec: track.codec,
      width: track.width,
      height: track.height,
      bitrateBps: meanRate(track),
      bytes: sizesOf(track),
      quality: quality.map(rounded),
      sha256Prefix: prefixesOf(track),
    })),
    sounds: sounds.map((sound) => ({
      id: sound.id,
      codec: sound.codec,
      language: sound.language,
      bitrateBps: meanRate(sound),
      bytes: sizesOf(sound),
      sha256Prefix: prefixesOf(sound),
    })),
  };
}

function sizesOf(track: VideoTrack | AudioTrack): readonly number[] {
  return track.segments.map((segment) => segment.bytes);
}

/** 64 bits: enough against accident, and the file that a player waits for stays small. */
const prefixDigits = 16;

function prefixesOf(track: VideoTrack | AudioTrack): readonly string[] {
  return track.segments.map((segment) => segment.sha256.slice(0, prefixDigits));
}

/** Three decimals. */
function rounded(quality: number): number {
  return Math.round(quality * 1000) / 1000;
}
