// Scores an encode in a scratch folder against the reference, frame by frame, with the metric the order names.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Args, Reference } from "#encode/argv.ts";
import type { Comparison } from "#encode/argv-video.ts";
import { encodeFaults } from "#encode/faults.ts";
import type { Measure } from "#encode/measures.ts";
import { type FrameScores, scoresComplaint } from "#encode/scores.ts";
import type { Tool } from "#io/tools.ts";
import type { Metric } from "#model/encoded.ts";
import { Fault } from "#units/fault.ts";
import type { Bench } from "./bench.ts";
import { runWatched, type Watch } from "./watched.ts";

export interface Measuring {
  readonly reference: Reference;
  readonly metric: Metric;
  readonly measure: Measure;
  /** Of the film. */
  readonly frames: number;
  /** Length of the film, which bounds how long it may take. */
  readonly filmSeconds: number;
  /** The part of the film that was encoded; all of it unless given. */
  readonly part?: Comparison["part"];
  readonly watch?: Watch;
}

const log = "quality.log";

/** The program and its arguments: part of what names a score. `encoded` is a file in the scratch folder. */
export function measureWith(
  { reference, metric, measure: method, part }: Measuring,
  encoded: string,
  bench: Bench,
): { readonly tool: Tool; readonly args: Args } {
  const comparison = { reference, encoded, log, ...(part === undefined ? {} : { part }) };
  const tool = method.program === "ffmpeg" ? bench.ffmpeg : bench.ffmpegVmaf;
  if (tool === undefined) throw broken(method, "it needs libvmaf, which is not here");
  return { tool, args: method.args(comparison, metric.subsample) };
}

/** @throws Fault encode-broken-method; encode-scores-incomplete when frames are lacking: a full disk and a short encode cut a log off without a word */
export async function measure(
  order: Measuring,
  encoded: string,
  scratch: string,
  bench: Bench,
  signal: AbortSignal,
): Promise<FrameScores> {
  const { reference, filmSeconds, metric, measure: method } = order;
  const work = { reads: [reference.path], scratch, filmSeconds, signal };
  await runWatched(bench.workshop, { ...work, ...measureWith(order, encoded, bench) }, order.watch);
  const scores = method.read(await readFile(join(scratch, log), "utf8"));
  for (const [frame, score] of scores) {
    if (!Number.isFinite(score)) throw broken(method, `frame ${frame} has the score ${score}`);
  }
  const reason = scoresComplaint(scores, order.part?.frames ?? order.frames, metric.subsample);
  if (reason !== undefined) throw new Fault(encodeFaults.scoresIncomplete, { metric: metric.name, reason });
  return scores;
}

function broken({ name }: Measure, reason: string): Fault {
  return new Fault(encodeFaults.brokenMethod, { part: "measure", name, reason });
}
