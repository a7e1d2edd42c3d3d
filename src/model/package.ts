// A packaged title as it lies in the origin store and on appliances. Written by pack; read by control, place and edge.

import type { TitleId } from "#units/id.ts";
import type { BitsPerSecond, Bytes, Seconds } from "#units/quantity.ts";
import type { TitleProtection } from "./content-key.ts";

/** One object on disk. `path` is relative to the title's folder: "v360-1/3.m4s". Never changed once published. */
export interface PackagedFile {
  readonly path: string;
  readonly bytes: Bytes;
  /** Lowercase hex. */
  readonly sha256: string;
}

/** What is placed, filled, verified and advertised as one: a folder of segments, or the title's index. */
export interface Rendition {
  /**
   * "v360-1", "audio", "index" (manifests, storyboard, poster, sidecar), "index-1a2b3c4d" (the same after its subtitles were
   * changed), "ts" (the MPEG-TS set).
   */
  readonly id: string;
  readonly kind: "video" | "audio" | "index";
  readonly codecs: string;
  readonly width: number;
  readonly height: number;
  /** Measured mean and the highest single segment. */
  readonly bitrate: BitsPerSecond;
  readonly peak: BitsPerSecond;
  readonly bytes: Bytes;
  readonly files: readonly PackagedFile[];
}

/** A voice that a viewer may choose, as both manifests offer it. */
export interface SoundChoice {
  /** BCP 47, or "und". */
  readonly language: string;
  readonly name: string;
}

export interface SubtitleChoice extends SoundChoice {
  /** Shown unasked, to whoever hears the language. */
  readonly isForced: boolean;
}

export interface TitlePackage {
  readonly titleId: TitleId;
  readonly duration: Seconds;
  readonly renditions: readonly Rendition[];
  /** Paths inside the title's folder. */
  readonly hls: string;
  readonly dash: string;
  readonly storyboard: string;
  readonly poster: string;
  /** Sizes and quality per segment, for the player: wire/sidecar.ts. */
  readonly sidecar: string;
  /** Length of each segment of the video renditions, milliseconds; absent in older packages. */
  readonly segmentMs?: readonly number[];
  /** The first plays unless another is chosen; absent in older packages. */
  readonly voices?: readonly SoundChoice[];
  /** WebVTT; absent in older packages. */
  readonly subtitles?: readonly SubtitleChoice[];
  /** Absent: the title is clear. */
  readonly protection?: TitleProtection;
  /** Playlist of the MPEG-TS chunks, when there are any. */
  readonly transport?: string;
  /** When its subtitles were last changed; absent: never since it was packaged. */
  readonly revisedAtMs?: number;
  /** Files of the index that only plays of an earlier version ask for. */
  readonly retired?: readonly RetiredFile[];
}

export interface RetiredFile {
  readonly path: string;
  readonly sinceMs: number;
}

/** Id of what placement moves: "title/rendition". */
export function fileId(titleId: string, renditionId: string): string {
  return `${titleId}/${renditionId}`;
}

/** The rendition that holds what lies at the title's top. */
export function isTopIndex({ id }: Pick<Rendition, "id">): boolean {
  return /^index(-[0-9a-f]{8})?$/.test(id);
}

/** Id of a title's index, as placement and appliances know it. */
export function indexFileId({ titleId, renditions }: Pick<TitlePackage, "titleId" | "renditions">): string {
  return fileId(titleId, renditions.find(isTopIndex)?.id ?? "index");
}
