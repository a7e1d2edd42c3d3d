// Arguments for what a title needs beside its rungs: sound, the small pictures of the seek bar, a poster.
import type { AudioCodec } from "#model/encoded.ts";
import { type Args, common, guard, type Input, open, plain, type Reference, reading, tags } from "./argv.ts";
import type { AudioRate } from "./audio-rates.ts";
import type { SoundIntake, SubtitleIntake } from "./tracks.ts";

export const soundRate = 48_000;
/**
 * Samples an encoder puts before the first: AAC-LC's frame, libopus's look-ahead. As many are dropped from the film's start,
 * so that sample n of what is decoded is sample n of the film and no player has an edit list or a pre-skip to interpret.
 */
export const priming: Readonly<Record<AudioCodec, number>> = { aac: 1024, opus: 312 };

/** Stereo as long as the picture, in fragments of 4 s. */
export function soundArgs(
  film: Input,
  sound: SoundIntake,
  { codec, bitrate }: AudioRate,
  seconds: number,
  output: string,
): Args {
  const lead = priming[codec];
  const samples = Math.max(lead, Math.round(seconds * soundRate) - lead);
  const filters = [
    `asetpts=PTS-${sound.pictureStart.toFixed(6)}/TB`,
    `aresample=${soundRate}:async=1:first_pts=0`,
    // ffmpeg's own way from one channel to two takes 3 dB away.
    ...(sound.channels === 1 ? ["pan=stereo|c0=c0|c1=c0"] : []),
    `aformat=sample_rates=${soundRate}:channel_layouts=stereo`,
    "apad",
    `atrim=start_sample=${lead}:end_sample=${lead + samples}`,
    "asetpts=N/SR/TB",
  ];
  const encoder =
    codec === "aac" ? ["-c:a", "aac"] : ["-c:a", "libopus", "-application", "audio", "-frame_duration", "20"];
  return [
    ...common,
    ...guard,
    ...open(film),
    ...["-map", `0:${sound.stream}`, "-af", filters.join(",")],
    ...[...encoder, "-b:a", `${bitrate}`],
    ...["-movflags", "+empty_moov+default_base_moof+cmaf", "-frag_duration", "4000000", ...plain, output],
  ];
}

/** Subtitles of any text format as WebVTT, on the film's own clock. */
export function subtitleArgs(film: Input, subtitle: SubtitleIntake, output: string): Args {
  const only = ["-map", `0:${subtitle.stream}`, "-c:s", "webvtt", ...plain, "-f", "webvtt", output];
  return [...common, ...guard, ...open(film), ...only];
}

/** A JPEG file is BT.601 in full range, whatever the film is. Source: JFIF 1.02. */
const asJpeg = "out_color_matrix=bt601:out_range=pc";

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
    ...tags(reference),
    `scale=${layout.tileWidth}:${layout.tileHeight}:flags=area:${asJpeg}`,
    "format=yuvj420p",
    `tile=${layout.columns}x${layout.rows}`,
  ];
  return [...reading(reference), "-vf", filters.join(","), "-q:v", "4", ...plain, "-f", "image2", pattern];
}

export function posterArgs(reference: Reference, frame: number, output: string): Args {
  const seek = (Math.max(0, frame - 0.5) * reference.rate.den) / reference.rate.num;
  const picture = ["-map", `0:${reference.stream}`, "-frames:v", "1", "-update", "1"];
  const filters = [...tags(reference), `scale=iw:ih:${asJpeg}`, "format=yuvj420p"].join(",");
  return [
    ...[...common, ...guard, "-ss", seek.toFixed(6), ...open(reference), ...picture],
    ...["-vf", filters, "-q:v", "3", ...plain, "-f", "image2", output],
  ];
}
