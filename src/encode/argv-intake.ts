// Arguments for looking at a film that was handed in, and for making it plain.
import { type Args, type Input, open, plain, type Reference, reading, renumbered } from "./argv.ts";
import type { Intake } from "./intake.ts";
import { pictureSize } from "./shots-facts.ts";

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
