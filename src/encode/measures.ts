// How a picture is judged: what ffmpeg is told, what its log says, and what a score is worth when bits are shared out.
import type { Metric } from "#model/encoded.ts";
import type { Args, Reference } from "./argv.ts";
import { type Comparison, comparing, comparingAll, ssimFilter, vmafArgs, vmafFilter } from "./argv-video.ts";
import { type LadderRules, ladderRules } from "./ladder.ts";
import { type FrameScores, readSsimLog, readVmafLog } from "./scores.ts";
import type { Size } from "./size.ts";

export interface Measure {
  /** `metric.name` in report and sidecar, and part of what names every kept score: say what is measured. */
  readonly name: string;
  /** Tells versions of it apart, in the report and among kept scores; may be empty. */
  readonly model: string;
  /** The ffmpeg that encodes, or the one that has libvmaf. */
  readonly program: "ffmpeg" | "ffmpeg-with-libvmaf";
  /** Whether it scores each frame, or every n-th as the effort says. */
  readonly scores: "every-frame" | "every-nth-frame";
  /**
   * Arguments that compare `encoded` with the reference, frame by frame at display size, and leave a log in the scratch
   * folder. `comparing` writes all of them but the filter.
   */
  readonly args: (comparison: Comparison, subsample: number) => Args;
  /**
   * Arguments by which one program compares several encodes of the whole film, and leaves of each the log that `args` would.
   * A measure without it compares one after the other.
   */
  readonly argsTogether?: (
    reference: Reference,
    encodes: readonly Pick<Comparison, "encoded" | "log">[],
    subsample: number,
  ) => Args;
  /** Score of each frame that was to be scored, counted from 0. A higher score must mean a better picture. */
  readonly read: (log: string) => FrameScores;
  /** What a frame of this score lacks: falls as the score rises. Constant slope shares bits by its sum over the film. */
  readonly distortion: (score: number) => number;
  /** Spacing and ends of the ladder that nobody wished for, on the measure's own scale. */
  readonly rules: LadderRules;
}

const vmafModel = "vmaf_v0.6.1";

/** VMAF is linear in what people see. */
export const vmaf: Measure = {
  name: "vmaf",
  model: vmafModel,
  program: "ffmpeg-with-libvmaf",
  scores: "every-nth-frame",
  args: (comparison, subsample) => vmafArgs(comparison, vmafModel, subsample),
  argsTogether: (reference, encodes, subsample) =>
    comparingAll(
      reference,
      encodes.map(({ encoded, log }) => ({ encoded, filter: vmafFilter(log, vmafModel, subsample) })),
    ),
  read: readVmafLog,
  distortion: (score) => 100 - score,
  rules: ladderRules.vmaf,
};

/** SSIM × 100 is not, so it counts in decibels: 10·log₁₀(1 − q/100). */
export const ssim: Measure = {
  name: "ssim",
  model: "",
  program: "ffmpeg",
  scores: "every-frame",
  args: (comparison) => comparing(comparison, ssimFilter(comparison.log)),
  argsTogether: (reference, encodes) =>
    comparingAll(
      reference,
      encodes.map(({ encoded, log }) => ({ encoded, filter: ssimFilter(log) })),
    ),
  read: readSsimLog,
  distortion: (score) => 10 * Math.log10(Math.max(1e-6, 1 - score / 100)),
  rules: ladderRules.ssim,
};

export function isOurs(measure: Measure): boolean {
  return measure === vmaf || measure === ssim;
}

/** What the report and the players say about quality, so that two metrics are never mixed. */
export function metricOf({ name, model, scores }: Measure, display: Size, subsample: number): Metric {
  const size = { displayWidth: display.width, displayHeight: display.height };
  return { name, model, pooling: "mean", ...size, subsample: scores === "every-frame" ? 1 : subsample };
}
