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
  return [
    ...reading(reference),
    ...["-vf", scaled(reference, order).join(",")],
    ...trialOutput(reference, { codec, ...order }, keyframes, output),
  ];
}

/** Several trials of one size by one program: the film is read and scaled once, and each is what it would be alone. */
export function trialsArgs(
  reference: Reference,
  encode: Omit<TrialEncode, "crf">,
  keyframes: readonly number[],
  outputs: readonly { readonly crf: number; readonly output: string }[],
): Args {
  const labels = outputs.map((_, index) => `[v${index}]`);
  const split = [...scaled(reference, encode), `split=${outputs.length}`].join(",");
  return [
    ...[...common, ...guard, ...open(reference)],
    ...["-filter_complex", `[0:${reference.stream}]${split}${labels.join("")}`],
    ...outputs.flatMap(({ crf, output }, index) => [
      ...["-map", `[v${index}]`, "-fps_mode", "passthrough"],
      ...trialOutput(reference, { ...encode, crf }, keyframes, output),
    ]),
  ];
}

function trialOutput(
  { rate }: Reference,
  { codec, ...order }: TrialEncode,
  keyframes: readonly number[],
  output: string,
): Args {
  const tools = codecs[codec];
  return [
    ...tools.args({ ...order, rate, peak: 0 }),
    ...["-force_key_frames", keyTimes(keyframes, rate)],
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
  return comparing(comparison, vmafFilter(comparison.log, model, subsample));
}

/** Leaves the scores of each frame, as a table. */
export function vmafFilter(log: string, model: string, subsample: number): string {
  return `libvmaf=model=version=${model}:n_threads=1:n_subsample=${subsample}:log_fmt=csv:log_path=${log}`;
}

export function ssimFilter(log: string): string {
  return `ssim=stats_file=${log}`;
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
  const seek = part === undefined ? [] : seekTo(part.startFrame, reference);
  const ends = part === undefined ? [] : [`trim=end_frame=${part.frames}`];
  const other = [...asItWas(reference), ...ends].join(",");
  const graph = `[0:v]${asShown(reference)}[d];[1:${reference.stream}]${other}[r];[d][r]${filter}`;
  return [
    ...[...common, ...guard, "-f", "mov", "-i", `file:${encoded}`, ...seek, ...open(reference)],
    ...["-lavfi", graph, "-f", "null", "-"],
  ];
}

/** Several encodes of the whole film by one program, which reads the reference once; each comes to what it would alone. */
export function comparingAll(
  reference: Reference,
  encodes: readonly { readonly encoded: string; readonly filter: string }[],
): Args {
  const labels = encodes.map((_, index) => `[r${index}]`).join("");
  const split = [...asItWas(reference), `split=${encodes.length}`].join(",");
  const graph = [
    `[${encodes.length}:${reference.stream}]${split}${labels}`,
    ...encodes.map(
      ({ filter }, index) => `[${index}:v]${asShown(reference)}[d${index}];[d${index}][r${index}]${filter}`,
    ),
  ];
  return [
    ...[...common, ...guard, ...encodes.flatMap(({ encoded }) => ["-f", "mov", "-i", `file:${encoded}`])],
    ...[...open(reference), "-lavfi", graph.join(";"), "-f", "null", "-"],
  ];
}

function asShown({ display, rate }: Reference): string {
  const scale = `scale=${display.width}:${display.height}:flags=bicubic`;
  return [scale, "format=yuv420p", ...renumbered(rate)].join(",");
}

function asItWas({ rate }: Reference): Args {
  return ["setsar=1", "format=yuv420p", ...renumbered(rate)];
}
