// How far an ffmpeg is, from what it writes about itself once a second: blocks of `key=value` lines, the newest last.
// Source: ffmpeg(1), -progress and -stats_period.
import type { Args } from "./argv.ts";

/** A file in the scratch folder: standard error keeps its last words for failures, standard output is for figures. */
export const progressFile = "progress.txt";

export const progressArgs: Args = ["-progress", progressFile, "-stats_period", "1"];

/** Frames written so far, from the end of the file; 0 until it says so. */
export function framesDone(text: string): number {
  const last = [...text.matchAll(/^frame=\s*(\d+)$/gm)].at(-1);
  return Number(last?.[1] ?? 0);
}
