// Scores an encode in a scratch folder against the reference, frame by frame, with the metric the order names.
import { join } from "node:path";
import type { Args, Reference } from "#encode/argv.ts";
import type { Comparison } from "#encode/argv-video.ts";
import { encodeFaults } from "#encode/faults.ts";
import type { Measure } from "#encode/measures.ts";
import { type FrameScores, scoresComplaint } from "#encode/scores.ts";
import { readIfThere } from "#io/files.ts";
import type { Tool } from "#io/tools.ts";
import type { Metric } from "#model/encoded.ts";
import { assert } from "#units/assert.ts";
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

/** An encode of the scratch folder, and where what is said of it goes. */
export type Scored = Pick<Comparison, "encoded" | "log">;

const log = "quality.log";

/** The program and its arguments: part of what names a score. `encoded` is a file in the scratch folder. */
export function measureWith(
  order: Measuring,
  encoded: string,
  bench: Bench,
): { readonly tool: Tool; readonly args: Args } {
  return { tool: toolOf(order, bench), args: argsFor(order, { encoded, log }) };
}

function toolOf({ measure: method }: Measuring, bench: Bench): Tool {
  const tool = method.program === "ffmpeg" ? bench.ffmpeg : bench.ffmpegVmaf;
  if (tool === undefined) throw broken(method, "it needs libvmaf, which is not here");
  return tool;
}

function argsFor({ reference, metric, measure: method, part }: Measuring, encode: Scored): Args {
  const comparison = { reference, ...encode, ...(part === undefined ? {} : { part }) };
  return method.args(comparison, metric.subsample);
}

/** @throws Fault encode-broken-method; encode-scores-incomplete when frames are lacking: a full disk and a short encode cut a log off without a word */
export async function measure(
  order: Measuring,
  encoded: string,
  scratch: string,
  bench: Bench,
  signal: AbortSignal,
): Promise<FrameScores> {
  const [scores] = await measureAll(order, [{ encoded, log }], scratch, bench, signal);
  assert(scores !== undefined, "an encode has its scores");
  return scores;
}

/** The lists in which encodes of the whole film are scored: all by one program where the measure has a way, else each alone. */
export function scoredTogether<E extends Scored>(
  { argsTogether }: Measure,
  encodes: readonly E[],
): readonly (readonly E[])[] {
  return argsTogether === undefined ? encodes.map((encode) => [encode]) : [encodes];
}

/** Scores of one such list, in its order. */
export async function measureAll(
  order: Measuring,
  encodes: readonly Scored[],
  scratch: string,
  bench: Bench,
  signal: AbortSignal,
): Promise<readonly FrameScores[]> {
  const { reference, metric, measure: method } = order;
  const args =
    method.argsTogether === undefined || encodes.length === 1
      ? encodes.flatMap((encode) => argsFor(order, encode))
      : method.argsTogether(reference, encodes, metric.subsample);
  const filmSeconds = order.filmSeconds * encodes.length;
  const work = { tool: toolOf(order, bench), args, reads: [reference.path], scratch, filmSeconds, signal };
  await runWatched(bench.workshop, work, order.watch);
  return Promise.all(encodes.map((encode) => scoresIn(join(scratch, encode.log), order)));
}

async function scoresIn(path: string, order: Measuring): Promise<FrameScores> {
  const { metric, measure: method } = order;
  const scores = method.read((await readIfThere(path)) ?? "");
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
