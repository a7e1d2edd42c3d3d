// One film from master file to everything the packager needs: probe, shots, trials, hulls, ladder, pieces, sound, pictures.
import { resolve } from "node:path";
import { usualRate } from "#encode/audio-rates.ts";
import { nearestFilms } from "#encode/baselines.ts";
import { codecs } from "#encode/codecs.ts";
import { economicsOf } from "#encode/economics.ts";
import { encodeFaults } from "#encode/faults.ts";
import type { Limits } from "#encode/intake.ts";
import { namesOf } from "#encode/methods.ts";
import { type ReportCodec, reportOf } from "#encode/report.ts";
import type { Prices } from "#encode/report-page-data.ts";
import { posterFrame } from "#encode/rungs.ts";
import { heightsFit, leastHeight } from "#encode/trial-grid.ts";
import { assert } from "#units/assert.ts";
import { Fault } from "#units/fault.ts";

import { encodeReport } from "#wire/encode-report.ts";
import { type BaselineFilm, encodeBaselines } from "./baseline-encodes.ts";
import { benchOf } from "./bench.ts";
import {
  analyseCodecs,
  type CodecAnalysis,
  type CodecDone,
  encodeCodecs,
  type FilmInHand,
} from "./encode-codecs.ts";
import type { EncodeOrder, EncodeResult } from "./encode-order.ts";
import { type Accepted, acceptFilm, prepareFilm } from "./film-intake.ts";
import { makeShotSheet } from "./shot-pictures.ts";
import { makeThumbnails } from "./side-files.ts";
import { assertRates, makeSounds } from "./sounds.ts";
import { planOf, sourceOf } from "./source-plan.ts";
import { stagesOf } from "./stage-clock.ts";
import { stageTeller } from "./stage-teller.ts";
import { makeSubtitles, readSidecars } from "./subtitles.ts";
import { namingFullDisk, openWorkshop, sweepScratch } from "./workshop.ts";

/** @throws Fault of encode/faults.ts for a film or a machine that will not do; the signal's reason when aborted */
export async function encodeFilm(order: EncodeOrder): Promise<EncodeResult> {
  return namingFullDisk(order.workDir, () => encodeAccepted(order));
}

async function encodeAccepted(order: EncodeOrder): Promise<EncodeResult> {
  const { settings, signal, onEvent, audio: rates = [usualRate] } = order;
  assertRates(rates);
  const sidecars = await readSidecars(order.subtitles ?? [], settings.maxSubtitleKib);
  const workshop = await openWorkshop(order.tools, settings, signal);
  const working = stageTeller((told) => onEvent({ kind: "working", ...told }));
  const { elsewhere } = order;
  const bench = {
    ...benchOf(order.tools, workshop, resolve(order.workDir), signal, working),
    ...(elsewhere === undefined ? {} : { elsewhere }),
  };
  const clock = stagesOf(workshop);
  const accepted = await acceptFilm(order.film, limitsOf(order), bench);
  refuseHeights(order, accepted);
  await sweepScratch(bench.workDir);
  const prepared = await prepareFilm(accepted, bench);
  const source = sourceOf(accepted, prepared);
  const { sounds } = accepted.intake;
  const reading = { seconds: source.duration, mostKib: settings.maxSubtitleKib };
  const texts = await makeSubtitles(accepted, accepted.intake.subtitles, sidecars, reading, bench);
  const leftOut = [...accepted.intake.leftOut, ...texts.leftOut];
  const intake = { mended: prepared.mended, leftOut };
  onEvent({ kind: "probed", source, fileName: accepted.fileName, ...intake });
  const cut = planOf(prepared, settings, order.methods?.detect);
  onEvent({ kind: "shots", ...cut });
  clock.ends("probe and shots", bench.tally.taken());

  const facts = { prepared, source, ...cut, clock, bench };
  const analyses = await analyseCodecs(order, facts);
  const done = await encodeCodecs(order, facts, analyses);
  const rungs = done.flatMap(({ final }) => final.rungs.map(({ encoded }) => encoded));
  onEvent({ kind: "encoded", rungs });

  const audio = await makeSounds(accepted, sounds, rates, source.duration, bench);
  const [first] = analyses;
  assert(first !== undefined, "there is at least one codec");
  bench.working("pictures");
  const poster = posterFrame(cut.shots, first.trials, source.frames);
  const thumbnails = await makeThumbnails(prepared.reference, prepared.key, source.frames, poster, bench);
  const shotSheet =
    order.shotPictures && (await makeShotSheet(prepared.reference, prepared.key, cut.shots, bench));
  clock.ends("sound and pictures", bench.tally.taken());
  const film = { source, ...cut, metric: first.metric, rungs, audio, subtitles: texts.subtitles, thumbnails };
  const [one, ...others] = reportCodecs(analyses, done);
  assert(one !== undefined, "there is at least one codec");
  const baselines = order.baselines && (await baselinesOf(order, facts, analyses, done));
  const figures = reportOf({
    ...{
      fileName: accepted.fileName,
      source,
      intake,
      metric: first.metric,
      effort: order.effort,
      shots: cut.shots,
    },
    ...{ codecs: [one, ...others], stages: clock.stages(), ...(baselines && { baselines }) },
    peakRatio: settings.peakRatio,
    ...(order.methods && { methods: namesOf(order.methods) }),
    encodesRun: counted(analyses, done, "run"),
    encodesReused: counted(analyses, done, "reused"),
  });
  const report = encodeReport.parse({ ...figures, encodesRetried: workshop.retries() });
  const economics = economicsOf(report, pricesOf(settings));
  return { film, report: { ...report, economics }, ...(shotSheet && { shotSheet }) };
}

function pricesOf({ priceEgress, priceCpuHour, priceCurrency }: EncodeOrder["settings"]): Prices {
  return { currency: priceCurrency, egressPerGb: priceEgress, cpuHour: priceCpuHour };
}

/** By x264, whatever codecs the ladder has: what they are there for is to be the same everywhere. */
async function baselinesOf(
  order: EncodeOrder,
  { bench, clock }: FilmInHand,
  analyses: readonly CodecAnalysis[],
  done: readonly CodecDone[],
): Promise<readonly BaselineFilm[]> {
  const preset = codecs.h264.presets[order.effort];
  const [first] = analyses;
  assert(first !== undefined, "there is at least one codec");
  const plain = analyses.find(({ codec }) => codec === "h264");
  const bits = done.find(({ codec }) => codec === "h264")?.final.rungs.map((rung) => rung.bits) ?? [];
  const titleHull = nearestFilms(plain?.analysis.baselines.perTitleHull ?? [], bits);
  const wanted = { ...first.trialOrder, preset, titleHull };
  const { films, run } = await encodeBaselines(wanted, bench, (progress) => {
    order.onEvent({ kind: "baselines", ...progress });
  });
  clock.ends("baselines", { jobs: films.length, reused: films.length - run });
  return films;
}

function reportCodecs(
  analyses: readonly CodecAnalysis[],
  done: readonly CodecDone[],
): readonly ReportCodec[] {
  return analyses.map(({ codec, trials, analysis, grid }, index) => {
    const final = done[index]?.final ?? { rungs: [], run: 0, reused: 0 };
    const rungs = final.rungs.map(({ encoded, ...measured }) => ({ rung: encoded.rung, ...measured }));
    const crfs = grid.points.map(({ crf }) => crf);
    const every = grid.sizes.length * (Math.max(...crfs) - Math.min(...crfs) + 1);
    return { codec, trials, analysis, rungs, exhaustive: every + final.run + final.reused };
  });
}

function counted(
  analyses: readonly CodecAnalysis[],
  done: readonly CodecDone[],
  what: "run" | "reused",
): number {
  const trials = analyses.reduce((sum, one) => sum + one[what], 0);
  return done.reduce((sum, { final }) => sum + final[what], trials);
}

/** A height that was asked for may be larger than what the setting would choose by itself. */
function limitsOf({ settings, heights }: EncodeOrder): Limits {
  const asked = Math.max(0, ...(heights ?? []));
  if (asked <= settings.maxDisplaySide) return settings;
  return { ...settings, maxDisplaySide: asked, sideLimitedBy: "the heights that were asked for" };
}

function refuseHeights(
  { heights, codecs: names = ["h264"] }: EncodeOrder,
  { intake: { display } }: Accepted,
): void {
  const least = Math.max(leastHeight, ...names.map((name) => codecs[name].leastSide));
  if (heights === undefined || heightsFit(heights, display, least)) return;
  const found = heights.join(", ") || "none";
  throw new Fault(encodeFaults.wrongHeights, { least, most: display.height, found });
}
