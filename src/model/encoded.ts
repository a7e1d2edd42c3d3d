// The nouns between encode (which writes them) and pack and control (which read them).
import type { BitsPerSecond } from "#units/quantity.ts";
import type { Source } from "./source.ts";

/** A run of frames between two cuts, end exclusive. Shots partition [0, frames). */
export interface Shot {
  readonly id: number;
  readonly startFrame: number;
  readonly endFrame: number;
}

/** How a quality score was made. Scores with different metrics are never compared. */
export interface Metric {
  /** "vmaf", "ssim", or the name of a researcher's own measure, which is never one of these. */
  readonly name: string;
  /** Model id for vmaf ("vmaf_v0.6.1"); empty for ssim. */
  readonly model: string;
  readonly pooling: "mean";
  readonly displayWidth: number;
  readonly displayHeight: number;
  /** Every n-th frame was scored. */
  readonly subsample: number;
}

export type Codec = "h264" | "hevc" | "vp9" | "av1";

/** One step of the ladder: one resolution, CRF varying per shot. */
export interface Rung {
  /** Rendition id and folder name: "v360-2" is the second rung at height 360 (ids are unique per title). */
  readonly id: string;
  readonly codec: Codec;
  readonly width: number;
  readonly height: number;
  /** `crf[shot]`. */
  readonly crf: readonly number[];
  /** Predicted from the trials. The packager writes the measured figures into the manifests. */
  readonly bitrate: BitsPerSecond;
  /** Predicted quality on the metric's own scale (0–100). */
  readonly quality: number;
}

/** Where a title may be cut: frame indices shared by all video renditions. Source: research encoding §4. */
export interface SegmentPlan {
  /** First frame of each segment, starts with 0, sorted. */
  readonly boundaries: readonly number[];
  /** Every frame that must be an IDR: cuts ∪ boundaries ∪ {0}, sorted. */
  readonly keyframes: readonly number[];
}

/** One fragmented-MP4 piece on disk: ftyp+moov, then one moof+mdat per IDR. Timestamps count from the piece's start. */
export interface Piece {
  readonly startFrame: number;
  readonly frames: number;
  readonly path: string;
}

export interface EncodedRung {
  readonly rung: Rung;
  readonly timescale: number;
  readonly ticksPerFrame: number;
  /** In film order, gapless. */
  readonly pieces: readonly Piece[];
  /** Of each segment of the plan: mean of its scored frames in the finished rung, on the metric's scale. */
  readonly quality: readonly number[];
}

export type AudioCodec = "aac" | "opus";

/** A whole fragmented-MP4 file of sound, fragments on a plain 4 s grid. Its time 0 (after an edit list, if any) is the film's. */
export interface EncodedAudio {
  /** Rendition id and folder name: "audio" is what plays unless another is chosen. Unique per title. */
  readonly id: string;
  readonly codec: AudioCodec;
  /** BCP 47; "und" when the film does not say. */
  readonly language: string;
  /** What a menu shows. */
  readonly name: string;
  readonly path: string;
  readonly bitrate: BitsPerSecond;
  readonly sampleRate: number;
  readonly channels: number;
}

/** One whole WebVTT file on the film's clock. */
export interface EncodedSubtitles {
  /** File name without its ending: "subtitles-de". Unique per title. */
  readonly id: string;
  readonly path: string;
  /** BCP 47; "und" when the film does not say. */
  readonly language: string;
  /** What a menu shows. */
  readonly name: string;
  /** Shown unasked, to whoever hears the language: signs, and words of another tongue. */
  readonly isForced: boolean;
}

export interface Thumbnails {
  /** JPEG sprite sheets in order. */
  readonly sheets: readonly string[];
  readonly tileWidth: number;
  readonly tileHeight: number;
  readonly columns: number;
  readonly rows: number;
  /** Seconds of film between two tiles. */
  readonly every: number;
  readonly count: number;
  /** One larger JPEG for the home page. */
  readonly poster: string;
}

/** Everything the packager needs. */
export interface EncodedFilm {
  readonly source: Source;
  readonly shots: readonly Shot[];
  readonly plan: SegmentPlan;
  readonly metric: Metric;
  readonly rungs: readonly EncodedRung[];
  /** The first plays unless another is chosen; empty for a silent film. */
  readonly audio: readonly EncodedAudio[];
  readonly subtitles: readonly EncodedSubtitles[];
  readonly thumbnails: Thumbnails;
}
