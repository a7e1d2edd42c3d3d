// Arguments for looking at a film that was handed in, and for making it plain.
import {
  type Args,
  common,
  guard,
  type Input,
  open,
  plain,
  type Reference,
  reading,
  renumbered,
} from "./argv.ts";
import { colourFilters } from "./colours.ts";
import { fieldFilters, stretchFrames } from "./fields.ts";
import type { Intake } from "./intake.ts";
import { pictureSize } from "./shots-facts.ts";

/** Only what is used is asked for: a header may hold megabytes of tags. */
const streamFields =
  "index,codec_type,codec_name,width,height,pix_fmt,color_range,color_space,color_transfer,color_primaries," +
  "sample_aspect_ratio,field_order,avg_frame_rate,r_frame_rate,start_time,duration,sample_rate,channels";

/** Printed flat, a field a line in quotes: in ffprobe's own form a title could pose as another field. */
export function streamsArgs(input: Omit<Input, "stream">): Args {
  const wanted = [
    `stream=${streamFields}`,
    "stream_tags=language,title,DURATION",
    "stream_disposition=default,forced,attached_pic",
    ...["stream_side_data", "format=start_time,duration", "chapter=id"],
  ];
  return ["-v", "error", ...open(input), "-show_entries", wanted.join(":"), "-of", "flat=s=."];
}

/** Times of the packets of one stream, or of all when `stream` is undefined. */
export function packetsArgs(input: Omit<Input, "stream">, stream?: number): Args {
  return [
    ...["-v", "error", ...open(input)],
    ...(stream === undefined ? [] : ["-select_streams", `${stream}`]),
    ...["-show_entries", "packet=stream_index,pts_time,flags", "-of", "csv=p=0"],
  ];
}

/** How a stretch of the film combs, on standard output. Lines are looked at as they were stored, not as they are shown. */
export function fieldsArgs(input: Input, startSeconds: number): Args {
  const seek = startSeconds === 0 ? [] : ["-ss", startSeconds.toFixed(3)];
  return [
    ...[...common, ...guard, ...seek, "-noautorotate", ...open(input), "-map", `0:${input.stream}`],
    ...["-frames:v", `${stretchFrames}`, "-vf", fieldFilters, "-f", "null", "-"],
  ];
}

/** The film made plain: constant rate, upright, square and even pixels, SDR in 8-bit 4:2:0, at display size. */
export function normaliseArgs(input: Input, intake: Intake, output: string): Args {
  const { isRgb, colours } = intake;
  const { width, height } = intake.display;
  const filters = [
    ...intake.mending,
    `scale=${width}:${height}:flags=lanczos:out_range=tv${isRgb ? ":out_color_matrix=bt709" : ""}`,
    "setsar=1",
    ...(isRgb && colours.kind !== "keep" ? ["format=yuv444p12"] : []),
    ...colourFilters(colours),
    ...renumbered(intake.rate),
  ];
  const encoder = ["-c:v", "libx264", "-preset", "ultrafast", "-crf", "8"];
  const keys = ["-x264-params", "keyint=48:scenecut=0:open-gop=0"];
  return [...reading(input), "-vf", filters.join(","), ...encoder, ...keys, ...plain, output];
}

/** What `changesArgs` writes into its scratch folder: the tiny pictures of all frames, one after the other. */
export const picturesFile = "pictures.grey";

/**
 * Reads every frame once: scdet's figures at 320 pixels in width on standard output, tiny grey pictures in a file.
 * Standard output, because a film that changes its size half way makes ffmpeg open a file of figures anew.
 */
export function changesArgs(reference: Reference): Args {
  const filters = [
    "scale=320:-2:flags=area",
    "settb=1/1000",
    "setpts=N",
    "scdet=t=0",
    "metadata=print:file=-",
    `scale=${pictureSize.width}:${pictureSize.height}:flags=area`,
    "format=gray",
  ];
  // Without a time base of its own the writer would round frame numbers to the film's rate, and complain of each.
  const raw = ["-enc_time_base", "1:1000", "-f", "rawvideo", picturesFile];
  return [...reading(reference), "-vf", filters.join(","), ...raw];
}
