// Arguments for encoding pictures, whole films on trial and single shots for good, and for measuring them.
import {
  type Args,
  common,
  guard,
  keyTimes,
  open,
  plain,
  type Reference,
  reading,
  renumbered,
  scaled,
} from "./argv.ts";
import type { GridPoint } from "./trial-grid.ts";

/** Pieces and trials alike: one init per rung needs one set of coding tools. */
const codingTools = "stitchable=1:keyint=infinite:scenecut=0:open-gop=0:ref=2:bframes=3:threads=1";

/** One whole-film encode, a fragment per keyframe. */
export function trialArgs(
  reference: Reference,
  point: GridPoint,
  preset: string,
  keyframes: readonly number[],
  output: string,
): Args {
  return [
    ...reading(reference),
    ...["-vf", scaled(reference, point).join(",")],
    ...["-c:v", "libx264", "-preset", preset, "-crf", `${point.crf}`, "-x264-params", codingTools],
    ...["-force_key_frames", keyTimes(keyframes, reference.rate)],
    ...["-movflags", "+frag_keyframe+empty_moov+default_base_moof", ...plain, output],
  ];
}

/** VMAF of a trial against the reference at display size; both are renumbered, or one may slip by a frame. */
export function vmafArgs(
  reference: Reference,
  trial: string,
  model: string,
  subsample: number,
  log: string,
): Args {
  const metric = `libvmaf=model=version=${model}:n_threads=1:n_subsample=${subsample}:log_fmt=csv:log_path=${log}`;
  return comparing(reference, trial, metric);
}

export function ssimArgs(reference: Reference, trial: string, log: string): Args {
  return comparing(reference, trial, `ssim=stats_file=${log}`);
}

export interface PieceOrder extends GridPoint {
  readonly startFrame: number;
  readonly frames: number;
  readonly level: string;
  readonly preset: string;
  readonly timescale: number;
  /** Film frames of the plan's keyframes inside the piece; its first is one. */
  readonly keyframes: readonly number[];
}

/** One shot of one rung as fragmented MP4. The seek is half a frame early, so that rounding cannot skip a frame. */
export function pieceArgs(reference: Reference, order: PieceOrder, output: string): Args {
  const { rate } = reference;
  const seek = (Math.max(0, order.startFrame - 0.5) * rate.den) / rate.num;
  const inside = order.keyframes.map((frame) => frame - order.startFrame);
  return [
    ...common,
    ...guard,
    ...(order.startFrame === 0 ? [] : ["-ss", seek.toFixed(6)]),
    ...open(reference),
    ...["-map", `0:${reference.stream}`, "-frames:v", `${order.frames}`, "-fps_mode", "passthrough"],
    ...["-vf", scaled(reference, order).join(",")],
    ...["-c:v", "libx264", "-preset", order.preset, "-profile:v", "high", "-level:v", order.level],
    ...["-crf", `${order.crf}`, "-x264-params", codingTools],
    ...["-force_key_frames", keyTimes(inside, rate)],
    ...["-video_track_timescale", `${order.timescale}`],
    ...["-movflags", "+frag_keyframe+empty_moov+default_base_moof+cmaf"],
    ...["-bsf:v", "filter_units=remove_types=6", ...plain, output],
  ];
}

function comparing(reference: Reference, trial: string, metric: string): Args {
  const { width, height } = reference.display;
  const main = [
    `scale=${width}:${height}:flags=bicubic`,
    "format=yuv420p",
    ...renumbered(reference.rate),
  ].join(",");
  const other = ["setsar=1", "format=yuv420p", ...renumbered(reference.rate)].join(",");
  const graph = `[0:v]${main}[d];[1:${reference.stream}]${other}[r];[d][r]${metric}`;
  return [
    ...[...common, ...guard, "-f", "mov", "-i", `file:${trial}`, ...open(reference)],
    ...["-lavfi", graph, "-f", "null", "-"],
  ];
}
