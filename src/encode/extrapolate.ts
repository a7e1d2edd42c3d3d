// A little beyond the CRFs that were tried at one height. The grid is staggered, so that each height is tried only where it is
// likely to be chosen; the best CRF of a single shot often lies just outside.
//
// Measured on three films with every fourth CRF from 18 to 42 tried: films of 12 trials lose 0.3 to 0.9 % to those of 28
// with two steps more at either end, and 1.2 to 1.5 % without. A straight line loses up to 2.5 %, since quality bends where
// it nears the best that a height can look (`npm run bench -- encode --ladder` shows the loss).
import type { ShotFigure } from "./operating-points.ts";

export interface CrfFigure extends ShotFigure {
  readonly crf: number;
}

/** How far beyond the outermost trials, and the CRFs that are never left. */
export interface Reach {
  readonly steps: number;
  readonly least: number;
  readonly greatest: number;
}

/**
 * The figures and at most one more at either end. Two trials do not show how the curve bends, so nothing is added to them.
 *
 * The parabola through the outer three, of ln(bits) and of quality; where it turns, the outermost figure's own value.
 */
export function extended(figures: readonly CrfFigure[], reach: Reach): readonly CrfFigure[] {
  const [a, b, c] = figures;
  const [z, y, x] = [figures.at(-1), figures.at(-2), figures.at(-3)];
  if (a === undefined || b === undefined || c === undefined) return figures;
  if (z === undefined || y === undefined || x === undefined) return figures;
  const low = Math.max(reach.least, a.crf - reach.steps);
  const high = Math.min(reach.greatest, z.crf + reach.steps);
  const below = low < a.crf ? [guess([a, b, c], low)] : [];
  const above = high > z.crf ? [guess([z, y, x], high)] : [];
  return [...below, ...figures, ...above];
}

type Outer = readonly [outermost: CrfFigure, next: CrfFigure, third: CrfFigure];

function guess(outer: Outer, crf: number): CrfFigure {
  const [{ crf: edge, bits, quality }] = outer;
  const lnBits = parabola(outer, crf, (figure) => Math.log(figure.bits));
  const bent = parabola(outer, crf, (figure) => figure.quality);
  return crf > edge
    ? { crf, bits: Math.min(bits, Math.exp(lnBits)), quality: Math.max(0, Math.min(quality, bent)) }
    : { crf, bits: Math.max(bits, Math.exp(lnBits)), quality: Math.min(100, Math.max(quality, bent)) };
}

/** Lagrange's form. */
function parabola(figures: Outer, crf: number, of: (figure: CrfFigure) => number): number {
  return figures.reduce((sum, one) => {
    const weight = figures
      .filter((other) => other !== one)
      .reduce((product, other) => (product * (crf - other.crf)) / (one.crf - other.crf), 1);
    return sum + weight * of(one);
  }, 0);
}
