// What every step of one film's encoding needs at hand.
import { encodeFaults } from "#encode/faults.ts";
import type { Tool, Tools } from "#io/tools.ts";
import { Fault } from "#units/fault.ts";
import type { Elsewhere } from "./elsewhere.ts";
import type { TellStage } from "./stage-teller.ts";
import { newTally, type Tally } from "./tally.ts";
import type { Workshop } from "./workshop.ts";

export interface Bench {
  readonly workshop: Workshop;
  readonly ffmpeg: Tool;
  readonly ffprobe: Tool;
  /** Undefined: quality is measured as SSIM by `ffmpeg`. */
  readonly ffmpegVmaf: Tool | undefined;
  readonly workDir: string;
  readonly signal: AbortSignal;
  /** Where single jobs are counted; trials, pieces and baselines count themselves. */
  readonly tally: Tally;
  /** Says which stage works, and how far it is. */
  readonly working: TellStage;
  /** Whoever has what lacks made by others; undefined: it is made here. */
  readonly elsewhere?: Elsewhere;
}

/** @throws Fault encode-program-missing */
export function benchOf(
  tools: Tools,
  workshop: Workshop,
  workDir: string,
  signal: AbortSignal,
  working: TellStage = () => undefined,
): Bench {
  const { ffmpeg, ffprobe, ffmpegVmaf } = tools;
  if (ffmpeg === undefined) throw new Fault(encodeFaults.programMissing, { program: "ffmpeg" });
  if (ffprobe === undefined) throw new Fault(encodeFaults.programMissing, { program: "ffprobe" });
  return { workshop, ffmpeg, ffprobe, ffmpegVmaf, workDir, signal, tally: newTally(), working };
}
