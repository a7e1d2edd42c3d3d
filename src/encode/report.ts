// The figures of report.json, all of them computed from this run's trials and pieces.
import type { Metric, Rung, Shot } from "#model/encoded.ts";
import type { Source } from "#model/source.ts";
import { type Baselines, baselines, type PlainFilm } from "./baselines.ts";
import { bdRatePercent } from "./bd-rate.ts";
import { convexHull } from "./hull.ts";
import { frontier, rateCurve } from "./ladder.ts";
import { type OperatingPoint, pointsAt, type Trial } from "./operating-points.ts";
import type { FilmPoint, PageBaseline } from "./report-page-data.ts";
import type { Size, TrialGrid } from "./trial-grid.ts";

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
  metric: Metric["name"],
): Analysis {
  const byHeight = grid.sizes.map((size) => ({ size, points: pointsAt(size, trials, shots, metric) }));
  const films = frontier(byHeight, source.frames);
  const hulls = shots.map((shot) => convexHull(byHeight.flatMap(({ points }) => points[shot.id] ?? [])));
  const plain = baselines(byHeight, grid, source.frames);
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

export interface ReportFacts {
  readonly fileName: string;
  readonly source: Source;
  readonly metric: Metric;
  readonly effort: string;
  readonly shots: readonly Shot[];
  readonly trials: readonly Trial[];
  readonly analysis: Analysis;
  /** With each rung the bits of its finished pieces. */
  readonly rungs: readonly {
    readonly rung: Rung;
    readonly bits: number;
    /** `expected[shot]`: what the allocation chose. */
    readonly expected: readonly OperatingPoint[];
  }[];
  readonly encodesRun: number;
  readonly encodesReused: number;
  readonly encodesExhaustive: number;
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
}

interface ReportPoint extends Size {
  readonly shot: number;
  readonly crf: number;
  readonly bits: number;
  readonly bitrateBps: number;
  readonly quality: number;
}

/** The shape of wire/encode-report.ts. */
export function reportOf(facts: ReportFacts): Readonly<Record<string, unknown>> {
  const { source, metric, shots, analysis } = facts;
  const { encodesRun, encodesReused, encodesExhaustive, wallSeconds, cpuSeconds, effort } = facts;
  const point = (shot: Shot, size: Size, crf: number, bits: number, quality: number): ReportPoint => {
    const seconds = ((shot.endFrame - shot.startFrame) * source.frameRate.den) / source.frameRate.num;
    return {
      shot: shot.id,
      width: size.width,
      height: size.height,
      crf,
      bits,
      bitrateBps: bits / seconds,
      quality,
    };
  };
  return {
    version: 1,
    source: sourceOf(facts.fileName, source),
    metric,
    effort,
    shots: shots.map(({ startFrame, endFrame }) => ({ startFrame, endFrame })),
    trials: facts.trials.flatMap((trial) =>
      trial.shots.flatMap(({ bits, quality }, index) => {
        const shot = shots[index];
        return shot === undefined ? [] : [point(shot, trial.point, trial.point.crf, bits, quality)];
      }),
    ),
    hulls: shots.map((shot) =>
      (analysis.hulls[shot.id] ?? []).map((vertex) =>
        point(shot, vertex, vertex.crf, vertex.bits, vertex.quality),
      ),
    ),
    ladder: facts.rungs.map(({ rung, bits, expected }) => {
      const { id, codec, width, height, quality, crf } = rung;
      const points = shots.flatMap((shot) => {
        const chosen = expected[shot.id];
        return chosen === undefined ? [] : [point(shot, rung, chosen.crf, chosen.bits, chosen.quality)];
      });
      const predicted = { bitrateBps: rung.bitrate, vmaf: quality };
      const finished = { bitrateBps: bits / source.duration, vmaf: quality };
      return { id, codec, width, height, ...finished, crf, points, predicted };
    }),
    fixedLadder: analysis.baselines.fixedLadder.map(({ height, crf, bits, quality }) => {
      return { height, crf, bitrateBps: bits / source.duration, vmaf: quality };
    }),
    bdRatePercent: analysis.bdRatePercent,
    bdRateFrom: "trials",
    baselines: baselinesOf(analysis.baselines, source),
    frontier: thinned(analysis.films.map((film) => filmPoint({ ...film, ...film.size }, source))),
    ...{ encodesRun, encodesReused, encodesExhaustive, wallSeconds, cpuSeconds },
  };
}

/** What the trials say of them: some points are interpolated, so none count as measured. */
function baselinesOf({ fixedCrfNative, perTitleHull }: Baselines, source: Source): readonly PageBaseline[] {
  const curve = (films: readonly PlainFilm[]): readonly FilmPoint[] =>
    films.map((film) => ({ ...filmPoint(film, source), crf: film.crf }));
  return [
    {
      ...{ name: "fixed-crf-native", label: "full height at one CRF", measured: false },
      points: curve(fixedCrfNative),
    },
    {
      ...{
        name: "per-title-hull",
        label: "the best height and CRF for the film as a whole",
        measured: false,
      },
      points: curve(perTitleHull),
    },
  ];
}

function filmPoint(
  { width, height, bits, quality }: Size & Pick<PlainFilm, "bits" | "quality">,
  source: Source,
): FilmPoint {
  return { width, height, bitrateBps: bits / source.duration, vmaf: quality };
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
