// Arguments for encoding pictures, whole films on trial and single shots for good, and for measuring them.
import type { Codec } from "#model/encoded.ts";
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
import { codecs } from "./codecs.ts";
import type { FixedRung } from "./fixed-ladders.ts";
import type { GridPoint } from "./trial-grid.ts";

/** One whole-film encode, a fragment per keyframe: for codecs whose keyframes can be forced. */
export function trialArgs(
  reference: Reference,
  { codec, ...order }: TrialEncode,
  keyframes: readonly number[],
  output: string,
): Args {
  const tools = codecs[codec];
  return [
    ...reading(reference),
    ...["-vf", scaled(reference, order).join(",")],
    ...tools.args({ ...order, rate: reference.rate, peak: 0 }),
    ...["-force_key_frames", keyTimes(keyframes, reference.rate)],
    ...["-movflags", "+frag_keyframe+empty_moov+default_base_moof", ...tools.muxing, ...plain, output],
  ];
}

/** A whole film as services make it without looking: one mean bitrate, a keyframe every two seconds. */
export function fixedRungArgs(reference: Reference, rung: FixedRung, preset: string, output: string): Args {
  const { rate } = reference;
  const [mean, most] = [Math.round(rung.target), Math.round(rung.target * 1.5)];
  return [
    ...reading(reference),
    ...["-vf", scaled(reference, rung).join(",")],
    ...[
      "-c:v",
      "libx264",
      "-preset",
      preset,
      "-threads",
      "1",
      "-g",
      `${Math.round((2 * rate.num) / rate.den)}`,
    ],
    ...["-b:v", `${mean}`, "-maxrate", `${most}`, "-bufsize", `${2 * mean}`],
    ...["-movflags", "+frag_keyframe+empty_moov+default_base_moof", ...plain, output],
  ];
}

/** VMAF of a trial against the reference at display size; both are renumbered, or one may slip by a frame. */
export function vmafArgs(comparison: Comparison, model: string, subsample: number): Args {
  const log = `log_fmt=csv:log_path=${comparison.log}`;
  const metric = `libvmaf=model=version=${model}:n_threads=1:n_subsample=${subsample}:${log}`;
  return comparing(comparison, metric);
}

export function ssimArgs(comparison: Comparison): Args {
  return comparing(comparison, `ssim=stats_file=${comparison.log}`);
}

export interface Comparison {
  readonly reference: Reference;
  /** The encode's file, in the scratch folder as the log is. */
  readonly encoded: string;
  readonly log: string;
  /** The part of the reference that was encoded; all of it unless given. */
  readonly part?: { readonly startFrame: number; readonly frames: number };
}

/** What is encoded at one size and CRF, in the codec's own terms. */
export interface TrialEncode extends GridPoint {
  readonly codec: Codec;
  readonly preset: string;
}

export interface PieceOrder extends TrialEncode {
  readonly startFrame: number;
  readonly frames: number;
  /** bits/s of its rung's dearest second: the same for all pieces of a rung, since the level hangs on it. */
  readonly peak: number;
  readonly timescale: number;
  /** Film frames of the plan's keyframes inside the piece; its first is one. */
  readonly keyframes: readonly number[];
}

/** A run of frames as fragmented MP4. The seek is half a frame early, so that rounding cannot skip a frame. */
export function pieceArgs(reference: Reference, order: PieceOrder, output: string): Args {
  return [...common, ...guard, ...pieceInput(reference, order), ...pieceOutput(reference, order, 0, output)];
}

/** Several pieces by one program: each has an input of its own, so each is what it would be alone. */
export function piecesArgs(
  reference: Reference,
  orders: readonly { readonly order: PieceOrder; readonly output: string }[],
): Args {
  return [
    ...[...common, ...guard, ...orders.flatMap(({ order }) => pieceInput(reference, order))],
    ...orders.flatMap(({ order, output }, input) => pieceOutput(reference, order, input, output)),
  ];
}

function pieceInput(reference: Reference, { startFrame }: PieceOrder): Args {
  return [...seekTo(startFrame, reference), ...open(reference)];
}

function seekTo(frame: number, { rate }: Reference): Args {
  return frame === 0 ? [] : ["-ss", (((frame - 0.5) * rate.den) / rate.num).toFixed(6)];
}

function pieceOutput(reference: Reference, order: PieceOrder, input: number, output: string): Args {
  const tools = codecs[order.codec];
  const inside = order.keyframes.map((frame) => frame - order.startFrame);
  const forced = tools.keyframes === "forced" ? ["-force_key_frames", keyTimes(inside, reference.rate)] : [];
  return [
    ...["-map", `${input}:${reference.stream}`, "-frames:v", `${order.frames}`, "-fps_mode", "passthrough"],
    ...["-vf", scaled(reference, order).join(",")],
    ...tools.args({ ...order, rate: reference.rate }),
    ...[...forced, "-video_track_timescale", `${order.timescale}`],
    ...["-movflags", "+frag_keyframe+empty_moov+default_base_moof+cmaf", ...tools.muxing, ...plain, output],
  ];
}

/** `filter` takes the encode and then the reference, both renumbered and at display size, and writes the log. */
export function comparing({ reference, encoded, part }: Comparison, filter: string): Args {
  const { width, height } = reference.display;
  const seek = part === undefined ? [] : seekTo(part.startFrame, reference);
  const ends = part === undefined ? [] : [`trim=end_frame=${part.frames}`];
  const main = [
    `scale=${width}:${height}:flags=bicubic`,
    "format=yuv420p",
    ...renumbered(reference.rate),
  ].join(",");
  const other = ["setsar=1", "format=yuv420p", ...renumbered(reference.rate), ...ends].join(",");
  const graph = `[0:v]${main}[d];[1:${reference.stream}]${other}[r];[d][r]${filter}`;
  return [
    ...[...common, ...guard, "-f", "mov", "-i", `file:${encoded}`, ...seek, ...open(reference)],
    ...["-lavfi", graph, "-f", "null", "-"],
  ];
}
