// From trials to what each shot costs and looks like at every height and CRF: measured where a trial was run,
// interpolated between, and guessed a little beyond. Four CRFs with interpolation come within 1 % of a grid of seven.
// Source: research, encoding §3.
import type { Shot } from "#model/encoded.ts";
import type { AllocationPoint } from "./allocate.ts";
import { type CrfFigure, extended, type Reach } from "./extrapolate.ts";
import { evaluate, pchip } from "./pchip.ts";
import type { Size } from "./size.ts";
import type { GridPoint } from "./trial-grid.ts";

/** What one trial measured for one shot. */
export interface ShotFigure {
  readonly bits: number;
  /** Mean over the shot's frames, 0–100 on the metric's scale. */
  readonly quality: number;
}

/** One whole-film encode, split at the shots. */
export interface Trial {
  readonly point: GridPoint;
  readonly shots: readonly ShotFigure[];
}

export interface OperatingPoint extends AllocationPoint, GridPoint {
  readonly shot: number;
  readonly quality: number;
  /** Interpolated between two trials, or guessed beyond them. */
  readonly predicted: boolean;
}

export interface PointsOrder {
  /** What a frame of this quality lacks. */
  readonly distortion: (quality: number) => number;
  readonly crfStep: number;
  readonly reach: Reach;
}

/** `points[shot]` at one height, by rising CRF: every step of the codec's from a little below the least tried to a little above the greatest. */
export function pointsAt(
  size: Size,
  trials: readonly Trial[],
  shots: readonly Shot[],
  { distortion, crfStep, reach }: PointsOrder,
): readonly (readonly OperatingPoint[])[] {
  const tried = trials
    .filter((trial) => trial.point.height === size.height)
    .sort((a, b) => a.point.crf - b.point.crf);
  return shots.map((shot, index) => {
    const measured = tried.flatMap(({ point, shots: figures }) => {
      const figure = figures[index];
      return figure === undefined ? [] : [{ crf: point.crf, ...figure }];
    });
    return fill(measured, crfStep, reach).map((figure) => operatingPoint(shot, size, figure, distortion));
  });
}

type FilledFigure = CrfFigure & { readonly predicted?: boolean };

/** ln(bits) and quality over CRF, each as a monotone cubic. */
function fill(measured: readonly CrfFigure[], step: number, reach: Reach): readonly FilledFigure[] {
  const knots = extended(measured, reach);
  const [first, last] = [knots[0], knots.at(-1)];
  if (first === undefined || last === undefined) return [];
  const lnBits = pchip(knots.map(({ crf, bits }) => ({ x: crf, y: Math.log(bits) })));
  const quality = pchip(knots.map(({ crf, quality: y }) => ({ x: crf, y })));
  const filled: FilledFigure[] = [];
  for (let crf = first.crf; crf <= last.crf; crf += step) {
    const known = measured.find((figure) => figure.crf === crf);
    const guess = {
      crf,
      bits: Math.exp(evaluate(lnBits, crf)),
      quality: evaluate(quality, crf),
      predicted: true,
    };
    filled.push(known ?? guess);
  }
  return filled;
}

function operatingPoint(
  shot: Shot,
  size: Size,
  { crf, bits, quality, predicted = false }: FilledFigure,
  perFrame: PointsOrder["distortion"],
): OperatingPoint {
  const frames = shot.endFrame - shot.startFrame;
  const distortion = frames * perFrame(quality);
  return { shot: shot.id, ...size, crf, bits, quality, distortion, qualitySum: frames * quality, predicted };
}
