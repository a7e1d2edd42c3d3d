import type { FrameRate, Seconds } from "#units/quantity.ts";

/** What the probe found out about a master film, after normalising. Written by encode, read by pack and control. */
export interface Source {
  /** Hash of the file's bytes, lowercase hex. */
  readonly sha256: string;
  /** Display size in pixels, even, after rotation and square pixels. */
  readonly width: number;
  readonly height: number;
  /** Constant rate every later stage works at (a variable-rate film is brought to it). */
  readonly frameRate: FrameRate;
  readonly frames: number;
  readonly duration: Seconds;
  readonly audio: SourceAudio | undefined;
}

export interface SourceAudio {
  readonly codec: string;
  readonly sampleRate: number;
  readonly channels: number;
}
