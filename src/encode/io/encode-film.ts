// One film from master file to everything the packager needs: probe, shots, trials, hulls, ladder, pieces, sound, pictures.
import { resolve } from "node:path";
import type { Values } from "#config/setting.ts";
import { economicsOf } from "#encode/economics.ts";
import { encodeFaults } from "#encode/faults.ts";
import type { Limits } from "#encode/intake.ts";
import { chooseLadder, ladderRules } from "#encode/ladder.ts";
import { type Analysis, analyse, reportOf } from "#encode/report.ts";
import type { Prices } from "#encode/report-page-data.ts";
import { metricFor, posterFrame } from "#encode/rungs.ts";
import { gridLines, planSegments } from "#encode/segment-plan.ts";
import type { encodeSettings } from "#encode/settings.ts";
import { findCuts, shotsFrom, splitLong } from "#encode/shots.ts";
import {
  type Effort,
  gridPoints,
  heightsFit,
  leastHeight,
  type TrialGrid,
  trialGrid,
} from "#encode/trial-grid.ts";
import type { Tools } from "#io/tools.ts";
import type { EncodedFilm, EncodedRung, SegmentPlan, Shot } from "#model/encoded.ts";
import type { Source } from "#model/source.ts";
import { Fault } from "#units/fault.ts";
import { framesToSeconds } from "#units/quantity.ts";
import { type EncodeReport, encodeReport } from "#wire/encode-report.ts";
import { benchOf } from "./bench.ts";
import { type Accepted, acceptFilm, type Prepared, prepareFilm } from "./film-intake.ts";
import { encodeRungs } from "./final-encode.ts";
import type { Progress } from "./progress.ts";
import { makeShotSheet, type ShotSheet } from "./shot-pictures.ts";
import { makeSound, makeThumbnails } from "./side-files.ts";
import { runTrials, type TrialOrder } from "./trials.ts";
import { openWorkshop, sweepScratch } from "./workshop.ts";

export interface EncodeOrder {
  /** Path of the master film. It is only read. */
  readonly film: string;
  /** Where trials, pieces and everything else that was paid for are kept between runs. */
  readonly workDir: string;
  readonly effort: Effort;
  readonly heights?: readonly number[];
  readonly tools: Tools;
  readonly settings: Values<typeof encodeSettings>;
  readonly signal: AbortSignal;
  readonly onEvent: (event: EncodeEvent) => void;
  /** Whether somebody will look at the report's page. */
  readonly shotPictures?: "wanted";
}

export interface EncodeResult {
  readonly film: EncodedFilm;
  readonly report: EncodeReport;
  readonly shotSheet?: ShotSheet;
}

export type EncodeEvent =
  | { readonly kind: "probed"; readonly source: Source; readonly fileName: string }
  | { readonly kind: "shots"; readonly shots: readonly Shot[]; readonly plan: SegmentPlan }
  | ({ readonly kind: "trials" } & Progress)
  | {
      readonly kind: "hulls";
      readonly bitsSavedPercent: number | undefined;
      readonly hulls: Analysis["hulls"];
    }
  | ({ readonly kind: "encoding" } & Progress)
  | { readonly kind: "encoded"; readonly rungs: readonly EncodedRung[] };

/** @throws Fault of encode/faults.ts for a film or a machine that will not do; the signal's reason when aborted */
export async function encodeFilm(order: EncodeOrder): Promise<EncodeResult> {
  const begun = performance.now();
  const { settings, signal, onEvent, effort } = order;
  const workshop = await openWorkshop(order.tools, settings, signal);
  const bench = benchOf(order.tools, workshop, resolve(order.workDir), signal);
  const accepted = await acceptFilm(order.film, limitsOf(order), bench);
  const grid = gridFor(order, accepted);
  await sweepScratch(bench.workDir);
  const prepared = await prepareFilm(accepted, bench);
  const source = sourceOf(accepted, prepared);
  onEvent({ kind: "probed", source, fileName: accepted.fileName });
  const { shots, plan } = planOf(prepared, settings);
  onEvent({ kind: "shots", shots, plan });

  const metric = metricFor(bench.ffmpegVmaf !== undefined, prepared.reference.display, grid.subsample);
  const trialOrder: TrialOrder = {
    ...{ reference: prepared.reference, referenceKey: prepared.key, frames: source.frames },
    ...{ shots, plan, metric, preset: grid.preset },
  };
  const tried = await runTrials(gridPoints(grid), trialOrder, bench, (progress) => {
    onEvent({ kind: "trials", ...progress });
  });
  const analysis = analyse(grid, tried.trials, shots, source, metric.name);
  const saved = analysis.bdRatePercent.fixedLadder;
  onEvent({ kind: "hulls", bitsSavedPercent: saved === null ? undefined : -saved, hulls: analysis.hulls });

  const ladder = chooseLadder(analysis.films, ladderRules[metric.name]);
  const final = await encodeRungs(ladder, trialOrder, bench, (progress) => {
    onEvent({ kind: "encoding", ...progress });
  });
  const rungs = final.rungs.map(({ encoded }) => encoded);
  onEvent({ kind: "encoded", rungs });

  const { sound } = accepted.intake;
  const audio =
    sound === undefined
      ? []
      : [await makeSound(accepted.film, accepted.sha256, sound, source.duration, bench)];
  const poster = posterFrame(shots, tried.trials, source.frames);
  const thumbnails = await makeThumbnails(prepared.reference, prepared.key, source.frames, poster, bench);
  const shotSheet =
    order.shotPictures && (await makeShotSheet(prepared.reference, prepared.key, shots, bench));
  const film = { source, shots, plan, metric, rungs, audio, subtitles: [], thumbnails };
  const crfs = (grid.crfs.at(-1) ?? 0) - (grid.crfs[0] ?? 0) + 1;
  const figures = reportOf({
    ...{ fileName: accepted.fileName, source, metric, effort, shots, trials: tried.trials, analysis },
    rungs: final.rungs.map(({ encoded, bits }, index) => ({
      rung: encoded.rung,
      bits,
      expected: ladder[index]?.points ?? [],
    })),
    encodesRun: tried.run + final.run,
    encodesReused: tried.reused + final.reused,
    encodesExhaustive: grid.sizes.length * crfs + final.run + final.reused,
    wallSeconds: (performance.now() - begun) / 1000,
    cpuSeconds: workshop.cpuSeconds(),
  });
  const report = encodeReport.parse(figures);
  const economics = economicsOf(report, pricesOf(settings));
  return { film, report: { ...report, economics }, ...(shotSheet && { shotSheet }) };
}

function pricesOf({ priceEgress, priceCpuHour, priceCurrency }: EncodeOrder["settings"]): Prices {
  return { currency: priceCurrency, egressPerGb: priceEgress, cpuHour: priceCpuHour };
}

/** A height that was asked for may be larger than what the setting would choose by itself. */
function limitsOf({ settings, heights }: EncodeOrder): Limits {
  return { ...settings, maxDisplaySide: Math.max(settings.maxDisplaySide, ...(heights ?? [])) };
}

function gridFor({ heights, effort }: EncodeOrder, { intake: { display } }: Accepted): TrialGrid {
  if (heights !== undefined && !heightsFit(heights, display)) {
    const found = heights.join(", ") || "none";
    throw new Fault(encodeFaults.wrongHeights, { least: leastHeight, most: display.height, found });
  }
  return trialGrid(display, effort, heights);
}

function sourceOf({ sha256, intake }: Accepted, { changes }: Prepared): Source {
  const { display, rate, sound } = intake;
  return {
    sha256,
    ...display,
    frameRate: rate,
    frames: changes.length,
    duration: framesToSeconds(changes.length, rate),
    audio: sound && { codec: sound.codec, sampleRate: sound.sampleRate, channels: sound.channels },
  };
}

function planOf(
  { changes, reference: { rate } }: Prepared,
  { segmentSeconds, maxShotSeconds }: EncodeOrder["settings"],
): { readonly shots: readonly Shot[]; readonly plan: SegmentPlan } {
  const frames = changes.length;
  const lines = gridLines(segmentSeconds, rate, frames);
  const most = Math.round((maxShotSeconds * rate.num) / rate.den);
  const shots = shotsFrom(splitLong(findCuts(changes), lines, frames, most), frames);
  return { shots, plan: planSegments(shots, segmentSeconds, rate, frames) };
}
