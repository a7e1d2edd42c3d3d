// The arguments of every ffmpeg and ffprobe that encode runs, as plain lists. File names that are written are relative
// to the scratch folder the program runs in. Commands were proven in research, encoding §10.
import type { FrameRate } from "#units/quantity.ts";
import { type Container, formatWhitelist } from "./container.ts";
import type { Intake, SoundIntake } from "./intake.ts";
import type { GridPoint, Size } from "./trial-grid.ts";

/** A film on disk and the one demuxer that may open it. */
export interface Input {
  readonly path: string;
  readonly container: Container;
  readonly stream: number;
}

/** What is encoded and measured against: the film itself, or what normalising made of it. */
export interface Reference extends Input {
  readonly display: Size;
  readonly rate: FrameRate;
}

type Args = readonly string[];

const common: Args = ["-nostdin", "-hide_banner", "-nostats", "-benchmark", "-v", "repeat+info", "-y"];
const plain: Args = ["-map_metadata", "-1", "-map_chapters", "-1", "-fflags", "+bitexact"];
/** Largest single allocation; ffmpeg's own guard beside the sandbox. */
const guard: Args = ["-max_alloc", "1000000000"];
/** Pieces and trials alike: one init per rung needs one set of coding tools. */
const codingTools = "stitchable=1:keyint=infinite:scenecut=0:open-gop=0:ref=2:bframes=3:threads=1";

export function streamsArgs(input: Omit<Input, "stream">): Args {
  return ["-v", "error", ...open(input), "-show_streams", "-show_format", "-of", "default"];
}

export function packetsArgs(input: Omit<Input, "stream">): Args {
  return [
    "-v",
    "error",
    ...open(input),
    "-show_entries",
    "packet=stream_index,pts_time,flags",
    "-of",
    "csv=p=0",
  ];
}

/** The film made plain: constant rate, upright, square and even pixels, 8-bit 4:2:0, at display size. */
export function normaliseArgs(input: Input, intake: Intake, output: string): Args {
  const matrix = intake.isRgb ? ":out_color_matrix=bt709" : "";
  const { width, height } = intake.display;
  const filters = [
    ...intake.mending,
    `scale=${width}:${height}:flags=lanczos:out_range=tv${matrix}`,
    "setsar=1",
    "format=yuv420p",
    ...renumbered(intake.rate),
    ...(intake.isRgb ? ["setparams=colorspace=bt709:color_primaries=bt709:color_trc=bt709"] : []),
  ];
  const encoder = ["-c:v", "libx264", "-preset", "ultrafast", "-crf", "8"];
  const keys = ["-x264-params", "keyint=48:scenecut=0:open-gop=0"];
  return [...reading(input), "-vf", filters.join(","), ...encoder, ...keys, ...plain, output];
}

/** Prints scdet's figures per frame on standard output. */
export function changesArgs(reference: Reference): Args {
  const filters = [
    "scale=320:-2:flags=area",
    "settb=1/1000",
    "setpts=N",
    "scdet=t=0",
    "metadata=print:file=-",
  ];
  return [...reading(reference), "-vf", filters.join(","), "-f", "null", "-"];
}

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

export const soundBitrate = 128_000;
export const soundRate = 48_000;
/** Samples an AAC encoder puts before the first: dropped from the film's start, so that no edit list is needed. */
const priming = 1024;

/** Stereo AAC as long as the picture, in fragments of 4 s. */
export function soundArgs(film: Input, sound: SoundIntake, seconds: number, output: string): Args {
  const samples = Math.max(priming, Math.round(seconds * soundRate) - priming);
  const filters = [
    `asetpts=PTS-${sound.pictureStart.toFixed(6)}/TB`,
    `aresample=${soundRate}:async=1:first_pts=0`,
    `aformat=sample_rates=${soundRate}:channel_layouts=stereo`,
    "apad",
    `atrim=start_sample=${priming}:end_sample=${priming + samples}`,
    "asetpts=N/SR/TB",
  ];
  return [
    ...common,
    ...guard,
    ...open(film),
    ...["-map", `0:${sound.stream}`, "-af", filters.join(",")],
    ...["-c:a", "aac", "-b:a", `${soundBitrate}`],
    ...["-movflags", "+empty_moov+default_base_moof+cmaf", "-frag_duration", "4000000", ...plain, output],
  ];
}

export interface SheetLayout {
  readonly everyFrames: number;
  readonly tileWidth: number;
  readonly tileHeight: number;
  readonly columns: number;
  readonly rows: number;
}

/** Sprite sheets of small pictures for the seek bar; `pattern` has ffmpeg's %d. */
export function sheetArgs(reference: Reference, layout: SheetLayout, pattern: string): Args {
  const filters = [
    `select='not(mod(n,${layout.everyFrames}))'`,
    `scale=${layout.tileWidth}:${layout.tileHeight}:flags=area:out_range=pc`,
    "format=yuvj420p",
    `tile=${layout.columns}x${layout.rows}`,
  ];
  return [...reading(reference), "-vf", filters.join(","), "-q:v", "4", ...plain, "-f", "image2", pattern];
}

export function posterArgs(reference: Reference, frame: number, output: string): Args {
  const seek = (Math.max(0, frame - 0.5) * reference.rate.den) / reference.rate.num;
  const picture = ["-map", `0:${reference.stream}`, "-frames:v", "1", "-update", "1"];
  const filters = "scale=iw:ih:out_range=pc,format=yuvj420p";
  return [
    ...[...common, ...guard, "-ss", seek.toFixed(6), ...open(reference), ...picture],
    ...["-vf", filters, "-q:v", "3", ...plain, "-f", "image2", output],
  ];
}

/** Only this demuxer, only this file. */
function open(input: Omit<Input, "stream">): Args {
  const only = ["-protocol_whitelist", "file", "-format_whitelist", formatWhitelist];
  return [...only, "-f", input.container, "-i", `file:${input.path}`];
}

function reading(input: Input): Args {
  return [...common, ...guard, ...open(input), "-map", `0:${input.stream}`, "-fps_mode", "passthrough"];
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

function scaled(reference: Reference, size: Size): Args {
  const scale = `scale=${size.width}:${size.height}:flags=lanczos`;
  return [scale, "setsar=1", "format=yuv420p", ...renumbered(reference.rate)];
}

/** Frame n at exactly n/rate: in each input's own time base the times would be rounded differently. */
function renumbered(rate: FrameRate): Args {
  return [`settb=${rate.den}/${rate.num}`, "setpts=N"];
}

/** A quarter frame early: rounding to the encoder's clock then always meets the frame that is meant. */
function keyTimes(keyframes: readonly number[], rate: FrameRate): string {
  return keyframes.map((frame) => ((Math.max(0, frame - 0.25) * rate.den) / rate.num).toFixed(6)).join(",");
}
