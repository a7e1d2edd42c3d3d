// Arguments for what a title needs beside its rungs: sound, the small pictures of the seek bar, a poster.
import { type Args, common, guard, type Input, open, plain, type Reference, reading } from "./argv.ts";
import type { SoundIntake } from "./intake.ts";

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
