// Rate–quality curves of one film or of several taken as one: what baselines reached in real encodes, what the optimiser
// predicted, and what its final encodes came to.
import type { RatePoint } from "#encode/bd-rate.ts";
import { convexHull } from "#encode/hull.ts";
import type { CodecAnalysis } from "#encode/io/encode-codecs.ts";
import { type DoneRung, encodeRungs } from "#encode/io/final-encode.ts";
import { frontier, ladderRules, type RungChoice, wishedLadder } from "#encode/ladder.ts";
import type { OperatingPoint } from "#encode/operating-points.ts";
import { withoutPeaks } from "#encode/peak.ts";
import type { OpenClip } from "./encode-clips.ts";

/** A clip with its trials. */
export interface TriedClip {
  readonly clip: OpenClip;
  readonly tried: CodecAnalysis;
}

/** Bits over the summed length and frame-weighted quality, for films that are shown one after the other. */
export interface WholeFilm {
  readonly bits: number;
  readonly quality: number;
}

export function curveOf(films: readonly WholeFilm[], clips: readonly TriedClip[]): readonly RatePoint[] {
  const seconds = clips.reduce((sum, { clip }) => sum + clip.film.source.duration, 0);
  return films.map(({ bits, quality }) => ({ bitrate: bits / seconds, quality }));
}

/** Every trial as a film at one height and one CRF: `[fraction][crf]`, real encodes only. */
function plainFilms(clips: readonly TriedClip[]): readonly (readonly WholeFilm[])[] {
  const [first] = clips;
  return (first?.tried.grid.sizes ?? []).map((_, fraction) => {
    const own = clips.map(({ tried }) => {
      const height = tried.grid.sizes[fraction]?.height;
      return tried.trials.filter(({ point }) => point.height === height);
    });
    return (own[0] ?? []).map((_, index) => {
      const parts = clips.map(({ clip }, n) => wholeOf(clip, own[n]?.[index]?.shots ?? []));
      return joined(parts, clips);
    });
  });
}

/** A trial as a whole film. */
export function wholeOf(
  { film }: OpenClip,
  shots: readonly { readonly bits: number; readonly quality: number }[],
): WholeFilm {
  let [bits, sum] = [0, 0];
  for (const { id, startFrame, endFrame } of film.shots) {
    bits += shots[id]?.bits ?? 0;
    sum += (shots[id]?.quality ?? 0) * (endFrame - startFrame);
  }
  return { bits, quality: sum / film.source.frames };
}

/** Films shown one after the other as one. */
export function joined(parts: readonly WholeFilm[], clips: readonly TriedClip[]): WholeFilm {
  const frames = clips.map(({ clip }) => clip.film.source.frames);
  const total = frames.reduce((sum, count) => sum + count, 0);
  return {
    bits: parts.reduce((sum, { bits }) => sum + bits, 0),
    quality: parts.reduce((sum, { quality }, n) => sum + quality * (frames[n] ?? 0), 0) / total,
  };
}

/** Full height at one CRF. */
export function nativeFilms(clips: readonly TriedClip[]): readonly WholeFilm[] {
  return plainFilms(clips)[0] ?? [];
}

/** The best height and CRF for everything at once. */
export function titleHull(clips: readonly TriedClip[]): readonly WholeFilm[] {
  const films = plainFilms(clips).flat();
  return convexHull(films.map((film) => ({ ...film, distortion: -film.quality })));
}

/** All optimal films with one height per rung; `size.height` is the index of the fraction of the display height. */
export function optimalFilms(clips: readonly TriedClip[]): ReturnType<typeof frontier> {
  const fractions = clips[0]?.tried.analysis.byHeight.length ?? 0;
  const byHeight = Array.from({ length: fractions }, (_, fraction) => ({
    size: { width: fraction, height: fraction },
    points: clips.flatMap(({ tried }) => tried.analysis.byHeight[fraction]?.points ?? []),
  }));
  return frontier(byHeight, framesOf(clips));
}

function framesOf(clips: readonly TriedClip[]): number {
  return clips.reduce((sum, { clip }) => sum + clip.film.source.frames, 0);
}

/** One rung per quality, as far as the films tell them apart. */
export function rungsFor(clips: readonly TriedClip[], targets: readonly number[]): readonly RungChoice[] {
  return wishedLadder(optimalFilms(clips), { kind: "qualities", targets }, ladderRules.vmaf, 1);
}

/** The part of a rung over all clips that is one clip's. */
function partOf(rung: RungChoice, clips: readonly TriedClip[], index: number): RungChoice {
  const before = clips.slice(0, index).reduce((sum, { clip }) => sum + clip.film.shots.length, 0);
  const own = clips[index];
  if (own === undefined) throw new Error("a clip that is there");
  const count = own.clip.film.shots.length;
  const size = own.tried.grid.sizes[rung.height] ?? own.clip.film.source;
  const points = rung.points.slice(before, before + count);
  const bits = points.reduce((sum, point) => sum + point.bits, 0);
  const quality = points.reduce((sum, point) => sum + point.qualitySum, 0) / own.clip.film.source.frames;
  const hulls = rung.hulls.slice(before, before + count);
  return { width: size.width, height: size.height, bits, quality, points, hulls };
}

export interface Finished {
  readonly films: readonly WholeFilm[];
  /** Every clip's part of every rung. */
  readonly rungs: readonly DoneRung[];
}

/** The part of a rung that is one clip's, with no segment too dear: what the clip's own ladder would be made of. */
export function cappedPart(rung: RungChoice, clips: readonly TriedClip[], index: number): RungChoice {
  const part = partOf(rung, clips, index);
  const own = clips[index];
  if (own === undefined) return part;
  const { shots, plan, frames, reference, peakRatio } = own.tried.trialOrder;
  return withoutPeaks(part, { shots, plan, frames, rate: reference.rate }, peakRatio);
}

/** The rungs really encoded and scored, clip by clip. */
export async function finalFilms(
  rungs: readonly RungChoice[],
  clips: readonly TriedClip[],
): Promise<Finished> {
  const parts: DoneRung[][] = [];
  for (const [index, { clip, tried }] of clips.entries()) {
    const own = rungs.map((rung) => cappedPart(rung, clips, index));
    const done = await encodeRungs(own, tried.trialOrder, clip.film.bench, {
      encoding: (progress) => {
        if (progress.done === progress.total)
          process.stderr.write(`${clip.name}: ${progress.total} batches of ${rungs.length} rungs\n`);
      },
      scoring: () => undefined,
    });
    parts.push([...done.rungs]);
  }
  const films = rungs.map((_, rung) =>
    joined(
      parts.map((own) => ({ bits: own[rung]?.bits ?? 0, quality: own[rung]?.quality ?? 0 })),
      clips,
    ),
  );
  return { films, rungs: parts.flat() };
}

/**
 * The films a coarse grid would choose, as the full grid's operating points say they really are: the loss of the coarse
 * grid is then not flattered by its own interpolation.
 */
export function judgedBy(coarse: TriedClip, full: TriedClip): readonly WholeFilm[] {
  const { frames } = coarse.clip.film.source;
  const targets = Array.from({ length: 14 }, (_, n) => 30 + 5 * n);
  return rungsFor([coarse], targets).flatMap((rung) => {
    const points = full.tried.analysis.byHeight[rung.height]?.points ?? [];
    const truly = rung.points.map((point, shot) => atCrf(points[shot] ?? [], point.crf));
    if (!truly.every((point) => point !== undefined)) return [];
    return [
      {
        bits: truly.reduce((sum, point) => sum + point.bits, 0),
        quality: truly.reduce((sum, point) => sum + point.qualitySum, 0) / frames,
      },
    ];
  });
}

function atCrf(points: readonly OperatingPoint[], crf: number): OperatingPoint | undefined {
  return points.find((point) => Math.abs(point.crf - crf) < 1e-6);
}
