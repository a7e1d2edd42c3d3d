// The codecs a film can be encoded with, each with what it asks of the rest: its encoder and arguments, its CRF scale,
// and whether it lets keyframes be forced in one encode of the whole film.
// Source of arguments and of who honours forced keyframes: research, encoding §3 and §10.
import type { Codec } from "#model/encoded.ts";
import type { FrameRate } from "#units/quantity.ts";
import type { Args } from "./argv.ts";
import type { Reach } from "./extrapolate.ts";
import { hevcLevelFor, levelFor } from "./level.ts";
import type { Effort, Size } from "./size.ts";

export interface EncoderOrder extends Size {
  readonly crf: number;
  /** The codec's own word for how hard it tries. */
  readonly preset: string;
  readonly rate: FrameRate;
  /** bits/s of the dearest second that is expected; the decoder level must allow it. */
  readonly peak: number;
}

export interface CodecTools {
  /** As ffmpeg names it. */
  readonly encoder: string;
  /**
   * `forced`: one encode of the whole film can have keyframes at given frames. `first-only`: only the first frame of an
   * encode is a keyframe, so every keyframe interval is an encode of its own.
   */
  readonly keyframes: "forced" | "first-only";
  /** CRF of the same look as x264's 18 and 42; between them it is taken as linear. */
  readonly crfAt: readonly [at18: number, at42: number];
  /** The finest difference of CRF that the encoder heeds and that is worth choosing between. */
  readonly crfStep: number;
  readonly leastSide: number;
  readonly presets: Readonly<Record<Effort, string>>;
  readonly args: (order: EncoderOrder) => Args;
  /** What the muxer needs beside the encoder: bitstream filters, a sample entry. */
  readonly muxing: Args;
}

// Pieces and trials alike: one init per rung needs one set of coding tools. One thread makes the result repeatable.
const x264Tools = "stitchable=1:keyint=infinite:scenecut=0:open-gop=0:ref=2:bframes=3:threads=1";
// `info=0`: the options would stand in hvcC otherwise, and every CRF would have an init of its own.
const x265Tools =
  "info=0:repeat-headers=0:open-gop=0:scenecut=0:keyint=9999:min-keyint=1:bframes=3:ref=2:pools=none:frame-threads=1:log-level=none";

export const codecs: Readonly<Record<Codec, CodecTools>> = {
  h264: {
    encoder: "libx264",
    keyframes: "forced",
    crfAt: [18, 42],
    crfStep: 0.25,
    leastSide: 32,
    presets: { draft: "veryfast", standard: "veryfast", exhaustive: "medium" },
    args: ({ crf, preset, peak, rate, ...size }) => [
      ...["-c:v", "libx264", "-preset", preset],
      ...["-profile:v", "high", "-level:v", levelFor(size, rate, peak)],
      ...["-crf", `${crf}`, "-x264-params", x264Tools],
    ],
    muxing: ["-bsf:v", "filter_units=remove_types=6"],
  },
  hevc: {
    encoder: "libx265",
    keyframes: "forced",
    crfAt: [20, 44],
    crfStep: 0.25,
    leastSide: 64,
    presets: { draft: "ultrafast", standard: "veryfast", exhaustive: "medium" },
    args: ({ crf, preset, peak, rate, ...size }) => [
      ...["-c:v", "libx265", "-preset", preset, "-profile:v", "main", "-crf", `${crf}`],
      ...["-x265-params", `${x265Tools}:level-idc=${hevcLevelFor(size, rate, peak)}:high-tier=0`],
    ],
    muxing: ["-tag:v", "hvc1", "-bsf:v", "filter_units=remove_types=39-40"],
  },
  vp9: {
    encoder: "libvpx-vp9",
    keyframes: "forced",
    crfAt: [22, 58],
    crfStep: 1,
    leastSide: 32,
    presets: { draft: "8", standard: "5", exhaustive: "3" },
    args: ({ crf, preset }) => [
      ...["-c:v", "libvpx-vp9", "-deadline", "good", "-cpu-used", preset],
      ...["-threads", "1", "-row-mt", "0", "-b:v", "0", "-crf", `${crf}`, "-g", "9999"],
    ],
    muxing: [],
  },
  av1: {
    encoder: "libsvtav1",
    keyframes: "first-only",
    crfAt: [25, 59],
    crfStep: 1,
    leastSide: 64,
    presets: { draft: "12", standard: "10", exhaustive: "8" },
    args: ({ crf, preset }) => [
      ...["-c:v", "libsvtav1", "-preset", preset, "-crf", `${crf}`, "-g", "9999"],
      ...["-svtav1-params", "lp=1"],
    ],
    muxing: [],
  },
};

export const codecNames: readonly Codec[] = ["h264", "hevc", "vp9", "av1"];

/** The codec's CRF for what x264 calls `crf`: whole, rising with it. */
export function crfFor(codec: Codec, crf: number): number {
  const [low, high] = codecs[codec].crfAt;
  return Math.round(low + ((crf - 18) * (high - low)) / 24);
}

/** Two of x264's steps beyond the outermost trials, within the CRFs of x264's 18 and 42. */
export function reachOf(codec: Codec): Reach {
  const [least, greatest] = codecs[codec].crfAt;
  return { steps: Math.round((2 * (greatest - least)) / 24), least, greatest };
}
