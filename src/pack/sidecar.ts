// The sidecar: bytes and quality of every segment, so that the player knows what it is about to ask for.
import type { Metric, Piece } from "#model/encoded.ts";
import type { PlannedSegment } from "./fragmenter.ts";
import { type AudioTrack, meanRate, microsecondsOf, type VideoTrack } from "./track.ts";

/** The shape of wire/sidecar.ts, which io/ holds this against. */
export interface SidecarFacts {
  readonly version: 1;
  readonly titleId: string;
  readonly metric: { readonly name: Metric["name"]; readonly model: string };
  readonly durationsMs: readonly number[];
  readonly renditions: readonly {
    readonly id: string;
    readonly width: number;
    readonly height: number;
    readonly bitrateBps: number;
    readonly bytes: readonly number[];
    readonly quality: readonly number[];
  }[];
  readonly audio?: { readonly id: string; readonly bytes: readonly number[] };
}

export interface ScoredTrack {
  readonly track: VideoTrack;
  readonly pieces: readonly Piece[];
}

export function sidecarOf(
  titleId: string,
  metric: Metric,
  segments: readonly PlannedSegment[],
  tracks: readonly ScoredTrack[],
  sound: AudioTrack | undefined,
): SidecarFacts {
  const [first] = tracks;
  return {
    version: 1,
    titleId,
    metric: { name: metric.name, model: metric.model },
    durationsMs: first === undefined ? [] : microsecondsOf(first.track).map((length) => length / 1000),
    renditions: tracks.map(({ track, pieces }) => ({
      id: track.id,
      width: track.width,
      height: track.height,
      bitrateBps: meanRate(track),
      bytes: sizesOf(track),
      quality: segments.map((segment) => qualityOf(segment, pieces)),
    })),
    ...(sound === undefined ? {} : { audio: { id: sound.id, bytes: sizesOf(sound) } }),
  };
}

function sizesOf(track: VideoTrack | AudioTrack): readonly number[] {
  return track.segments.map((segment) => segment.bytes);
}

/** Mean of the pieces' scores, each weighted by the frames it has in the segment; three decimals. */
export function qualityOf(segment: PlannedSegment, pieces: readonly Piece[]): number {
  const end = segment.startFrame + segment.frames;
  const weighted = pieces.reduce((sum, piece) => {
    const shared =
      Math.min(end, piece.startFrame + piece.frames) - Math.max(segment.startFrame, piece.startFrame);
    return sum + Math.max(0, shared) * piece.quality;
  }, 0);
  return Math.round((weighted / segment.frames) * 1000) / 1000;
}
