// The figures of report.json, all of them computed from this run's trials and pieces.
import type { Codec, Metric, Rung, Shot } from "#model/encoded.ts";
import type { Source } from "#model/source.ts";
import { type Baselines, baselines, type PlainFilm } from "./baselines.ts";
import { bdRatePercent } from "./bd-rate.ts";
import { codecs as codecTable, reachOf } from "./codecs.ts";
import { type FixedLadderName, fixedLadderLabels } from "./fixed-ladders.ts";
import { convexHull } from "./hull.ts";
import { frontier, type RungChoice, rateCurve } from "./ladder.ts";
import type { MethodNames, Methods } from "./methods.ts";
import { type OperatingPoint, pointsAt, type ShotFigure, type Trial } from "./operating-points.ts";
import type { FilmPoint, Origin, PageBaseline, PageReport } from "./report-page-data.ts";
import type { Size } from "./size.ts";
import type { GridPoint, TrialGrid } from "./trial-grid.ts";

/** What the trials say about a film: the basis of ladder, baselines and report. */
export interface Analysis {
  readonly byHeight: readonly {
    readonly size: Size;
    readonly points: readonly (readonly OperatingPoint[])[];
  }[];
  readonly films: ReturnType<typeof frontier>;
  /** `hulls[shot]` over all heights. */
  readonly hulls: readonly (readonly OperatingPoint[])[];
  readonly baselines: Baselines;
  readonly bdRatePercent: BdRates;
}

export interface BdRates {
  readonly fixedLadder: number | null;
  readonly fixedCrfNative: number | null;
  readonly perTitleHull: number | null;
}

export function analyse(
  grid: TrialGrid,
  trials: readonly Trial[],
  shots: readonly Shot[],
  source: Source,
  { measure, allocate }: Pick<Methods, "measure" | "allocate">,
): Analysis {
  const { crfStep } = codecTable[grid.codec];
  const byHeight = grid.sizes.map((size) => ({
    size,
    points: pointsAt(size, trials, shots, {
      distortion: measure.distortion,
      crfStep,
      reach: reachOf(grid.codec),
    }),
  }));
  const films = frontier(byHeight, source.frames, allocate.films);
  const hulls = shots.map((shot) => convexHull(byHeight.flatMap(({ points }) => points[shot.id] ?? [])));
  const plain = baselines(byHeight, grid.codec, source.frames);
  const ours = rateCurve(films, source.duration);
  const against = (list: readonly PlainFilm[]): number | null =>
    bdRatePercent(ours, rateCurve(list, source.duration));
  const rates = {
    fixedLadder: against(plain.fixedLadder),
    fixedCrfNative: against(plain.fixedCrfNative),
    perTitleHull: against(plain.perTitleHull),
  };
  return { byHeight, films, hulls, baselines: plain, bdRatePercent: rates };
}

/** One codec's trials, what they said, and what became of them. */
export interface ReportCodec {
  readonly codec: Codec;
  readonly trials: readonly Trial[];
  readonly analysis: Analysis;
  readonly rungs: readonly ReportRung[];
  /** What trying every CRF at every height would encode, pieces included. */
  readonly exhaustive: number;
}

export interface ReportRung {
  readonly rung: Rung;
  /** What the allocation chose: predicted. */
  readonly planned: Pick<RungChoice, "bits" | "quality">;
  /** What was finally encoded: up to two shots of the plan changed. */
  readonly choice: Pick<RungChoice, "points">;
  /** Of the finished pieces. */
  readonly bits: number;
  readonly quality: number;
  /** bits/s of the dearest segment. */
  readonly peak: number;
  readonly shotBits: readonly number[];
}

/** What was done to the film before anything was measured, and what of it was not used: a phrase each. */
export interface ReportIntake {
  /** Empty when the film was used as it is. */
  readonly mended: readonly string[];
  readonly leftOut: readonly string[];
}

export interface ReportFacts {
  readonly fileName: string;
  readonly source: Source;
  readonly intake: ReportIntake;
  readonly metric: Metric;
  /** Of those that are not ours. */
  readonly methods?: MethodNames;
  readonly effort: string;
  readonly shots: readonly Shot[];
  /** At least one; the first is what hulls and baselines are shown of. */
  readonly codecs: readonly [ReportCodec, ...ReportCodec[]];
  readonly stages: readonly {
    readonly name: string;
    readonly wallSeconds: number;
    readonly cpuSeconds: number;
    readonly jobs: number;
    readonly reused: number;
  }[];
  /** What the ladder is compared with, when it was encoded. */
  readonly baselines?: readonly EncodedBaseline[];
  readonly peakRatio: number;
  readonly encodesRun: number;
  readonly encodesReused: number;
}

export interface EncodedBaseline extends Size {
  readonly name: FixedLadderName | "fixed-crf-native" | "per-title-hull";
  readonly crf?: number;
  readonly target?: number;
  readonly bits: number;
  readonly quality: number;
  readonly cpuSeconds: number;
}

interface ReportPoint extends Size {
  readonly shot: number;
  readonly codec: Codec;
  readonly crf: number;
  readonly bits: number;
  readonly bitrateBps: number;
  readonly quality: number;
}

type PointOf = (codec: Codec, shot: Shot, at: GridPoint & ShotFigure) => ReportPoint;

/** The shape of wire/encode-report.ts. */
export function reportOf(facts: ReportFacts): Readonly<Record<string, unknown>> {
  const { source, metric, shots, codecs, stages, encodesRun, encodesReused, effort } = facts;
  const [{ analysis }] = codecs;
  const total = (of: "wallSeconds" | "cpuSeconds"): number =>
    stages.reduce((sum, stage) => sum + stage[of], 0);
  const point: PointOf = (codec, shot, { width, height, crf, bits, quality }) => {
    const seconds = ((shot.endFrame - shot.startFrame) * source.frameRate.den) / source.frameRate.num;
    return { shot: shot.id, codec, width, height, crf, bits, bitrateBps: bits / seconds, quality };
  };
  return {
    version: 1,
    source: sourceOf(facts.fileName, source),
    intake: facts.intake,
    metric,
    ...(facts.methods === undefined ? {} : { methods: facts.methods }),
    effort,
    shots: shots.map(({ startFrame, endFrame }) => ({ startFrame, endFrame })),
    trials: codecs.flatMap(({ codec, trials }) => trialPoints(codec, trials, shots, point)),
    hulls: hullPoints(codecs[0], shots, point),
    otherHulls: codecs.slice(1).map((one) => ({ codec: one.codec, hulls: hullPoints(one, shots, point) })),
    ladder: codecs.flatMap((one) => ladderOf(one, facts, point)),
    fixedLadder: analysis.baselines.fixedLadder.map(({ height, crf, bits, quality }) => {
      return { height, crf, bitrateBps: bits / source.duration, ...scored(quality, metric) };
    }),
    ...ratesOf(analysis.bdRatePercent, facts),
    codecs: codecs.map((one) => ({
      codec: one.codec,
      bdRatePercent: one.analysis.bdRatePercent,
      bdRateAgainstFirst: againstFirst(codecs[0], one, source),
    })),
    baselines: [...baselinesOf(analysis.baselines, facts), ...encodedBaselines(facts)],
    frontier: thinned(analysis.films.map((film) => filmPoint({ ...film, ...film.size }, facts))),
    stages,
    peakRatio: facts.peakRatio,
    ...{ encodesRun, encodesReused },
    encodesExhaustive: codecs.reduce((sum, { exhaustive }) => sum + exhaustive, 0),
    wallSeconds: total("wallSeconds"),
    cpuSeconds: total("cpuSeconds"),
  };
}

function trialPoints(
  codec: Codec,
  trials: readonly Trial[],
  shots: readonly Shot[],
  point: PointOf,
): readonly ReportPoint[] {
  return trials.flatMap((trial) =>
    trial.shots.flatMap((figure, index) => {
      const shot = shots[index];
      return shot === undefined ? [] : [point(codec, shot, { ...trial.point, ...figure })];
    }),
  );
}

function hullPoints(
  { codec, analysis }: ReportCodec,
  shots: readonly Shot[],
  point: PointOf,
): readonly (readonly ReportPoint[])[] {
  return shots.map((shot) =>
    (analysis.hulls[shot.id] ?? []).filter(isTold).map((vertex) => point(codec, shot, vertex)),
  );
}

/** Quarter steps between whole CRFs make a ladder finer, and a drawing only fuller. */
function isTold({ crf, predicted }: OperatingPoint, index: number, hull: readonly OperatingPoint[]): boolean {
  return Number.isInteger(crf) || !predicted || index === 0 || index === hull.length - 1;
}

function ladderOf(
  { codec, rungs }: ReportCodec,
  { source, shots, metric }: ReportFacts,
  point: PointOf,
): readonly Readonly<Record<string, unknown>>[] {
  return rungs.map(({ rung: { id, width, height }, planned, choice, bits, quality, peak, shotBits }) => {
    const bitrateBps = bits / source.duration;
    const points = shots.flatMap((shot) => {
      const chosen = choice.points[shot.id];
      return chosen === undefined ? [] : [point(codec, shot, chosen)];
    });
    return {
      ...{ id, codec, width, height, bitrateBps, ...scored(quality, metric), points, shotBits },
      crf: choice.points.map(({ crf }) => crf),
      predicted: { bitrateBps: planned.bits / source.duration, ...scored(planned.quality, metric) },
      measured: { bitrateBps, ...scored(quality, metric), peakBps: peak },
    };
  });
}

/** Curves of the same film by two codecs, from their trials. */
function againstFirst(first: ReportCodec, other: ReportCodec, source: Source): number | null {
  const curve = ({ analysis }: ReportCodec): ReturnType<typeof rateCurve> =>
    rateCurve(analysis.films, source.duration);
  return other === first ? null : bdRatePercent(curve(other), curve(first));
}

/** What the trials say of those that were not encoded: some points are interpolated, so none count as measured. */
function baselinesOf(
  { fixedCrfNative, perTitleHull }: Baselines,
  facts: ReportFacts,
): readonly PageBaseline[] {
  const curve = (films: readonly PlainFilm[]): readonly FilmPoint[] =>
    films
      .filter((film) => Number.isInteger(film.crf))
      .map((film) => ({ ...filmPoint(film, facts), crf: film.crf }));
  const native = { name: "fixed-crf-native", label: baselineLabels["fixed-crf-native"], measured: false };
  const hull = { name: "per-title-hull", label: baselineLabels["per-title-hull"], measured: false };
  const isEncoded = (name: EncodedBaseline["name"]): boolean =>
    facts.baselines?.some((film) => film.name === name) ?? false;
  return [
    ...(isEncoded("fixed-crf-native") ? [] : [{ ...native, points: curve(fixedCrfNative) }]),
    ...(isEncoded("per-title-hull") ? [] : [{ ...hull, points: curve(perTitleHull) }]),
  ];
}

const baselineLabels: Readonly<Record<EncodedBaseline["name"], string>> = {
  "fixed-crf-native": "full height at one CRF",
  "per-title-hull": "the best height and CRF for the film as a whole",
  ...fixedLadderLabels,
};

function encodedBaselines(facts: ReportFacts): readonly PageBaseline[] {
  const { baselines = [] } = facts;
  const names = [...new Set(baselines.map(({ name }) => name))];
  const other = facts.codecs.some(({ codec }) => codec === "h264") ? "" : ", in H.264";
  return names.map((name) => ({
    ...{ name, label: `${baselineLabels[name]}${other}`, measured: true },
    cpuSeconds: baselines.reduce((sum, film) => sum + (film.name === name ? film.cpuSeconds : 0), 0),
    points: baselines
      .filter((film) => film.name === name)
      .map((film) => ({
        ...filmPoint(film, facts),
        ...(film.crf === undefined ? {} : { crf: film.crf }),
        ...(film.target === undefined ? {} : { targetBps: film.target }),
      })),
  }));
}

type RateName = keyof NonNullable<PageReport["bdRatesFrom"]>;
type Rates = Partial<Readonly<Record<RateName, number | null>>>;

/**
 * Each rate with what it compares. A rate between predicted curves never stands beside a baseline that was encoded: it
 * gives way to the finished H.264 ladder's, and where there is none, to nothing.
 */
function ratesOf(predicted: BdRates, facts: ReportFacts): Pick<PageReport, "bdRatePercent" | "bdRatesFrom"> {
  const finished = finishedRates(facts);
  const from = (name: RateName): Origin => (name in finished ? "finished" : "trials");
  const { netflix2015, peertube } = finished;
  return {
    bdRatePercent: { ...predicted, ...finished },
    bdRatesFrom: {
      ...{ fixedLadder: from("fixedLadder"), fixedCrfNative: from("fixedCrfNative") },
      perTitleHull: from("perTitleHull"),
      ...(netflix2015 === undefined ? {} : { netflix2015: from("netflix2015") }),
      ...(peertube === undefined ? {} : { peertube: from("peertube") }),
    },
  };
}

/** The finished ladder of H.264, which baselines are encoded in, against those that were; null without one. */
function finishedRates({ baselines = [], codecs: all, source }: ReportFacts): Rates {
  const same = all.find(({ codec }) => codec === "h264");
  const ours = same && rateCurve(same.rungs, source.duration);
  const against = (name: EncodedBaseline["name"], key: RateName): Rates => {
    const films = baselines.filter((film) => film.name === name);
    if (films.length === 0) return {};
    return { [key]: ours === undefined ? null : bdRatePercent(ours, rateCurve(films, source.duration)) };
  };
  return {
    ...against("fixed-crf-native", "fixedCrfNative"),
    ...against("netflix-2015", "netflix2015"),
    ...against("peertube", "peertube"),
    ...against("per-title-hull", "perTitleHull"),
  };
}

function filmPoint(
  { width, height, bits, quality }: Size & Pick<PlainFilm, "bits" | "quality">,
  { source, metric }: Pick<ReportFacts, "source" | "metric">,
): FilmPoint {
  return { width, height, bitrateBps: bits / source.duration, ...scored(quality, metric) };
}

/** Only VMAF is called so. */
function scored(quality: number, { name }: Metric): { readonly quality: number; readonly vmaf?: number } {
  return name === "vmaf" ? { quality, vmaf: quality } : { quality };
}

/** A long film has thousands of states; a curve is drawn just as well from these. */
const mostFrontier = 64;

/** Both ends, and between them the first point of each equal step in log₁₀ of the bitrate. */
export function thinned<P extends { readonly bitrateBps: number }>(points: readonly P[]): readonly P[] {
  const [first, last] = [points[0], points.at(-1)];
  if (points.length <= mostFrontier || first === undefined || last === undefined) return points;
  const [low, high] = [Math.log10(first.bitrateBps), Math.log10(last.bitrateBps)];
  const steps = new Map<number, P>();
  for (const point of points) {
    const step = Math.floor(((Math.log10(point.bitrateBps) - low) / (high - low)) * (mostFrontier - 1));
    if (!steps.has(step)) steps.set(step, point);
  }
  return [...steps.values()];
}

function sourceOf(file: string, source: Source): Readonly<Record<string, unknown>> {
  return {
    file,
    sha256: source.sha256,
    width: source.width,
    height: source.height,
    fps: source.frameRate.num / source.frameRate.den,
    frames: source.frames,
    durationSeconds: source.duration,
    hasAudio: source.audio !== undefined,
  };
}
